/// The smallest width in bits (0...64) that holds `value`; 0 for zero.
@inlinable
public func bitWidth(of value: UInt64) -> Int { 64 &- value.leadingZeroBitCount }

/// The size in bytes of `count` packed values of `width` bits, rounded up to a whole byte.
@inlinable
public func packedByteCount(_ count: Int, width: Int) -> Int { (count &* width &+ 7) &>> 3 }

/// Packs 32-bit values back to back, least significant bit first.
///
/// Shape: `count` values below 2^`width`, `width` 0...32; writes `packedByteCount` bytes at `out`, which must have room
/// for 8 bytes more. Returns the number of bytes written. Complexity: O(count).
///
/// ```swift
/// let width = bitWidth(of: UInt64(values.max() ?? 0))
/// let byteCount = pack32(values, count: values.count, width: width, to: out)
/// unpack32(out, count: values.count, width: width, into: &copies)
/// ```
@inlinable
public func pack32(
    _ values: UnsafePointer<UInt32>, count: Int, width: Int, to out: UnsafeMutablePointer<UInt8>
) -> Int {
    let target = UnsafeMutableRawPointer(out)
    var pending: UInt64 = 0
    var bits = 0
    var offset = 0
    for i in 0..<count {
        pending |= UInt64(values[i]) &<< UInt64(truncatingIfNeeded: bits)
        bits &+= width
        if bits >= 32 {
            let word = UInt32(truncatingIfNeeded: pending).littleEndian
            target.storeBytes(of: word, toByteOffset: offset, as: UInt32.self)
            pending &>>= 32
            bits &-= 32
            offset &+= 4
        }
    }
    target.storeBytes(of: UInt32(truncatingIfNeeded: pending).littleEndian, toByteOffset: offset, as: UInt32.self)
    return packedByteCount(count, width: width)
}

/// Unpacks values that `pack32` wrote.
///
/// Shape: `count` values of `width` bits (0...32) from `source`, at any alignment, into `values`. Eight bytes beyond
/// the packed ones must be readable (every section of a segment is followed by more than that). Complexity: O(count).
@inlinable
public func unpack32(_ source: UnsafeRawPointer, count: Int, width: Int, into values: UnsafeMutablePointer<UInt32>) {
    if width == 0 {
        values.update(repeating: 0, count: count)
        return
    }
    let mask = UInt64(1) &<< UInt64(truncatingIfNeeded: width) &- 1
    var bit = 0
    for i in 0..<count {
        let word = UInt64(littleEndian: source.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self))
        values[i] = UInt32(truncatingIfNeeded: word &>> UInt64(truncatingIfNeeded: bit & 7) & mask)
        bit &+= width
    }
}

/// Unpacks gaps that `pack32` wrote, each stored minus one, into the ascending numbers that they separate.
///
/// Shape: as `unpack32`; the first number is `base` + its gap + 1, and arithmetic wraps. Complexity: O(count).
@inlinable
public func unpackAscending32(
    _ source: UnsafeRawPointer, count: Int, width: Int, base: UInt32, into values: UnsafeMutablePointer<UInt32>
) {
    let mask = UInt64(1) &<< UInt64(truncatingIfNeeded: width) &- 1
    var last = base
    var bit = 0
    for i in 0..<count {
        let word = UInt64(littleEndian: source.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self))
        last = last &+ UInt32(truncatingIfNeeded: word &>> UInt64(truncatingIfNeeded: bit & 7) & mask) &+ 1
        values[i] = last
        bit &+= width
    }
}

/// Returns one value of an array that `pack64` wrote.
///
/// Shape: value `index` of `width` bits (0...56, or 64) from `source`; eight bytes beyond the array must be readable.
/// The index is not checked. Complexity: O(1), one load.
@inlinable
public func unpack64(_ source: UnsafeRawPointer, index: Int, width: Int) -> UInt64 {
    if width == 64 {
        return UInt64(littleEndian: source.loadUnaligned(fromByteOffset: index &* 8, as: UInt64.self))
    }
    let bit = index &* width
    let word = UInt64(littleEndian: source.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self))
    let mask = UInt64(1) &<< UInt64(truncatingIfNeeded: width) &- 1
    return word &>> UInt64(truncatingIfNeeded: bit & 7) & mask
}

/// The width in bits with which `pack64` packs an array whose maximum is `maximum`: widths 57...63 become 64, so that a
/// value never spans nine bytes.
@inlinable
public func packedWidth64(for maximum: UInt64) -> Int {
    let width = bitWidth(of: maximum)
    return width > 56 ? 64 : width
}

/// Packs 64-bit values for `unpack64` and appends them to `out`.
///
/// Shape: `count` values below 2^`width`, where `width` comes from `packedWidth64`; appends `packedByteCount` bytes.
/// The caller provides the 8 readable bytes that `unpack64` needs after them. Complexity: O(count).
public func pack64(_ values: UnsafePointer<UInt64>, count: Int, width: Int, to out: inout GrowableBuffer<UInt8>) {
    if width == 0 { return }
    let bytes = packedByteCount(count, width: width)
    let start = out.count
    out.append(repeating: 0, count: bytes + 8)
    let target = UnsafeMutableRawPointer(out.base + start)
    for i in 0..<count {
        let bit = i &* width
        let offset = bit &>> 3
        let old = target.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        let new = old | (values[i] &<< UInt64(truncatingIfNeeded: bit & 7)).littleEndian
        target.storeBytes(of: new, toByteOffset: offset, as: UInt64.self)
    }
    out.count = start + bytes
}
