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
    /// By place in the order: what the clauses before it can give together, and what it and those behind it can. Both
    /// are sums; what is left after subtracting a great bound would say nothing of the small ones.
    private var below: [Double]
    private var above: [Double]

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
        var essential = 0
        while essential < order.count - 1, bounds[order[essential]] < 0 || below[essential + 1] < needed {
            essential += 1
        }
        if essential == order.count - 1 {
            streams[order[essential]].collect(base, need: remaining(needed, below[essential]), into: list)
        } else {
            sumUp(base, from: essential, needed, into: list)
        }
        for place in stride(from: essential - 1, through: 0, by: -1) where bounds[order[place]] >= 0 {
            if list.count == 0 { return }
            streams[order[place]].refine(base, list, isRequired: false, need: remaining(needed, below[place]))
        }
        list.round()
    }

    /// Collects by matching where that is quicker: if a document needs several clauses to score enough, but the need is
    /// far below their bounds, which then hold nobody back, it is best to find first who has them all.
    private func collectRequired(_ base: Int, _ needed: Double, into list: CandidateList) -> Bool {
        if needed == -.infinity || needed >= 0.75 * total { return false }
        var first: Int?
        var required = 0
        for (place, clause) in order.enumerated() where bounds[clause] >= 0 && others(place) < needed {
            required += 1
            if streams[clause].cost &* 192 < scope.documents { return false }
            if let rarest = first, streams[rarest].cost <= streams[clause].cost { continue }
            first = clause
        }
        guard let first, required > 1 else { return false }
        scope.withBits { bits in
            streams[first].match(base, into: bits)
            for (place, clause) in order.enumerated()
            where clause != first && bounds[clause] >= 0 && others(place) < needed {
                streams[clause].restrict(base, bits)
            }
            list.take(bits, words: scope.words)
        }
        for (place, clause) in order.enumerated().reversed() where bounds[clause] >= 0 {
            if list.count == 0 { break }
            streams[clause].refine(base, list, isRequired: false, need: remaining(needed, below[place]))
        }
        return true
    }

    /// What the clauses in other places of the order can give.
    private func others(_ place: Int) -> Double { below[place] + above[place + 1] }

    private func sortClauses() {
        if order.count > 16 {
            order.sort { bounds[$0] < bounds[$1] }
        } else {
            // By insertion: they are few, and nearly in order from the window before.
            for i in 1..<order.count {
                var j = i
                while j > 0, bounds[order[j]] < bounds[order[j - 1]] {
                    order.swapAt(j, j - 1)
                    j -= 1
                }
            }
        }
        for place in order.indices { below[place + 1] = below[place] + max(bounds[order[place]], 0) }
        for place in order.indices.reversed() { above[place] = above[place + 1] + max(bounds[order[place]], 0) }
    }

    /// Adds up what the clauses from a place of the order on give in a window.
    private func sumUp(_ base: Int, from essential: Int, _ needed: Double, into list: CandidateList) {
        func collect(_ place: Int, into list: CandidateList) {
            streams[order[place]].collect(base, need: remaining(needed, others(place)), into: list)
        }
        let rest = below[essential]
        let places = essential..<order.count
        if places.count == 2 {
            scope.withList { a in
                scope.withList { b in
                    collect(essential, into: a)
                    collect(essential + 1, into: b)
                    list.merge(a, b, least: remaining(needed, rest))
                }
            }
            return
        }
        scope.withBits { bits in
            scope.withSums { sums in
                for place in places {
                    collect(place, into: list)
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
