import Kernels

/// A stream of the documents that all of several streams match; some of these score, the others only filter.
///
/// Clauses are ordered by cost, the rarest first. If bounds and `minScore` leave few candidates, the rarest clause
/// collects them and the others refine them, dropping what can no longer reach `minScore` (block-max conjunction). If
/// bounds are not selective, the matches are found first, with bit sets if the rarest clause is frequent, and only
/// those are scored.
final class IntersectionStream: DocumentStream {
    let scope: SegmentScope
    let cost: Int
    /// The clauses that score.
    private let scored: [any DocumentStream]
    /// All clauses, the rarest first.
    private let clauses: [any DocumentStream]
    /// Per clause: true if it scores.
    private let isScored: [Bool]
    /// The bounds of the clauses in the window `boundsBase` of size `boundsSize`; those of filters are not above 0.
    private var bounds: [Double]
    /// Per clause, the sum of the bounds of the clauses after it. Summed from the last one on rather than subtracted,
    /// so that a large bound does not absorb small ones.
    private var suffixBounds: [Double]
    private var boundsBase = -1
    private var boundsSize = 0
    /// The bound of the intersection; negative if a clause has no match in the window.
    private var total = 0.0

    /// An intersection of at least one stream.
    init(scored: [any DocumentStream], filters: [any DocumentStream], _ scope: SegmentScope) {
        self.scope = scope
        self.scored = scored
        var clauses = scored
        if !filters.isEmpty { clauses += filters }
        var isScored = [Bool](repeating: true, count: clauses.count)
        for i in scored.count..<clauses.count { isScored[i] = false }
        // By insertion: there are few, and this runs for every segment.
        for i in 1..<max(clauses.count, 1) {
            var j = i
            while j > 0, clauses[j].cost < clauses[j - 1].cost {
                clauses.swapAt(j, j - 1)
                isScored.swapAt(j, j - 1)
                j -= 1
            }
        }
        self.clauses = clauses
        self.isScored = isScored
        bounds = [Double](repeating: 0, count: clauses.count)
        suffixBounds = bounds
        cost = clauses.first?.cost ?? 0
        var widest = SegmentScope.widestWindow
        for stream in clauses { widest = min(widest, stream.widestWindow) }
        widestWindow = widest
    }

    let widestWindow: Int
    var scoredClauses: [any DocumentStream] { scored }
    /// True if few documents match, because then they are scored in passing, or if a clause counts by scoring.
    var countsByScoring: Bool { cost &* 32 < scope.documents || clauses.contains { $0.countsByScoring } }

    func nextWindow(from base: Int) -> Int? {
        commonWindow(of: clauses, from: base) { $0.nextWindow(from: $1) }
    }

    /// True if the rarest clause has so many documents that bit sets are faster than lists.
    private var isDense: Bool { cost &* 192 >= scope.documents }

    func match(_ base: Int, into bits: UnsafeMutablePointer<UInt64>) {
        if !isDense { return matchByList(base, into: bits) }
        scope.withBits { matched in
            clauses[0].match(base, into: matched)
            for stream in clauses.dropFirst() { stream.restrict(base, matched) }
            uniteBits(bits, matched, words: scope.words)
        }
    }

    func matches(_ base: Int, into list: CandidateList) { findMatches(base, isScored: false, into: list) }

    /// True if the rarest clause's documents are best looked up in the bits of the other clauses.
    private var prefersBits: Bool { isDense && clauses.count > 1 && clauses[1].cost < cost &* 12 }

    /// Fills `list` with the matches, with the scores of the rarest clause if `isScored`.
    private func findMatches(_ base: Int, isScored: Bool, into list: CandidateList) {
        if prefersBits {
            return scope.withBits { others in
                clauses[1].match(base, into: others)
                for stream in clauses.dropFirst(2) { stream.restrict(base, others) }
                clauses[0].matches(base, among: others, isScored: isScored, into: list)
            }
        }
        clauses[0].matches(base, into: list)
        for stream in clauses.dropFirst() where list.count > 0 { stream.filter(base, list) }
        if isScored { clauses[0].refine(base, list, isRequired: false, minScore: -.infinity) }
    }

    func filter(_ base: Int, _ list: CandidateList) {
        for stream in clauses where list.count > 0 { stream.filter(base, list) }
    }

    func count(_ base: Int) -> Int {
        guard isDense, clauses[clauses.count - 1].cost &* 16 >= scope.documents else { return countByList(base) }
        return scope.withBits { matched in
            clauses[0].match(base, into: matched)
            for stream in clauses.dropFirst() { stream.restrict(base, matched) }
            return countBits(matched, words: scope.words)
        }
    }

    func restrict(_ base: Int, _ bits: UnsafeMutablePointer<UInt64>) {
        for stream in clauses { stream.restrict(base, bits) }
    }

    func bound(_ base: Int) -> Double {
        computeBounds(base)
        return total
    }

    /// Computes the bounds of a window, unless they are those computed last.
    private func computeBounds(_ base: Int) {
        if base == boundsBase, boundsSize == scope.windowSize { return }
        boundsBase = base
        boundsSize = scope.windowSize
        total = -1
        for (i, stream) in clauses.enumerated() {
            bounds[i] = stream.bound(base)
            if bounds[i] < 0 { return }
        }
        total = 0
        for i in clauses.indices.reversed() {
            suffixBounds[i] = total
            total += bounds[i]
        }
        if total > 0 { total = Double(Float(total).nextUp) }
    }

    func collect(_ base: Int, minScore: Double, into list: CandidateList) {
        list.count = 0
        computeBounds(base)
        if total < 0 || total < minScore { return }
        let needed = minSum(roundingTo: minFloat(from: minScore))
        if needed == -.infinity || isDense && needed < 0.75 * total {
            // The bounds exclude few documents: it is faster to find the matches first and to score only those.
            collectAll(base, into: list)
            return score(base, list, needed)
        }
        clauses[0].collect(base, minScore: remaining(needed, suffixBounds[0]), into: list)
        for i in 1..<clauses.count {
            if list.count == 0 { return }
            clauses[i].refine(base, list, isRequired: true, minScore: remaining(needed, suffixBounds[i]))
        }
        list.round()
    }

    /// Fills `list` with all matches of a window with a part of their scores; `score` adds the remaining ones.
    func collectAll(_ base: Int, into list: CandidateList) { findMatches(base, isScored: isScored[0], into: list) }

    /// Completes the scores of a list that `collectAll` filled, and drops candidates that cannot reach `minScore`.
    func score(_ base: Int, _ list: CandidateList, minScore: Double) {
        if list.count == 0 { return }
        computeBounds(base)
        score(base, list, minSum(roundingTo: minFloat(from: minScore)))
    }

    /// Completes the scores of the candidates whose sum can reach `needed`, an unrounded sum, and rounds them.
    private func score(_ base: Int, _ list: CandidateList, _ needed: Double) {
        list.drop(below: remaining(needed, suffixBounds[0]))
        for i in 1..<max(clauses.count, 1) where isScored[i] {
            if list.count == 0 { return }
            clauses[i].refine(base, list, isRequired: false, minScore: remaining(needed, suffixBounds[i]))
        }
        list.round()
    }

    func refine(_ base: Int, _ list: CandidateList, isRequired: Bool, minScore: Double) {
        refine(base, list, isRequired: isRequired, minScore: minScore, clauses: scored)
    }
}

/// A stream of all documents of a segment, with a constant score.
final class AllStream: DocumentStream {
    let scope: SegmentScope
    var cost: Int { scope.documents }
    private let score: Double

    init(score: Float, _ scope: SegmentScope) {
        self.scope = scope
        self.score = Double(score)
    }

    var widestWindow: Int { SegmentScope.widestWindow }

    func nextWindow(from base: Int) -> Int? { base < scope.documents ? base & ~(scope.windowSize - 1) : nil }

    func match(_ base: Int, into bits: UnsafeMutablePointer<UInt64>) {
        let end = min(scope.documents - base, scope.windowSize)
        for word in 0..<scope.words {
            let remaining = end - word * 64
            bits[word] |= remaining >= 64 ? .max : remaining <= 0 ? 0 : (1 << UInt64(remaining)) - 1
        }
    }

    func bound(_ base: Int) -> Double { score }

    func collect(_ base: Int, minScore: Double, into list: CandidateList) {
        list.count = 0
        if score < minScore { return }
        for slot in 0..<min(scope.documents - base, scope.windowSize) { list.append(slot, score) }
    }

    func refine(_ base: Int, _ list: CandidateList, isRequired: Bool, minScore: Double) {
        for i in 0..<list.count { list.scores[i] += score }
        list.drop(below: minScore)
    }
}
