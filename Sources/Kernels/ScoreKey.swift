import CIntrinsics

/// A score and a document packed into one integer that sorts as hits do: higher scores are greater, and of equal scores
/// the earlier document is.
///
/// Shape: the bits of the score (upper 32), which order like the score because it is never negative, and the inverted
/// document (lower 32). A key is below 2⁶³, as `KeySelection` needs.
public enum ScoreKey {
    /// Returns the key of a document. Shape: `score` is not negative and not NaN, `document` is below 2³².
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

    /// Appends the keys of the documents whose score is at least `least`, and stops after the group of eight with which
    /// there are `most` keys or more.
    ///
    /// Shape: `scores` and `documents` are parallel arrays of `count` elements, read from index `next` on, which is
    /// advanced past those consumed; `first` is added to each document. `keyCount` is the number of keys so far and is
    /// advanced too; `keys` needs room for `most` + 8 keys. Complexity: O(documents consumed).
    ///
    /// A group of eight without any such score is skipped at once. In the others every key is written, and the next one
    /// overwrites it if it does not count, which avoids unpredictable branches.
    public static func append(
        _ scores: UnsafePointer<Float>, _ documents: UnsafePointer<UInt32>, from next: inout Int, count: Int,
        first: Int, least minimum: Float, to keys: UnsafeMutablePointer<UInt64>, _ keyCount: inout Int, most limit: Int
    ) {
        let minimumBits = max(minimum, 0).bitPattern
        var i = next
        var n = keyCount
        while i < count, n < limit {
            let end = min(i &+ 8, count)
            if end == i &+ 8, quire_has_score(scores + i, minimum) == 0 {
                i = end
                continue
            }
            while i < end {
                keys[n] = make(scores[i], first &+ Int(documents[i]))
                // The sign bit of the difference tells which of two numbers below 2³¹ is greater.
                n &+= 1 &- Int(truncatingIfNeeded: (scores[i].bitPattern &- minimumBits) &>> 31)
                i &+= 1
            }
        }
        next = i
        keyCount = n
    }
}
