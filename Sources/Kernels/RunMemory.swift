/// A run of bytes that is used again and again: as long as a segment has documents, or a dictionary terms.
public final class RunMemory {
    private var bytes = GrowableBuffer<UInt8>(capacity: 64)

    /// Memory for a few bytes; `clear` makes room.
    public init() {}

    /// Makes it so many bytes, each of them 0. Complexity: O(count).
    public func clear(_ count: Int) {
        bytes.removeAll()
        bytes.append(repeating: 0, count: count)
    }

    /// Bytes of memory.
    public var byteCount: Int { bytes.capacity }
    /// The first byte; valid until the next `clear`. Aligned for any trivial type.
    public var base: UnsafeMutablePointer<UInt8> { bytes.base }
}
