/// Writes `value` as a varint (LEB128, 7 bits a byte, least significant group first).
///
/// Shape: 1 to 10 bytes at `out`. Returns the number of bytes written. Complexity: O(bits / 7).
@inlinable
public func writeVarint(_ value: UInt64, to out: UnsafeMutablePointer<UInt8>) -> Int {
    var remaining = value
    var n = 0
    while remaining >= 0x80 {
        out[n] = UInt8(truncatingIfNeeded: remaining) | 0x80
        remaining &>>= 7
        n &+= 1
    }
    out[n] = UInt8(truncatingIfNeeded: remaining)
    return n &+ 1
}

/// A forward reader over bytes that never reads outside them.
///
/// Shape: `offset` in `0...count`. A read past the end returns zero and sets `failed`, which stays set: callers decode
/// a whole structure and check once, so that corrupt bytes cost no branch per value and never a wild access. The bytes
/// must outlive the reader.
///
/// ```swift
/// var reader = ByteReader(base, count: count)
/// let documents = reader.length()
/// let minimum = reader.integer(UInt32.self)
/// guard !reader.failed else { throw corrupt }
/// ```
@frozen
public struct ByteReader {
    /// The first byte.
    public let base: UnsafeRawPointer
    /// The total number of bytes.
    public let count: Int
    /// The number of bytes read so far.
    public var offset: Int
    /// True if a read passed the end of the bytes or found an invalid value; stays set.
    public var failed = false

    /// Creates a reader over `count` bytes at `base`, starting at `offset`; `failed` when the offset is outside them.
    @inlinable
    public init(_ base: UnsafeRawPointer, count: Int, offset: Int = 0) {
        self.base = base
        self.count = count
        self.offset = offset
        if offset < 0 || offset > count {
            self.offset = 0
            failed = true
        }
    }

    /// True if all bytes were read.
    @inlinable public var isAtEnd: Bool { offset >= count }

    /// Reads a varint; zero and `failed` at the end of the bytes or when it has more than 64 bits.
    @inlinable
    @inline(__always)
    public mutating func varint() -> UInt64 {
        // Most varints have at most three bytes: one load of eight bytes, where there are as many, serves them all.
        if count &- offset >= 8 {
            let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            if word & 0x80 == 0 {
                offset &+= 1
                return word & 0x7F
            }
            if word & 0x8000 == 0 {
                offset &+= 2
                return word & 0x7F | word &>> 1 & 0x3F80
            }
            if word & 0x80_0000 == 0 {
                offset &+= 3
                return word & 0x7F | word &>> 1 & 0x3F80 | word &>> 2 & 0x1F_C000
            }
        }
        return longVarint()
    }

    /// Reads a varint byte by byte: one of any length, anywhere.
    @usableFromInline
    mutating func longVarint() -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while offset < count, shift < 64 {
            let byte = base.load(fromByteOffset: offset, as: UInt8.self)
            offset &+= 1
            value |= UInt64(byte & 0x7F) &<< shift
            if byte < 0x80 {
                if shift == 63, byte > 1 { break }
                return value
            }
            shift &+= 7
        }
        failed = true
        return 0
    }

    /// Reads a varint that is a count or an offset; zero and `failed` when it does not fit `Int`.
    @inlinable
    public mutating func length() -> Int {
        let value = varint()
        if value > UInt64(Int.max) {
            failed = true
            return 0
        }
        return Int(truncatingIfNeeded: value)
    }

    /// Reads a little-endian integer of a fixed width; zero and `failed` when fewer bytes remain.
    @inlinable
    public mutating func integer<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type) -> T {
        let size = MemoryLayout<T>.size
        guard count &- offset >= size else {
            failed = true
            return 0
        }
        let value = base.loadUnaligned(fromByteOffset: offset, as: T.self)
        offset &+= size
        return T(littleEndian: value)
    }

    /// Reads `length` bytes without copying them; empty and `failed` when fewer remain.
    @inlinable
    public mutating func bytes(_ length: Int) -> UnsafeRawBufferPointer {
        guard length >= 0, count &- offset >= length else {
            failed = true
            return UnsafeRawBufferPointer(start: base, count: 0)
        }
        defer { offset &+= length }
        return UnsafeRawBufferPointer(start: base + offset, count: length)
    }
}
