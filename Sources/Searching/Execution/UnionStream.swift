import Kernels

/// A stream of the documents that at least one of several streams matches; a score is the sum over those that match.
///
/// The best hits are found by block-max MAXSCORE: in each window the clauses whose bounds together cannot reach the
/// needed score are not essential; they only add to the scores of the candidates that the essential clauses produce.
///
/// Source: Turtle and Flood, "Query Evaluation: Strategies and Optimizations", 1995; the windows are those of Lucene's
/// `MaxScoreBulkScorer`.
final class UnionStream: DocumentStream {
    let scope: SegmentScope
    let cost: Int
    /// The clauses, in the order of the query.
    let streams: [any DocumentStream]
    /// The bounds of the clauses in the window `boundsBase` of size `boundsSize`; negative for clauses without a match.
    private var bounds: [Double]
    private var boundsBase = -1
    private var boundsSize = 0
    /// The bound of the union; negative if no clause has a match in the window.
    private var total = 0.0
    /// The indexes of the clauses by ascending bound.
    private var order: [Int]
    /// Per position in `order`, the sum of the bounds of the clauses before it, and of its own and those after it. Both
    /// are summed, because after subtracting a large bound nothing of the small ones would be left.
    private var below: [Double]
    private var above: [Double]

    /// A union of at least one stream.
    init(_ streams: [any DocumentStream], _ scope: SegmentScope) {
        self.scope = scope
        self.streams = streams
        cost = streams.reduce(0) { $0 + $1.cost }
        bounds = [Double](repeating: -1, count: streams.count)
        order = Array(streams.indices)
        below = [Double](repeating: 0, count: streams.count + 1)
        above = below
    }

    var widestWindow: Int { SegmentScope.widestSums }
    var scoredClauses: [any DocumentStream] { streams }

    func nextWindow(from base: Int) -> Int? {
        var first: Int?
        for stream in streams {
            guard let next = stream.nextWindow(from: base) else { continue }
            if next == base { return base }
            first = min(first ?? next, next)
        }
        return first
    }

    func match(_ base: Int, into bits: UnsafeMutablePointer<UInt64>) {
        for stream in streams { stream.match(base, into: bits) }
    }

    func filter(_ base: Int, _ list: CandidateList) {
        if prefersBits(for: list.count, of: cost, clauses: streams.count) { return filterByBits(base, list) }
        scope.withBits { found in
            scope.withList { missing in
                missing.fill(from: list)
                for stream in streams where missing.count > 0 {
                    scope.withList { matching in
                        matching.fill(from: missing)
                        stream.filter(base, matching)
                        matching.setBits(found)
                    }
                    missing.keep(found, words: scope.words, where: false)
                }
            }
            list.keep(found, words: scope.words)
        }
    }

    func bound(_ base: Int) -> Double {
        computeBounds(base)
        return total
    }

    /// The sum of the costs of the clauses one of which a document of a window must match to reach a score, a positive
    /// one.
    func essentialCost(_ base: Int, _ minScore: Double) -> Int {
        computeBounds(base)
        sortClauses()
        var sum = 0
        for (i, clause) in order.enumerated() where bounds[clause] >= 0 && below[i + 1] >= minScore {
            sum += streams[clause].cost
        }
        return sum
    }

    /// Computes the bounds of a window, unless they are those computed last.
    private func computeBounds(_ base: Int) {
        if base == boundsBase, boundsSize == scope.windowSize { return }
        boundsBase = base
        boundsSize = scope.windowSize
        total = -1
        for (i, stream) in streams.enumerated() {
            bounds[i] = stream.bound(base)
            if bounds[i] >= 0 { total = max(total, 0) + bounds[i] }
        }
        if total > 0 { total = Double(Float(total).nextUp) }
    }

    func collect(_ base: Int, minScore: Double, into list: CandidateList) {
        list.count = 0
        computeBounds(base)
        if total < 0 || total < minScore { return }
        let needed = minSum(roundingTo: minFloat(from: minScore))
        sortClauses()
        if collectRequired(base, needed, into: list) { return list.round() }
        // The clauses before `essential` together cannot reach the needed score.
        var essential = 0
        while essential < order.count - 1, bounds[order[essential]] < 0 || below[essential + 1] < needed {
            essential += 1
        }
        if essential == order.count - 1 {
            streams[order[essential]].collect(base, minScore: remaining(needed, below[essential]), into: list)
        } else {
            sumUp(base, from: essential, needed, into: list)
        }
        for i in stride(from: essential - 1, through: 0, by: -1) where bounds[order[i]] >= 0 {
            if list.count == 0 { return }
            streams[order[i]].refine(base, list, isRequired: false, minScore: remaining(needed, below[i]))
        }
        list.round()
    }

    /// Collects by matching first, where that is faster; returns false, without having collected, where it is not.
    ///
    /// If a document needs several clauses to score enough, but the needed score is far below the bounds, the bounds
    /// exclude hardly any document: then it is best to find the documents that have all the required clauses first.
    private func collectRequired(_ base: Int, _ needed: Double, into list: CandidateList) -> Bool {
        if needed == -.infinity || needed >= 0.75 * total { return false }
        var rarest: Int?
        var required = 0
        for (i, clause) in order.enumerated() where bounds[clause] >= 0 && others(i) < needed {
            required += 1
            if streams[clause].cost &* 192 < scope.documents { return false }
            if let rarest, streams[rarest].cost <= streams[clause].cost { continue }
            rarest = clause
        }
        guard let rarest, required > 1 else { return false }
        scope.withBits { bits in
            streams[rarest].match(base, into: bits)
            for (i, clause) in order.enumerated() where clause != rarest && bounds[clause] >= 0 && others(i) < needed {
                streams[clause].restrict(base, bits)
            }
            list.fill(from: bits, words: scope.words)
        }
        for (i, clause) in order.enumerated().reversed() where bounds[clause] >= 0 {
            if list.count == 0 { break }
            streams[clause].refine(base, list, isRequired: false, minScore: remaining(needed, below[i]))
        }
        return true
    }

    /// The sum of the bounds of all clauses but the one at a position of the order.
    private func others(_ i: Int) -> Double { below[i] + above[i + 1] }

    /// Sorts the clauses by their bounds and sums the bounds up.
    private func sortClauses() {
        if order.count > 16 {
            order.sort { bounds[$0] < bounds[$1] }
        } else {
            // Insertion sort, because clauses are few and nearly in order after the previous window.
            for i in 1..<order.count {
                var j = i
                while j > 0, bounds[order[j]] < bounds[order[j - 1]] {
                    order.swapAt(j, j - 1)
                    j -= 1
                }
            }
        }
        for i in order.indices { below[i + 1] = below[i] + max(bounds[order[i]], 0) }
        for i in order.indices.reversed() { above[i] = above[i + 1] + max(bounds[order[i]], 0) }
    }

    /// Fills `list` with the matches of the essential clauses, those from a position of the order on, and the sums of
    /// their scores; drops candidates that cannot reach `needed` with the other clauses.
    private func sumUp(_ base: Int, from essential: Int, _ needed: Double, into list: CandidateList) {
        func collect(_ i: Int, into list: CandidateList) {
            streams[order[i]].collect(base, minScore: remaining(needed, others(i)), into: list)
        }
        let minEssentialSum = remaining(needed, below[essential])
        let clauses = essential..<order.count
        if clauses.count == 2 {
            scope.withList { a in
                scope.withList { b in
                    collect(essential, into: a)
                    collect(essential + 1, into: b)
                    list.merge(a, b, minScore: minEssentialSum)
                }
            }
            return
        }
        scope.withBits { bits in
            scope.withSums { sums in
                for i in clauses {
                    collect(i, into: list)
                    list.add(to: sums, bits)
                }
                list.fill(from: sums, bits, words: scope.words, minScore: minEssentialSum)
            }
        }
    }

    func refine(_ base: Int, _ list: CandidateList, isRequired: Bool, minScore: Double) {
        if isRequired || minScore == -.infinity {
            return refine(base, list, isRequired: isRequired, minScore: minScore, clauses: streams)
        }
        addGains(base, list, minScore: minScore)
        list.drop(below: minScore)
    }

    /// Adds the scores of the candidates that match, and drops those that cannot reach `minScore`: the clauses with the
    /// greatest bounds, which decide about most candidates, come first.
    private func addGains(_ base: Int, _ list: CandidateList, minScore: Double) {
        computeBounds(base)
        if total < 0 || list.count == 0 { return }
        sortClauses()
        scope.withList { gains in
            for i in 0..<list.count { gains.append(Int(list.slots[i]), 0) }
            for (i, clause) in order.enumerated().reversed() where bounds[clause] >= 0 {
                streams[clause].refine(base, gains, isRequired: false, minScore: -.infinity)
                // The gain is rounded to a float, which may raise it by less than the margin.
                let remaining = below[i]
                var kept = 0
                for candidate in 0..<list.count {
                    let score = list.scores[candidate]
                    let gain = gains.scores[candidate]
                    list.slots[kept] = list.slots[candidate]
                    list.scores[kept] = score
                    gains.slots[kept] = gains.slots[candidate]
                    gains.scores[kept] = gain
                    kept &+= score + (gain + remaining) * (1 + 0x1p-22) >= minScore ? 1 : 0
                }
                list.count = kept
                gains.count = kept
                if kept == 0 { return }
            }
            for i in 0..<list.count { list.scores[i] += Double(Float(gains.scores[i])) }
        }
    }
}
