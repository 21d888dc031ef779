import Kernels

extension SearchPlace {
    /// The score of a place in the order of scores.
    var score: Float? {
        guard case .score(let score)? = values.first else { return nil }
        return score
    }
}

/// One search on its way through the segments.
final class SearchRun {
    private let search: Search
    /// What orders the hits, unless the score does.
    private let sorted: SortedHits?
    private let facets: [any FacetCounter]
    /// What the query and each filter look for by themselves, if a facet leaves one out.
    private let sideways: SidewaysPass?
    private let budget: SearchBudget
    private var top: TopScores
    let scratch: Scratch
    private var total = 0

    init(
        _ search: Search, sorted: SortedHits?, facets: [any FacetCounter], sideways: SidewaysPass?,
        _ budget: SearchBudget,
        _ scratch: Scratch
    ) {
        self.scratch = scratch
        self.budget = budget
        self.sideways = sideways
        self.search = search
        self.sorted = sorted
        self.facets = facets
        top = TopScores(limit: max(search.limit, 1))
    }

    /// Takes a segment.
    ///
    /// The best hits and the count are two passes: the first skips what cannot be among the hits, the second does not
    /// score. Counting is a matter of bits, and together they cost less than scoring every match once. Phrases and
    /// intersections of few documents are the exceptions: what finds them is most of what scores them.
    func collect(_ reader: IndexReader, _ number: Int, _ plan: SearchPlan) throws(IndexError) {
        let segment = reader.segments[number]
        let first = reader.bases[number]
        let live = reader.live[number]
        let scope = SegmentScope(documents: segment.documents, scratch)
        let sorted = search.limit > 0 ? sorted : nil
        let isScored = search.limit > 0 && sorted == nil
        try sorted?.begin(reader, number)
        let needsBits = !(sorted?.needsScores ?? true)
        if let stream = try plan.stream(number, scope) {
            let isOnePass =
                isScored && search.countsMatches && facets.isEmpty && search.after == nil && stream.countsByScoring
            if isOnePass {
                stream.chooseWindowForCounting(alsoScoring: true)
                takeBest(stream, first, live, countsAll: true)
            } else if isScored {
                stream.chooseWindowForScoring()
                takeBest(stream, first, live, countsAll: false)
            } else if let sorted, sorted.needsScores {
                stream.chooseWindowForCounting(alsoScoring: true)
                takeScored(stream, live, sorted)
            }
            stream.chooseWindowForCounting()
            if isOnePass || sideways != nil {
                // Counted already, or yet to be.
            } else if !facets.isEmpty || needsBits {
                let matches = facets.isEmpty ? nil : MatchBits(segment.documents, scratch)
                forEachWindow(stream, live) { window, bits in
                    total += countBits(bits, words: scope.words)
                    matches?.insert(bits, words: scope.words, at: window)
                    if needsBits { sorted?.take(bits, words: scope.words, base: window) }
                }
                if let matches {
                    try count(facets, matches, reader, number)
                    matches.giveBack(to: scratch)
                }
            } else if search.countsMatches {
                total += count(stream, live)
            }
        }
        if let sideways { try countSideways(sideways, reader, number, scope, needsBits ? sorted : nil) }
        if let section = scope.damaged { throw segment.corrupt(section, 0, 0, "a list cannot be decoded") }
        try sorted?.end(segment)
    }

    /// Counts facets in the documents of a segment that match.
    private func count(
        _ facets: [any FacetCounter], _ matches: MatchBits, _ reader: IndexReader, _ number: Int
    ) throws(IndexError) {
        let matched = countBits(matches.bits, words: matches.words)
        for facet in facets where !budget.isLate() {
            try facet.count(matches.bits, matched: matched, reader, number, scratch)
        }
    }

    /// Counts all matches of a segment, and each facet without its own filter.
    private func countSideways(
        _ sideways: SidewaysPass, _ reader: IndexReader, _ number: Int, _ scope: SegmentScope, _ sorted: SortedHits?
    ) throws(IndexError) {
        let omitted = Set(facets.compactMap(\.without)).sorted()
        let kinds = [nil] + omitted.map { Optional($0) }
        let matches = kinds.map { _ in MatchBits(scope.documents, scratch) }
        try sideways.run(number, scope, reader.live[number], omitting: omitted) { window, omitted, bits in
            guard let kind = kinds.firstIndex(of: omitted) else { return }
            matches[kind].insert(bits, words: scope.words, at: window)
            if omitted != nil { return }
            total += countBits(bits, words: scope.words)
            sorted?.take(bits, words: scope.words, base: window)
        }
        for (kind, matches) in zip(kinds, matches) {
            try count(facets.filter { $0.without == kind }, matches, reader, number)
            matches.giveBack(to: scratch)
        }
    }

    /// Offers all matches with their scores to what orders them.
    private func takeScored(_ stream: any DocumentStream, _ live: LiveDocuments?, _ sorted: SortedHits) {
        let scope = stream.scope
        scope.withList { list in
            var from = 0
            while !budget.isLate(), let window = stream.nextWindow(from: from) {
                from = window + scope.windowSize
                stream.collect(window, need: -.infinity, into: list)
                for i in 0..<list.count {
                    let document = window &+ Int(list.slots[i])
                    if let live, !live.contains(document) { continue }
                    sorted.offer(document, score: Float(list.scores[i]))
                }
            }
        }
    }

    /// Offers what can be among the hits; with `countsAll` all matches, counting them.
    private func takeBest(_ stream: any DocumentStream, _ first: Int, _ live: LiveDocuments?, countsAll: Bool) {
        if let after = search.after { return takeNext(stream, first, live, after) }
        if let term = stream as? TermStream, term.weight != nil {
            return term.collectTop(into: &top, first: first, live: live)
        }
        for term in (stream as? UnionStream)?.streams ?? [] where !top.isFull {
            if let known = (term as? TermStream)?.bestOfBestBlocks(search.limit, live) { top.raise(to: known) }
        }
        let scope = stream.scope
        scope.withList { list in
            var from = 0
            while !budget.isLate(), let window = stream.nextWindow(from: from) {
                from = window + scope.windowSize
                let need = leastSum(roundingTo: top.entry)
                if countsAll {
                    collectAll(stream, window, need, live, into: list)
                } else if stream.bound(window) >= need {
                    stream.collect(window, need: need, into: list)
                } else {
                    continue
                }
                for i in 0..<list.count {
                    let document = window &+ Int(list.slots[i])
                    if let live, !live.contains(document) { continue }
                    top.offer(Float(list.scores[i]), first &+ document)
                }
                top.settleIfWorthwhile()
            }
        }
    }

    /// Offers what can be among the hits behind a place.
    private func takeNext(_ stream: any DocumentStream, _ first: Int, _ live: LiveDocuments?, _ after: SearchPlace) {
        let last = after.score ?? 0
        let scope = stream.scope
        scope.withList { list in
            var from = 0
            while !budget.isLate(), let window = stream.nextWindow(from: from) {
                from = window + scope.windowSize
                let need = leastSum(roundingTo: top.entry)
                if stream.bound(window) < need { continue }
                stream.collect(window, need: need, into: list)
                for i in 0..<list.count {
                    let document = window &+ Int(list.slots[i])
                    let score = Float(list.scores[i])
                    if let live, !live.contains(document) { continue }
                    if score > last || score == last && first &+ document <= after.document { continue }
                    top.offer(score, first &+ document)
                }
                top.settleIfWorthwhile()
            }
        }
    }

    /// Counts all matches of a window and fills `list` with those that may reach `need`.
    private func collectAll(
        _ stream: any DocumentStream, _ window: Int, _ need: Double, _ live: LiveDocuments?, into list: CandidateList
    ) {
        let intersection = stream as? IntersectionStream
        if let intersection {
            intersection.collectAll(window, into: list)
        } else {
            stream.collect(window, need: -.infinity, into: list)
        }
        if let live {
            for i in 0..<list.count where live.contains(window &+ Int(list.slots[i])) { total &+= 1 }
        } else {
            total &+= list.count
        }
        intersection?.score(window, list, need: need)
    }

    private func count(_ stream: any DocumentStream, _ live: LiveDocuments?) -> Int {
        if live == nil, stream is TermStream || stream is AllStream { return stream.cost }
        var count = 0
        if live != nil {
            forEachWindow(stream, live) { _, bits in count += countBits(bits, words: stream.scope.words) }
            return count
        }
        var from = 0
        while !budget.isLate(), let window = stream.nextWindow(from: from) {
            from = window + stream.scope.windowSize
            count += stream.count(window)
        }
        return count
    }

    /// Calls `body` with the matches of every window that has some.
    private func forEachWindow(
        _ stream: any DocumentStream, _ live: LiveDocuments?, _ body: (Int, UnsafeMutablePointer<UInt64>) -> Void
    ) {
        let scope = stream.scope
        var from = 0
        while !budget.isLate(), let window = stream.nextWindow(from: from) {
            from = window + scope.windowSize
            scope.withBits { bits in
                stream.match(window, into: bits)
                if let live { _ = intersectBits(bits, live.bits(from: window), words: scope.words) }
                body(window, bits)
            }
        }
    }

    func result() throws(IndexError) -> SearchResult {
        var hits: [SearchResult.Hit] = []
        if search.limit > 0 {
            hits = sorted?.hits ?? top.takeSorted { SearchResult.Hit(document: $1, score: $0) }
        }
        let counts = try facets.map { facet throws(IndexError) in try facet.result(budget, scratch) }
        return SearchResult(
            total: search.countsMatches ? total : nil, hits: hits, facets: counts, isPartial: budget.isExceeded,
            isLate: budget.isOutOfTime)
    }
}
