public import Kernels

/// One value of a document's member.
@frozen
public struct DocumentValue: BitwiseCopyable, Sendable {
    /// The number of the member in `Members`.
    public var member: UInt32
    /// The offset of the first byte in `DocumentBuffer.bytes` (text only).
    public var start: UInt32
    /// The number of bytes (text only).
    public var length: UInt32
    /// The kind of the value; `Members.problem(of:)` compares it with that of the member.
    public var kind: ValueKind
    /// The bit pattern of the `Int64` or `Double` (numbers); 1 for true, 0 for false.
    public var number: UInt64

    /// Creates a value; the properties that its kind does not use are zero.
    @inlinable
    public init(member: Int, kind: ValueKind, start: Int = 0, length: Int = 0, number: UInt64 = 0) {
        self.member = UInt32(truncatingIfNeeded: member)
        self.kind = kind
        self.start = UInt32(truncatingIfNeeded: start)
        self.length = UInt32(truncatingIfNeeded: length)
        self.number = number
    }
}

/// One document on its way from a scanner to a writer: flat, reusable, without a heap object per value.
///
/// Shape: `values` in the order they were parsed, text as ranges of `bytes` (valid UTF-8). Values of one member are
/// adjacent only if they were in the input. `Members.number(of:)` returns the number of a member. The buffer checks
/// nothing; `Members.problem(of:)` and the writers do.
public struct DocumentBuffer: ~Copyable {
    /// The maximum number of values of a document.
    public static let maxValues = 65_536

    /// The text of all values; bytes that belong to no value may lie between.
    public var bytes = GrowableBuffer<UInt8>(capacity: 4096)
    /// The values.
    public var values = GrowableBuffer<DocumentValue>(capacity: 64)

    /// Creates a buffer that holds an empty document.
    public init() {}

    /// Removes the document and keeps the memory.
    @inlinable
    public mutating func reset() {
        bytes.removeAll()
        values.removeAll()
    }

    /// Appends a text value.
    public mutating func append(_ member: Int, text: String) {
        let start = bytes.count
        bytes.append(utf8: text)
        values.append(DocumentValue(member: member, kind: .text, start: start, length: bytes.count - start))
    }

    /// Appends a whole number.
    public mutating func append(_ member: Int, integer: Int64) {
        values.append(DocumentValue(member: member, kind: .integer, number: UInt64(bitPattern: integer)))
    }

    /// Appends a floating-point number.
    public mutating func append(_ member: Int, float: Double) {
        values.append(DocumentValue(member: member, kind: .float, number: float.bitPattern))
    }

    /// Appends true or false.
    public mutating func append(_ member: Int, boolean: Bool) {
        values.append(DocumentValue(member: member, kind: .boolean, number: boolean ? 1 : 0))
    }

    /// Returns the bytes of a text value, valid until the buffer is mutated.
    @inlinable
    public func text(_ value: DocumentValue) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: bytes.base + Int(value.start), count: Int(value.length))
    }
}
