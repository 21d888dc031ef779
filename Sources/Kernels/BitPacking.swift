/// The smallest width in bits (0...64) that holds `value`.
@inlinable
public func bitWidth(of value: UInt64) -> Int { 64 &- value.leadingZeroBitCount }

/// Bytes that `count` values of `width` bits take.
@inlinable
public func packedByteCount(_ count: Int, width: Int) -> Int { (count &* width &+ 7) &>> 3 }

/// Packs 32-bit values one behind the other, least significant bit first.
///
/// Shape: `count` values below 2^`width`, `width` 0...32; writes `packedByteCount` bytes at `out`, which must have 8
/// bytes of room beyond them. Returns the bytes written. Complexity: O(count).
@inlinable
public func pack32(
    _ values: UnsafePointer<UInt32>, count: Int, width: Int, to out: UnsafeMutablePointer<UInt8>
) -> Int {
    let target = UnsafeMutableRawPointer(out)
    var pending: UInt64 = 0
    var bits = 0
    var at = 0
    for i in 0..<count {
        pending |= UInt64(values[i]) &<< UInt64(truncatingIfNeeded: bits)
        bits &+= width
        if bits >= 32 {
            target.storeBytes(of: UInt32(truncatingIfNeeded: pending).littleEndian, toByteOffset: at, as: UInt32.self)
            pending &>>= 32
            bits &-= 32
            at &+= 4
        }
    }
    target.storeBytes(of: UInt32(truncatingIfNeeded: pending).littleEndian, toByteOffset: at, as: UInt32.self)
    return packedByteCount(count, width: width)
}

/// Unpacks what `pack32` wrote.
///
/// Shape: `count` values of `width` bits (0...32) from `source` into `values`. Eight bytes beyond the packed ones
/// must be readable (every section of a segment is followed by more than that). Complexity: O(count).
@inlinable
public func unpack32(
    _ source: UnsafeRawPointer, count: Int, width: Int, into values: UnsafeMutablePointer<UInt32>
) {
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

/// Unpacks gaps that `pack32` wrote, each less one, and sums them up.
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

/// One value of a packed array of 64-bit values.
///
/// Shape: value `index` of `width` bits (0...56, or 64) from `source`; eight bytes beyond the array must be readable.
/// Complexity: O(1), one load.
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

/// The width an array of 64-bit values is packed with: widths 57...63 become 64, so that a value never spans nine
/// bytes.
@inlinable
public func packedWidth64(for greatest: UInt64) -> Int {
    let width = bitWidth(of: greatest)
    return width > 56 ? 64 : width
}

/// Packs 64-bit values for `unpack64`, appended to `out`.
///
/// Shape: `count` values below 2^`width`; `width` as from `packedWidth64`. Complexity: O(count).
public func pack64(
    _ values: UnsafePointer<UInt64>, count: Int, width: Int, to out: inout GrowableBuffer<UInt8>
) {
    if width == 0 { return }
    let bytes = packedByteCount(count, width: width)
    let start = out.count
    out.append(repeating: 0, count: bytes + 8)
    let target = UnsafeMutableRawPointer(out.base + start)
    for i in 0..<count {
        let bit = i &* width
        let at = bit &>> 3
        let old = target.loadUnaligned(fromByteOffset: at, as: UInt64.self)
        let new = old | (values[i] &<< UInt64(truncatingIfNeeded: bit & 7)).littleEndian
        target.storeBytes(of: new, toByteOffset: at, as: UInt64.self)
    }
    out.count = start + bytes
}
