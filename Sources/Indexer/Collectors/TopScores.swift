import Kernels

/// Keeps the best hits by score.
///
/// A higher score is better; of equal scores the earlier document is. Hits may come in any order, and gather in none;
/// `settle` drops all but the best of them, which tells what a hit has to reach.
/// Complexity: O(1) a hit, settling included, if that comes after enough of them.
struct TopScores: ~Copyable {
    let limit: Int
    private var keys: GrowableBuffer<UInt64>
    /// So many keys are settled at once.
    private let most: Int
    /// Whether no key came since keys were settled.
    private var isSettled = true
    /// No hit with a lower score can enter. An equal one can, if its document is early enough.
    private(set) var least: Float = -.infinity
    /// No hit behind all earlier ones can enter with a lower score. Between two settlings it is a bound: the least
    /// score that such a hit needs may be higher.
    private(set) var entry: Float = -.infinity

    /// Keeps at most `limit` hits, at least one.
    init(limit: Int) {
        precondition(limit > 0)
        self.limit = limit
        // A limit may be greater than there can be documents.
        most = min(limit, 1 << 32) + min(max(limit, 32), 1 << 32)
        keys = GrowableBuffer(capacity: min(most, 1 << 12))
    }

    /// Whether as many hits as asked for were found.
    var isFull: Bool { keys.count >= limit }

    /// Takes word that `limit` hits with at least this score exist.
    mutating func raise(to score: Float) {
        least = max(least, score)
        entry = max(entry, score)
    }

    /// Whether a hit that comes behind all earlier ones can enter with this score.
    @inline(__always)
    func mayEnter(_ score: Float) -> Bool { score >= entry }

    /// Offers a hit.
    @inline(__always)
    mutating func offer(_ score: Float, _ document: Int) {
        if score < least { return }
        keys.append(ScoreKey.make(score, document))
        isSettled = false
        if keys.count >= most { settle() }
    }

    /// Offers hits by their scores; `first` is added to each document.
    mutating func offer(
        _ scores: UnsafePointer<Float>, _ documents: UnsafePointer<UInt32>, count: Int, first: Int
    ) {
        var at = 0
        while at < count {
            keys.reserve(min(most &- keys.count, count &- at) &+ 8)
            var n = keys.count
            ScoreKey.append(
                scores, documents, from: &at, count: count, first: first, least: least, to: keys.base, &n, most: most)
            isSettled = isSettled && n == keys.count
            keys.count = n
            if n >= most { settle() }
        }
        settleIfWorthwhile()
    }

    /// Settles unless so few hits came that it would tell little.
    mutating func settleIfWorthwhile() {
        if keys.count >= limit, !isSettled, entry == -.infinity || keys.count &- limit >= limit / 8 { settle() }
    }

    /// Drops all but the best hits.
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

    /// Takes out what was kept, best first, each as `make` makes it of a score and a document.
    mutating func takeSorted<Hit>(_ make: (Float, Int) -> Hit) -> [Hit] {
        settle()
        KeySelection.sortDescending(keys.base, count: keys.count)
        return keys.elements.map { key in make(ScoreKey.score(key), ScoreKey.document(key)) }
    }
}
