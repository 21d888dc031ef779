import Kernels
import Segments

extension SearchAfter {
    /// The score of a position in an order by score; nil for a position of another order.
    var score: Float? {
        guard case .score(let score)? = values.first else { return nil }
        return score
    }
}

/// The state of one search while it visits the segments in order.
///
/// Call `collect` for each segment and `result` at the end. Not thread-safe.
final class SearchRun {
    private let search: Search
    /// The collector of an order by fields or of a collapsed search; nil for an order by score alone.
    private let sorted: SortedHits?
    private let facets: [any FacetCounter]
    /// The separately planned query and filters if a facet omits one; nil otherwise.
    private let drillSideways: DrillSideways?
    private let budget: SearchBudget
    /// The collector of an order by score alone.
    private var top: TopScores
    /// The working memory, returned to the pool by the caller.
    let scratch: Scratch
    /// The matches counted so far.
    private var total = 0
    /// The groups of a collapsed search, and the plan of the query whose groups are left out; nil for none.
    private var leftOut: (groups: HitGroups, plan: SearchPlan)?

    init(
        _ search: Search, sorted: SortedHits?, facets: [any FacetCounter], drillSideways: DrillSideways?,
        _ budget: SearchBudget, _ scratch: Scratch
    ) {
        self.scratch = scratch
        self.budget = budget
        self.drillSideways = drillSideways
        self.search = search
        self.sorted = sorted
        self.facets = facets
        top = TopScores(limit: max(search.limit, 1))
    }

    /// Leaves out the groups that have a match of a plan.
    func leaveOut(_ groups: HitGroups, of plan: SearchPlan) { leftOut = (groups, plan) }

    /// Collects the hits, the count and the facets of a segment.
    ///
    /// The best hits and the count are found in two passes: the first skips documents that cannot be among the hits,
    /// the second does not score. Counting works on bits, and together the passes cost less than scoring every match
    /// once. Phrases and intersections of few documents are the exceptions: most of the cost of scoring them is finding
    /// them, so one pass does both. Errors: `corrupt`.
    func collect(_ reader: IndexReader, _ segmentIndex: Int, _ plan: SearchPlan) throws(IndexError) {
        let segment = reader.segments[segmentIndex]
        let first = reader.bases[segmentIndex]
        let live = reader.live[segmentIndex]
        let scope = SegmentScope(documents: segment.documents, scratch)
        let sorted = search.limit > 0 ? sorted : nil
        let isScored = search.limit > 0 && sorted == nil
        try sorted?.begin(reader, segmentIndex)
        if let leftOut, sorted != nil, let stream = try leftOut.plan.stream(segmentIndex, scope) {
            stream.chooseWindowForCounting()
            forEachWindow(stream, live) { window, bits in
                forEachBit(bits, words: scope.words) { leftOut.groups.leaveOut(window &+ $0) }
            }
        }
        let needsBits = !(sorted?.needsScores ?? true)
        if let stream = try plan.stream(segmentIndex, scope) {
            let isOnePass =
                isScored && search.countsMatches && facets.isEmpty && search.after == nil && stream.countsByScoring
            if isOnePass {
                stream.chooseWindowForCounting(alsoScoring: true)
                collectTop(stream, first, live, countsAll: true)
            } else if isScored {
                stream.chooseWindowForScoring()
                collectTop(stream, first, live, countsAll: false)
            } else if let sorted, sorted.needsScores {
                stream.chooseWindowForCounting(alsoScoring: true)
                collectScored(stream, live, sorted)
            }
            stream.chooseWindowForCounting()
            if isOnePass || drillSideways != nil {
                // Already counted, or counted below.
            } else if !facets.isEmpty || needsBits {
                let matches = facets.isEmpty ? nil : MatchBits(segment.documents, scratch)
                forEachWindow(stream, live) { window, bits in
                    total += countBits(bits, words: scope.words)
                    matches?.insert(bits, words: scope.words, at: window)
                    if needsBits { sorted?.collect(bits, words: scope.words, base: window) }
                }
                if let matches {
                    try count(facets, matches, reader, segmentIndex)
                    matches.recycle(into: scratch)
                }
            } else if search.countsMatches {
                total += count(stream, live)
            }
        }
        if let drillSideways {
            try countDrillSideways(drillSideways, reader, segmentIndex, scope, needsBits ? sorted : nil)
        }
        if let (section, field) = scope.corruption { throw segment.corrupt(section, field) }
        try sorted?.end(segment)
    }

    /// Counts facets over the matching documents of a segment.
    private func count(
        _ facets: [any FacetCounter], _ matches: MatchBits, _ reader: IndexReader, _ segmentIndex: Int
    ) throws(IndexError) {
        let matched = countBits(matches.bits, words: matches.words)
        for facet in facets where !budget.isLate() {
            try facet.count(matches.bits, matched: matched, reader, segmentIndex, scratch)
        }
    }

    /// Counts all matches of a segment, and each facet without the filter it omits.
    private func countDrillSideways(
        _ drillSideways: DrillSideways, _ reader: IndexReader, _ segmentIndex: Int, _ scope: SegmentScope,
        _ sorted: SortedHits?
    ) throws(IndexError) {
        let omitted = Set(facets.compactMap(\.without)).sorted()
        // The first variant omits no filter.
        let variants = [nil] + omitted.map { Optional($0) }
        let matches = variants.map { _ in MatchBits(scope.documents, scratch) }
        try drillSideways.run(segmentIndex, scope, reader.live[segmentIndex], omitting: omitted) {
            window, omitted, bits in
            guard let variant = variants.firstIndex(of: omitted) else { return }
            matches[variant].insert(bits, words: scope.words, at: window)
            if omitted != nil { return }
            total += countBits(bits, words: scope.words)
            sorted?.collect(bits, words: scope.words, base: window)
        }
        for (omitted, matches) in zip(variants, matches) {
            try count(facets.filter { $0.without == omitted }, matches, reader, segmentIndex)
            matches.recycle(into: scratch)
        }
    }

    /// Offers all matches of a segment with their scores to the collector of an order by fields.
    private func collectScored(_ stream: any DocumentStream, _ live: LiveDocuments?, _ sorted: SortedHits) {
        let scope = stream.scope
        scope.withList { list in
            var from = 0
            while !budget.isLate(), let window = stream.nextWindow(from: from) {
                from = window + scope.windowSize
                stream.collect(window, minScore: -.infinity, into: list)
                for i in 0..<list.count {
                    let document = window &+ Int(list.slots[i])
                    if let live, !live.contains(document) { continue }
                    sorted.offer(document, score: Float(list.scores[i]))
                }
            }
        }
    }

    /// Offers the documents of a segment that can be among the best hits to `top`; with `countsAll` visits and counts
    /// all matches. `first` is the id of the segment's first document.
    private func collectTop(_ stream: any DocumentStream, _ first: Int, _ live: LiveDocuments?, countsAll: Bool) {
        if let after = search.after { return collectTop(stream, first, live, after: after) }
        if let term = stream as? TermStream, term.weight != nil {
            return term.collectTop(into: &top, first: first, live: live)
        }
        for term in (stream as? UnionStream)?.streams ?? [] where !top.isFull {
            if let score = (term as? TermStream)?.minTopScore(search.limit, live) { top.raise(to: score) }
        }
        let sample = top.isFull || countsAll ? nil : ScoreSample(stream, limit: search.limit, live, budget)
        if let sample { top.raise(to: sample) }
        let scope = stream.scope
        var from = 0
        scope.withList { list in
            while !budget.isLate(), let window = stream.nextWindow(from: from) {
                from = window + scope.windowSize
                let minScore = minSum(roundingTo: top.entry)
                if countsAll {
                    collectAll(stream, window, minScore, live, into: list)
                } else if stream.bound(window) >= minScore {
                    stream.collect(window, minScore: minScore, into: list)
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
        // If the time is over, the sample knows hits of windows that were not visited.
        if budget.isOutOfTime, let sample {
            for hit in sample.hits where hit.document >= from { top.offer(hit.score, first &+ hit.document) }
        }
    }

    /// Offers the documents of a segment that can be among the best hits after a search-after position.
    private func collectTop(_ stream: any DocumentStream, _ first: Int, _ live: LiveDocuments?, after: SearchAfter) {
        let afterScore = after.score ?? 0
        let scope = stream.scope
        scope.withList { list in
            var from = 0
            while !budget.isLate(), let window = stream.nextWindow(from: from) {
                from = window + scope.windowSize
                let minScore = minSum(roundingTo: top.entry)
                if stream.bound(window) < minScore { continue }
                stream.collect(window, minScore: minScore, into: list)
                for i in 0..<list.count {
                    let document = window &+ Int(list.slots[i])
                    let score = Float(list.scores[i])
                    if let live, !live.contains(document) { continue }
                    if score > afterScore || score == afterScore && first &+ document <= after.document { continue }
                    top.offer(score, first &+ document)
                }
                top.settleIfWorthwhile()
            }
        }
    }

    /// Counts all matches of a window and fills `list` with those that may reach `minScore`.
    private func collectAll(
        _ stream: any DocumentStream, _ window: Int, _ minScore: Double, _ live: LiveDocuments?,
        into list: CandidateList
    ) {
        let intersection = stream as? IntersectionStream
        if let intersection {
            intersection.collectAll(window, into: list)
        } else {
            stream.collect(window, minScore: -.infinity, into: list)
        }
        if let live {
            for i in 0..<list.count where live.contains(window &+ Int(list.slots[i])) { total &+= 1 }
        } else {
            total &+= list.count
        }
        intersection?.score(window, list, minScore: minScore)
    }

    /// The number of live matches of a segment, without scoring; from statistics where these suffice.
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

    /// Calls `body` with the start and the bits of the live matches of each window that may have some, in ascending
    /// order. Stops at the deadline.
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

    /// The result, after the last segment. To be called once.
    ///
    /// Errors: `corrupt` when values of facets cannot be read.
    func result() throws(IndexError) -> SearchResult {
        var hits: [SearchResult.Hit] = []
        if search.limit > 0 {
            hits = try sorted?.hits() ?? top.takeSorted { SearchResult.Hit(document: $1, score: $0) }
        }
        let counts = try facets.map { facet throws(IndexError) in try facet.result(budget, scratch) }
        return SearchResult(
            total: search.countsMatches ? total : nil, hits: hits, facets: counts, isPartial: budget.isExceeded,
            isLate: budget.isOutOfTime)
    }
}
