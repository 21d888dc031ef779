/// A byte array with one byte per document of a segment, or per term of a dictionary, whose memory is reused from query
/// to query. It is not thread-safe.
public final class ReusableBytes {
    private var bytes = GrowableBuffer<UInt8>(capacity: 64)

    /// Creates an array with memory for a few bytes; `clear` makes room for more.
    public init() {}

    /// Resizes the array to `count` bytes, all of them 0. Complexity: O(count).
    public func clear(_ count: Int) {
        bytes.removeAll()
        bytes.append(repeating: 0, count: count)
    }

    /// The size of the allocated memory in bytes.
    public var byteCount: Int { bytes.capacity }
    /// The first byte; valid until the next `clear` and aligned for any trivial type.
    public var base: UnsafeMutablePointer<UInt8> { bytes.base }
}
