import Kernels

/// The documents that at least one of several streams matches; a score is the sum over those that match.
///
/// Best hits are found by block-max MAXSCORE: in each window the clauses whose bounds together cannot reach what is
/// needed are not essential, they only add to the candidates that the others bring.
/// Source: Turtle and Flood, "Query Evaluation: Strategies and Optimizations", 1995; the windows are those of Lucene's
/// `MaxScoreBulkScorer`.
final class UnionStream: DocumentStream {
    let scope: SegmentScope
    let cost: Int
    let streams: [any DocumentStream]
    /// Bounds of the clauses in the window `boundsBase` of `boundsSize`; negative for those without a match.
    private var bounds: [Double]
    private var boundsBase = -1
    private var boundsSize = 0
    private var total = 0.0
    /// Clauses by their bounds, least first.
    private var order: [Int]

    init(_ streams: [any DocumentStream], _ scope: SegmentScope) {
        self.scope = scope
        self.streams = streams
        cost = streams.reduce(0) { $0 + $1.cost }
        bounds = [Double](repeating: -1, count: streams.count)
        order = Array(streams.indices)
    }

    var widestWindow: Int { SegmentScope.widestSums }

    func nextWindow(from base: Int) -> Int? {
        var least: Int?
        for stream in streams {
            guard let next = stream.nextWindow(from: base) else { continue }
            if next == base { return base }
            least = min(least ?? next, next)
        }
        return least
    }

    func match(_ base: Int, into bits: UnsafeMutablePointer<UInt64>) {
        for stream in streams { stream.match(base, into: bits) }
    }

    func bound(_ base: Int) -> Double {
        computeBounds(base)
        return total
    }

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

    func collect(_ base: Int, need: Double, into list: CandidateList) {
        list.count = 0
        computeBounds(base)
        if total < 0 || total < need { return }
        let needed = leastSum(roundingTo: leastFloat(from: need))
        sortClauses()
        if collectRequired(base, needed, into: list) { return list.round() }
        // The clauses before `essential` cannot reach the need together.
        var rest = 0.0
        var essential = 0
        while essential < order.count - 1 {
            let sum = rest + max(bounds[order[essential]], 0)
            if bounds[order[essential]] >= 0, sum >= needed { break }
            rest = sum
            essential += 1
        }
        if essential == order.count - 1 {
            streams[order[essential]].collect(base, need: remaining(needed, rest), into: list)
        } else {
            sumUp(base, order[essential...], needed, rest, into: list)
        }
        for place in stride(from: essential - 1, through: 0, by: -1) where bounds[order[place]] >= 0 {
            if list.count == 0 { return }
            // Summed anew: what is left after subtracting a great bound says nothing of the small ones.
            rest = order[..<place].reduce(0) { $0 + max(bounds[$1], 0) }
            streams[order[place]].refine(base, list, isRequired: false, need: remaining(needed, rest))
        }
        list.round()
    }

    /// Collects by matching where that is quicker: if a document needs several clauses to score enough, but the need is
    /// far below their bounds, which then hold nobody back, it is best to find first who has them all.
    private func collectRequired(_ base: Int, _ needed: Double, into list: CandidateList) -> Bool {
        if needed == -.infinity || needed >= 0.75 * total { return false }
        var first: Int?
        var required = 0
        for clause in order where bounds[clause] >= 0 && others(clause) < needed {
            required += 1
            if streams[clause].cost &* 192 < scope.documents { return false }
            if let rarest = first, streams[rarest].cost <= streams[clause].cost { continue }
            first = clause
        }
        guard let first, required > 1 else { return false }
        scope.withBits { bits in
            streams[first].match(base, into: bits)
            for clause in order where clause != first && bounds[clause] >= 0 && others(clause) < needed {
                streams[clause].restrict(base, bits)
            }
            list.take(bits, words: scope.words)
        }
        for (place, clause) in order.enumerated().reversed() where bounds[clause] >= 0 {
            if list.count == 0 { break }
            let rest = order[..<place].reduce(0) { $0 + max(bounds[$1], 0) }
            streams[clause].refine(base, list, isRequired: false, need: remaining(needed, rest))
        }
        return true
    }

    /// What the other clauses can give.
    private func others(_ clause: Int) -> Double {
        var sum = 0.0
        for other in order where other != clause { sum += max(bounds[other], 0) }
        return sum
    }

    private func sortClauses() {
        for i in 1..<order.count {
            var j = i
            while j > 0, bounds[order[j]] < bounds[order[j - 1]] {
                order.swapAt(j, j - 1)
                j -= 1
            }
        }
    }

    /// Adds up what several clauses give in a window; `rest` may still come from others.
    private func sumUp(
        _ base: Int, _ clauses: ArraySlice<Int>, _ needed: Double, _ rest: Double, into list: CandidateList
    ) {
        func collect(_ clause: Int, into list: CandidateList) {
            let others = clauses.reduce(rest) { $1 == clause ? $0 : $0 + max(bounds[$1], 0) }
            streams[clause].collect(base, need: remaining(needed, others), into: list)
        }
        if clauses.count == 2, let first = clauses.first, let second = clauses.last, bounds[first] >= 0 {
            scope.withList { a in
                scope.withList { b in
                    collect(first, into: a)
                    collect(second, into: b)
                    list.merge(a, b, least: remaining(needed, rest))
                }
            }
            return
        }
        scope.withBits { bits in
            scope.withSums { sums in
                for clause in clauses where bounds[clause] >= 0 {
                    collect(clause, into: list)
                    list.add(to: sums, bits)
                }
                list.take(sums, bits, words: scope.words, least: remaining(needed, rest))
            }
        }
    }

    func refine(_ base: Int, _ list: CandidateList, isRequired: Bool, need: Double) {
        refine(base, list, isRequired: isRequired, need: need, clauses: streams)
    }
}

/// The documents that at least `minimum` of several streams match; a score is the sum over those that match.
final class MinimumMatchStream: DocumentStream {
    let scope: SegmentScope
    let cost: Int
    private let minimum: Int
    private let union: UnionStream
    private var counts: UnsafeMutablePointer<UInt16>?

    init(_ streams: [any DocumentStream], minimum: Int, _ scope: SegmentScope) {
        self.scope = scope
        self.minimum = minimum
        union = UnionStream(streams, scope)
        cost = union.cost / minimum
    }

    deinit { counts?.deallocate() }

    var widestWindow: Int { union.widestWindow }

    func nextWindow(from base: Int) -> Int? {
        // The window that enough streams have reached.
        var windows = union.streams.compactMap { $0.nextWindow(from: base) }
        guard windows.count >= minimum else { return nil }
        windows.sort()
        return windows[minimum - 1]
    }

    func match(_ base: Int, into bits: UnsafeMutablePointer<UInt64>) {
        let counts = counts ?? .allocate(capacity: SegmentScope.widestWindow)
        self.counts = counts
        counts.update(repeating: 0, count: scope.windowSize)
        for stream in union.streams {
            scope.withBits { own in
                stream.match(base, into: own)
                forEachBit(own, words: scope.words) { slot in
                    counts[slot] &+= 1
                    if Int(counts[slot]) == minimum { setBit(bits, slot) }
                }
            }
        }
    }

    func bound(_ base: Int) -> Double {
        var reached = 0
        for stream in union.streams where stream.bound(base) >= 0 { reached += 1 }
        return reached >= minimum ? union.bound(base) : -1
    }

    func collect(_ base: Int, need: Double, into list: CandidateList) {
        union.collect(base, need: need, into: list)
        filter(base, list)
    }

    func refine(_ base: Int, _ list: CandidateList, isRequired: Bool, need: Double) {
        refine(base, list, isRequired: isRequired, need: need, clauses: union.streams)
    }
}
