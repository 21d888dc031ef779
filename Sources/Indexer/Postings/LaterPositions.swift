import Kernels

/// What follows the first positions of a block: for each document in turn the gaps to its further positions, packed
/// with one width, which stands before them.
struct LaterPositions {
    let bytes: UnsafeRawPointer
    let width: Int
    private let count: Int

    init(_ start: UnsafeRawPointer, end: UnsafeRawPointer) {
        width = start < end ? Int(start.load(as: UInt8.self)) : 0
        bytes = start + 1
        let isThere = start < end && width <= 32
        count = !isThere ? 0 : width == 0 ? Self.mostAtOnePlace : (end - bytes) * 8 / width
    }

    /// Without bits all stand at one place, which takes none: only that so many are no text's tells damage.
    private static let mostAtOnePlace = 1 << 20

    /// Gaps there is room for from one on.
    func room(from index: Int) -> Int { width == 0 ? count : count &- index }

    @inline(__always)
    func gap(_ index: Int) -> UInt32 {
        width == 0 ? 0 : UInt32(truncatingIfNeeded: unpack64(bytes, index: index, width: width))
    }
}
