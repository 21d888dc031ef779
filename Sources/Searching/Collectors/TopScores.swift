import Kernels

/// A collector that keeps the `limit` best hits by score.
///
/// A higher score is better; of equal scores the lower document id is. Hits may be offered in any order. They are
/// buffered unordered as 64-bit keys; when the buffer is full, `settle` selects the best and drops the rest, which
/// raises the thresholds `least` and `entry` that let callers skip documents. A selection is cheaper than a heap
/// because most hits are rejected by one comparison. Complexity: O(1) amortized per hit, selection included.
///
/// ```swift
/// var top = TopScores(limit: 10)
/// top.offer(1.5, 7)
/// let hits = top.takeSorted { score, document in (document, score) }
/// ```
struct TopScores: ~Copyable {
    /// The maximum number of hits.
    let limit: Int
    /// The hits kept so far, in arbitrary order.
    private var keys: GrowableBuffer<UInt64>
    /// The number of buffered keys at which `settle` runs.
    private let bufferLimit: Int
    /// True if no key was added since the last selection.
    private var isSettled = true
    /// The minimum score of a hit in any order of arrival: a hit with a lower score cannot enter. One with an equal
    /// score can, if its document id is low enough.
    private(set) var least: Float = -.infinity
    /// The minimum score of a hit whose document id is higher than all earlier ones: with a lower score it cannot
    /// enter.
    ///
    /// After a selection of `limit` hits this is the next float above `least`, because such a hit loses ties. Between
    /// two selections it is a lower bound: the score that the hit really needs may be higher.
    private(set) var entry: Float = -.infinity

    /// A collector of at most `limit` hits; `limit` must be positive.
    init(limit: Int) {
        precondition(limit > 0)
        self.limit = limit
        // The limit may exceed the number of documents there can be.
        bufferLimit = min(limit, 1 << 32) + min(max(limit, 32), 1 << 32)
        keys = GrowableBuffer(capacity: min(bufferLimit, 1 << 12))
    }

    /// True if at least `limit` hits were kept.
    var isFull: Bool { keys.count >= limit }

    /// Raises the thresholds because `limit` hits with at least this score are known to exist.
    mutating func raise(to score: Float) {
        least = max(least, score)
        entry = max(entry, score)
    }

    /// Returns true if a hit whose document id is higher than all earlier ones can enter with this score.
    @inline(__always)
    func mayEnter(_ score: Float) -> Bool { score >= entry }

    /// Offers a hit; those below `least` are ignored.
    @inline(__always)
    mutating func offer(_ score: Float, _ document: Int) {
        if score < least { return }
        keys.append(ScoreKey.make(score, document))
        isSettled = false
        if keys.count >= bufferLimit { settle() }
    }

    /// Offers `count` hits at once; `first` is added to each document. Eight scores are compared at a time.
    mutating func offer(_ scores: UnsafePointer<Float>, _ documents: UnsafePointer<UInt32>, count: Int, first: Int) {
        var next = 0
        while next < count {
            keys.reserve(min(bufferLimit &- keys.count, count &- next) &+ 8)
            var keyCount = keys.count
            ScoreKey.append(
                scores, documents, from: &next, count: count, first: first, least: least, to: keys.base, &keyCount,
                most: bufferLimit)
            isSettled = isSettled && keyCount == keys.count
            keys.count = keyCount
            if keyCount >= bufferLimit { settle() }
        }
        settleIfWorthwhile()
    }

    /// Settles if enough hits arrived since the last selection that the thresholds will rise noticeably.
    mutating func settleIfWorthwhile() {
        if keys.count >= limit, !isSettled, entry == -.infinity || keys.count &- limit >= limit / 8 { settle() }
    }

    /// Drops all but the best `limit` hits and raises the thresholds. Complexity: O(buffered hits).
    mutating func settle() {
        if isSettled || keys.count < limit { return }
        KeySelection.moveGreatest(limit, of: keys.base, count: keys.count)
        keys.count = limit
        isSettled = true
        var worst = keys.base[0]
        for i in 1..<limit { worst = min(worst, keys.base[i]) }
        least = max(least, ScoreKey.score(worst))
        entry = max(entry, ScoreKey.score(worst).nextUp)
    }

    /// Returns the best hits, best first, each made by `make` from a score and a document.
    mutating func takeSorted<Hit>(_ make: (Float, Int) -> Hit) -> [Hit] {
        settle()
        KeySelection.sortDescending(keys.base, count: keys.count)
        return keys.elements.map { key in make(ScoreKey.score(key), ScoreKey.document(key)) }
    }
}
