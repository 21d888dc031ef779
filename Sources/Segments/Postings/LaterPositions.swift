import Kernels

/// The second part of a block of positions: for each document, in the order of slots, the distances of its later
/// positions from the one before, packed with one width.
///
/// Bytes: width u8 │ packed(distances, width). The bytes are not copied.
struct LaterPositions {
    /// The packed distances.
    let bytes: UnsafeRawPointer
    /// Bits per distance.
    let width: Int
    /// The number of distances for which the section has room.
    private let count: Int

    /// Reads the width at `start`. Without bytes before `end`, the end of the section, or with an invalid width, there
    /// are no distances.
    init(_ start: UnsafeRawPointer, end: UnsafeRawPointer) {
        width = start < end ? Int(start.load(as: UInt8.self)) : 0
        bytes = start + 1
        let isValid = start < end && width <= 32
        count = !isValid ? 0 : width == 0 ? Self.maxWithoutBits : (end - bytes) * 8 / width
    }

    /// The limit of `count` if the width is 0, that is, if all occurrences of a document are at one position and take
    /// no space. No text has as many; corrupt counts beyond it are detected.
    private static let maxWithoutBits = 1 << 20

    /// Returns an upper bound of the number of distances from an index on.
    func room(from index: Int) -> Int { width == 0 ? count : count &- index }

    /// Returns the distance at an index, which is not checked.
    @inline(__always)
    func gap(_ index: Int) -> UInt32 {
        width == 0 ? 0 : UInt32(truncatingIfNeeded: unpack64(bytes, index: index, width: width))
    }
}
