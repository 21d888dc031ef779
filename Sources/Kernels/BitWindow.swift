// Bit windows: one bit per document of a range of documents, the form in which queries exchange their matches. `words`
// is the length of a window in 64-bit words; bit `slot` is bit `slot % 64` of word `slot / 64`. No bounds are checked.

/// Sets bit `slot`.
@inlinable
@inline(__always)
public func setBit(_ bits: UnsafeMutablePointer<UInt64>, _ slot: Int) {
    bits[slot &>> 6] |= 1 &<< UInt64(truncatingIfNeeded: slot & 63)
}

/// True if bit `slot` is set.
@inlinable
@inline(__always)
public func hasBit(_ bits: UnsafePointer<UInt64>, _ slot: Int) -> Bool {
    bits[slot &>> 6] &>> UInt64(truncatingIfNeeded: slot & 63) & 1 == 1
}

/// Computes `bits &= other` and returns the number of bits that remain set. Complexity: O(words).
@inlinable
public func intersectBits(_ bits: UnsafeMutablePointer<UInt64>, _ other: UnsafePointer<UInt64>, words: Int) -> Int {
    var count = 0
    for i in 0..<words {
        bits[i] &= other[i]
        count &+= bits[i].nonzeroBitCount
    }
    return count
}

/// Computes `bits |= other`. Complexity: O(words).
@inlinable
public func uniteBits(_ bits: UnsafeMutablePointer<UInt64>, _ other: UnsafePointer<UInt64>, words: Int) {
    for i in 0..<words { bits[i] |= other[i] }
}

/// Computes `bits &= ~other`. Complexity: O(words).
@inlinable
public func subtractBits(_ bits: UnsafeMutablePointer<UInt64>, _ other: UnsafePointer<UInt64>, words: Int) {
    for i in 0..<words { bits[i] &= ~other[i] }
}

/// Returns the number of set bits. Complexity: O(words).
@inlinable
public func countBits(_ bits: UnsafePointer<UInt64>, words: Int) -> Int {
    var count = 0
    for i in 0..<words { count &+= bits[i].nonzeroBitCount }
    return count
}

/// True if at least `minimum` bits are set. Complexity: O(words), and the scan stops as soon as the result is known.
@inlinable
public func hasAtLeast(_ minimum: Int, _ bits: UnsafePointer<UInt64>, words: Int) -> Bool {
    var missing = minimum
    for i in 0..<words {
        if missing <= 0 { return true }
        missing &-= bits[i].nonzeroBitCount
    }
    return missing <= 0
}

/// Computes `bits |= source` over little-endian words of any alignment, such as those of a mapped file.
/// Complexity: O(words).
@inlinable
public func uniteUnaligned(_ bits: UnsafeMutablePointer<UInt64>, _ source: UnsafeRawPointer, words: Int) {
    for i in 0..<words {
        bits[i] |= UInt64(littleEndian: source.loadUnaligned(fromByteOffset: i &* 8, as: UInt64.self))
    }
}

/// Sets the bits `values[i] - base` of 256 values, which may be in any order and must all lie inside the window.
@inlinable
public func setBits256(_ bits: UnsafeMutablePointer<UInt64>, _ values: UnsafePointer<UInt32>, base: UInt32) {
    for i in 0..<256 {
        let slot = values[i] &- base
        bits[Int(slot &>> 6)] |= 1 &<< UInt64(slot & 63)
    }
}

/// Calls `body` with the slot of every set bit, in ascending order. Complexity: O(words + set bits).
@inlinable
@inline(__always)
public func forEachBit(_ bits: UnsafePointer<UInt64>, words: Int, _ body: (Int) -> Void) {
    for i in 0..<words {
        var word = bits[i]
        while word != 0 {
            body(i &* 64 &+ word.trailingZeroBitCount)
            word &= word &- 1
        }
    }
}
