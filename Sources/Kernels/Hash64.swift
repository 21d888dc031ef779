/// Returns a 64-bit hash of `count` bytes, for hash tables and key filters.
///
/// Key filters on disk store bits derived from it, so its values are part of the format and the same on all platforms.
/// It does not resist adversaries who choose the keys.
///
/// Each step takes eight bytes: one full 64 × 64 multiplication mixes the running value, and the halves are folded.
/// Complexity: O(bytes). Source of the idea: Wang Yi's wyhash ("multiply and fold").
@inlinable
public func hash64(_ start: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
    var hash: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ UInt64(truncatingIfNeeded: count)
    var p = UnsafeRawPointer(start)
    var left = count
    while left > 8 {
        hash = foldedProduct(hash ^ UInt64(littleEndian: p.loadUnaligned(as: UInt64.self)), 0xD6E8_FEB8_6659_FD93)
        p += 8
        left &-= 8
    }
    return foldedProduct(hash ^ loadShort(p, left), 0xA076_1D64_78BD_642F)
}

/// Returns the exclusive or of the low and the high half of the 128-bit product.
@inlinable
public func foldedProduct(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.low ^ product.high
}

/// Returns the first `min(count, 8)` bytes as a little-endian word, zero-extended; reads no other bytes.
@inlinable
public func loadShort(_ p: UnsafeRawPointer, _ count: Int) -> UInt64 {
    if count >= 8 { return UInt64(littleEndian: p.loadUnaligned(as: UInt64.self)) }
    if count >= 4 {
        let low = UInt64(UInt32(littleEndian: p.loadUnaligned(as: UInt32.self)))
        let high = UInt64(UInt32(littleEndian: p.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)))
        return low | high &<< UInt64(truncatingIfNeeded: (count &- 4) &* 8)
    }
    if count == 0 { return 0 }
    let first = UInt64(p.load(as: UInt8.self))
    let middle = UInt64(p.load(fromByteOffset: count &>> 1, as: UInt8.self))
    let last = UInt64(p.load(fromByteOffset: count &- 1, as: UInt8.self))
    let shift = UInt64(truncatingIfNeeded: (count &>> 1) &* 8)
    return first | middle &<< shift | last &<< UInt64(truncatingIfNeeded: (count &- 1) &* 8)
}
