import Kernels

/// What follows the first positions of a block: for each document in turn the gaps to its further positions, packed
/// with one width, which stands before them.
struct LaterPositions {
    let bytes: UnsafeRawPointer
    let width: Int
    /// Gaps there is room for; without bits all stand at one place, which takes none: only that so many are no text's
    /// tells damage.
    let count: Int

    init(_ start: UnsafeRawPointer, end: UnsafeRawPointer) {
        width = start < end ? Int(start.load(as: UInt8.self)) : 0
        bytes = start + 1
        let isThere = start < end && width <= 32
        count = !isThere ? 0 : width == 0 ? 1 << 20 : (end - bytes) * 8 / width
    }

    @inline(__always)
    func gap(_ index: Int) -> UInt32 {
        width == 0 ? 0 : UInt32(truncatingIfNeeded: unpack64(bytes, index: index, width: width))
    }
}
