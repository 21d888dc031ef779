/// Documents in a window: the unit every query operator answers in.
///
/// 4,096 documents are 64 words of match bits, which with 16 KB of scores stay in the first-level cache
/// (the window size of Lucene's `DenseConjunctionBulkScorer` and of tantivy's buffered union).
public let windowSize = 4096

/// Words of match bits in a window.
public let windowWords = windowSize / 64

/// Sets bit `slot` (0..<4096).
@inlinable
public func setBit(_ bits: UnsafeMutablePointer<UInt64>, _ slot: Int) {
    bits[slot &>> 6] |= 1 &<< UInt64(truncatingIfNeeded: slot & 63)
}

/// Whether bit `slot` is set.
@inlinable
public func hasBit(_ bits: UnsafePointer<UInt64>, _ slot: Int) -> Bool {
    bits[slot &>> 6] &>> UInt64(truncatingIfNeeded: slot & 63) & 1 == 1
}

/// Clears all bits of a window.
@inlinable
public func clearWindow(_ bits: UnsafeMutablePointer<UInt64>) {
    bits.update(repeating: 0, count: windowWords)
}

/// `bits &= other`; answers whether any bit is left.
@inlinable
public func intersectWindow(_ bits: UnsafeMutablePointer<UInt64>, _ other: UnsafePointer<UInt64>) -> Bool {
    var any: UInt64 = 0
    for i in 0..<windowWords {
        bits[i] &= other[i]
        any |= bits[i]
    }
    return any != 0
}

/// `bits |= other`.
@inlinable
public func uniteWindow(_ bits: UnsafeMutablePointer<UInt64>, _ other: UnsafePointer<UInt64>) {
    for i in 0..<windowWords { bits[i] |= other[i] }
}

/// `bits &= ~other`.
@inlinable
public func subtractWindow(_ bits: UnsafeMutablePointer<UInt64>, _ other: UnsafePointer<UInt64>) {
    for i in 0..<windowWords { bits[i] &= ~other[i] }
}

/// The number of set bits.
@inlinable
public func countWindow(_ bits: UnsafePointer<UInt64>) -> Int {
    var n = 0
    for i in 0..<windowWords { n &+= bits[i].nonzeroBitCount }
    return n
}

/// Calls `body` with every set slot, ascending.
@inlinable
@inline(__always)
public func forEachBit(_ bits: UnsafePointer<UInt64>, _ body: (Int) -> Void) {
    for i in 0..<windowWords {
        var word = bits[i]
        while word != 0 {
            body(i &* 64 &+ word.trailingZeroBitCount)
            word &= word &- 1
        }
    }
}
