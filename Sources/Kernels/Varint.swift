/// Writes `value` as a varint (LEB128, 7 bits a byte, least significant group first).
///
/// Shape: 1 to 10 bytes at `out`. Returns the number of bytes written. Complexity: O(bits / 7).
@inlinable
public func writeVarint(_ value: UInt64, to out: UnsafeMutablePointer<UInt8>) -> Int {
    var rest = value
    var n = 0
    while rest >= 0x80 {
        out[n] = UInt8(truncatingIfNeeded: rest) | 0x80
        rest &>>= 7
        n &+= 1
    }
    out[n] = UInt8(truncatingIfNeeded: rest)
    return n &+ 1
}

/// A forward reader over bytes that never leaves them.
///
/// Shape: `offset` in `0...count`. A read past the end answers zero and sets `failed`, which stays set: callers
/// decode a whole structure and ask once, so that damaged bytes cost no branch per value and never a wild access.
@frozen
public struct ByteReader {
    /// The first byte.
    public let base: UnsafeRawPointer
    /// Bytes in all.
    public let count: Int
    /// Bytes read.
    public var offset: Int
    /// Whether a read did not make sense; stays set.
    public var failed = false

    /// A reader over `count` bytes at `base`, starting at `offset`.
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

    /// Whether all bytes were read.
    @inlinable public var isAtEnd: Bool { offset >= count }

    /// The next varint; zero and `failed` at the end of the bytes or when it has more than 64 bits.
    @inlinable
    @inline(__always)
    public mutating func varint() -> UInt64 {
        // Most are short; eight bytes are loaded where there are as many.
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

    /// The next varint as a count or offset; `failed` when it does not fit `Int`.
    @inlinable
    public mutating func length() -> Int {
        let value = varint()
        if value > UInt64(Int.max) {
            failed = true
            return 0
        }
        return Int(truncatingIfNeeded: value)
    }

    /// The next little-endian integer.
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

    /// The next `length` bytes, in place; empty and `failed` when there are fewer.
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
