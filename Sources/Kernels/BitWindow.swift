// Windows of bits, one a document: the currency of matching. `words` counts 64-bit words.

/// Sets bit `slot`.
@inlinable
@inline(__always)
public func setBit(_ bits: UnsafeMutablePointer<UInt64>, _ slot: Int) {
    bits[slot &>> 6] |= 1 &<< UInt64(truncatingIfNeeded: slot & 63)
}

/// Whether bit `slot` is set.
@inlinable
@inline(__always)
public func hasBit(_ bits: UnsafePointer<UInt64>, _ slot: Int) -> Bool {
    bits[slot &>> 6] &>> UInt64(truncatingIfNeeded: slot & 63) & 1 == 1
}

/// `bits &= other`; answers how many bits are left.
@inlinable
public func intersectBits(
    _ bits: UnsafeMutablePointer<UInt64>, _ other: UnsafePointer<UInt64>, words: Int
) -> Int {
    var n = 0
    for i in 0..<words {
        bits[i] &= other[i]
        n &+= bits[i].nonzeroBitCount
    }
    return n
}

/// `bits |= other`.
@inlinable
public func uniteBits(_ bits: UnsafeMutablePointer<UInt64>, _ other: UnsafePointer<UInt64>, words: Int) {
    for i in 0..<words { bits[i] |= other[i] }
}

/// `bits &= ~other`.
@inlinable
public func subtractBits(_ bits: UnsafeMutablePointer<UInt64>, _ other: UnsafePointer<UInt64>, words: Int) {
    for i in 0..<words { bits[i] &= ~other[i] }
}

/// The number of set bits.
@inlinable
public func countBits(_ bits: UnsafePointer<UInt64>, words: Int) -> Int {
    var n = 0
    for i in 0..<words { n &+= bits[i].nonzeroBitCount }
    return n
}

/// Whether at least `wanted` bits are set. Complexity: looks no further than needed.
@inlinable
public func hasAtLeast(_ wanted: Int, _ bits: UnsafePointer<UInt64>, words: Int) -> Bool {
    var left = wanted
    for i in 0..<words {
        if left <= 0 { return true }
        left &-= bits[i].nonzeroBitCount
    }
    return left <= 0
}

/// `bits |= source`, word by word, where `source` need not be aligned.
@inlinable
public func uniteUnaligned(_ bits: UnsafeMutablePointer<UInt64>, _ source: UnsafeRawPointer, words: Int) {
    for i in 0..<words {
        bits[i] |= UInt64(littleEndian: source.loadUnaligned(fromByteOffset: i &* 8, as: UInt64.self))
    }
}

/// Sets the bits `values[i] - base` of 256 values, all of which lie inside the window.
@inlinable
public func setBits256(_ bits: UnsafeMutablePointer<UInt64>, _ values: UnsafePointer<UInt32>, base: UInt32) {
    for i in 0..<256 {
        let slot = values[i] &- base
        bits[Int(slot &>> 6)] |= 1 &<< UInt64(slot & 63)
    }
}

/// Calls `body` with every set slot, ascending.
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
