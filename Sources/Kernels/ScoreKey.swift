import CIntrinsics

/// A document and its score as one number, which is greater for a higher score, and of equal ones for the earlier
/// document: the bits of the score, which order like it because none is negative, above the document, turned round.
public enum ScoreKey {
    /// The key of a document.
    @inlinable
    @inline(__always)
    public static func make(_ score: Float, _ document: Int) -> UInt64 {
        UInt64(score.bitPattern) &<< 32 | UInt64(~UInt32(truncatingIfNeeded: document))
    }

    /// The score of a key.
    @inlinable
    @inline(__always)
    public static func score(_ key: UInt64) -> Float { Float(bitPattern: UInt32(truncatingIfNeeded: key &>> 32)) }

    /// The document of a key.
    @inlinable
    @inline(__always)
    public static func document(_ key: UInt64) -> Int { Int(~UInt32(truncatingIfNeeded: key)) }

    /// Appends the keys of documents with at least the score `least`, `first` added to each, from place `at` on; stops
    /// behind the eight with which there are `most` keys or more.
    ///
    /// Eight are passed over at once if none has the score; of others each is written, and the next one over it if it
    /// does not count, so that the processor need not guess. Room for eight keys more is needed.
    public static func append(
        _ scores: UnsafePointer<Float>, _ documents: UnsafePointer<UInt32>, from at: inout Int, count: Int,
        first: Int, least: Float, to keys: UnsafeMutablePointer<UInt64>, _ known: inout Int, most: Int
    ) {
        let bits = max(least, 0).bitPattern
        var i = at
        var n = known
        while i < count, n < most {
            let end = min(i &+ 8, count)
            if end == i &+ 8, quire_has_score(scores + i, least) == 0 {
                i = end
                continue
            }
            while i < end {
                keys[n] = make(scores[i], first &+ Int(documents[i]))
                // The difference's sign tells which of two numbers below 2³¹ is greater.
                n &+= 1 &- Int(truncatingIfNeeded: (scores[i].bitPattern &- bits) &>> 31)
                i &+= 1
            }
        }
        at = i
        known = n
    }
}
