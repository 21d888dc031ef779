public import Kernels

/// One value of a document's member.
@frozen
public struct DocumentValue: BitwiseCopyable, Sendable {
    /// Number of the member in `Members`.
    public var member: UInt32
    /// First byte in `DocumentBuffer.bytes` (text).
    public var start: UInt32
    /// Bytes (text).
    public var length: UInt32
    /// Bit pattern of the `Int64` or `Double` (numbers), 1 for true.
    public var number: UInt64

    /// A value; the parts its kind does not use are zero.
    @inlinable
    public init(member: Int, start: Int = 0, length: Int = 0, number: UInt64 = 0) {
        self.member = UInt32(truncatingIfNeeded: member)
        self.start = UInt32(truncatingIfNeeded: start)
        self.length = UInt32(truncatingIfNeeded: length)
        self.number = number
    }
}

/// One document between scanner and writer: flat, reused, without a heap object per value.
///
/// Shape: `values` in the order they were read, text as ranges of `bytes` (valid UTF-8). Values of one member follow
/// each other only if the input had them so.
public struct DocumentBuffer: ~Copyable {
    /// Most values of a document.
    static let mostValues = 65_536

    /// Text of all values.
    public var bytes = GrowableBuffer<UInt8>(capacity: 4096)
    /// The values.
    public var values = GrowableBuffer<DocumentValue>(capacity: 64)

    /// An empty document.
    public init() {}

    /// Forgets the document.
    @inlinable
    public mutating func reset() {
        bytes.removeAll()
        values.removeAll()
    }

    /// Adds a text value.
    public mutating func append(_ member: Int, text: String) {
        let start = bytes.count
        bytes.append(utf8: text)
        values.append(DocumentValue(member: member, start: start, length: bytes.count - start))
    }

    /// Adds a whole number.
    public mutating func append(_ member: Int, integer: Int64) {
        values.append(DocumentValue(member: member, number: UInt64(bitPattern: integer)))
    }

    /// Adds a floating-point number.
    public mutating func append(_ member: Int, float: Double) {
        values.append(DocumentValue(member: member, number: float.bitPattern))
    }

    /// Adds true or false.
    public mutating func append(_ member: Int, boolean: Bool) {
        values.append(DocumentValue(member: member, number: boolean ? 1 : 0))
    }

    /// The bytes of a text value, valid until the document changes.
    @inlinable
    public func text(_ value: DocumentValue) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: bytes.base + Int(value.start), count: Int(value.length))
    }
}
