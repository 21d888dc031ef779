import Kernels

/// A search of an index.
public struct Search: Sendable {
    /// The order of hits.
    public enum Order: Sendable, Equatable {
        /// Best score first.
        case score
        /// By a number field; documents without a value come last, equal ones by score-independent arrival.
        case field(String, ascending: Bool)
    }

    /// What to look for.
    public var query: Query
    /// How many hits to hand out; 0 only counts.
    public var limit: Int
    /// Their order; equal hits keep the order of arrival.
    public var order: Order
    /// Facets to count over all matches.
    public var facets: [FacetRequest]
    /// How words are weighed.
    public var similarity: BM25
    /// Whether to count all matches. Without it, documents that cannot be among the hits are not looked at.
    public var countsMatches: Bool

    /// A search for the `limit` best hits.
    public init(
        _ query: Query, limit: Int = 10, order: Order = .score, facets: [FacetRequest] = [], similarity: BM25 = BM25(),
        countsMatches: Bool = true
    ) {
        self.query = query
        self.limit = limit
        self.order = order
        self.facets = facets
        self.similarity = similarity
        self.countsMatches = countsMatches
    }
}

/// What a search found.
public struct SearchResult: Sendable, Equatable {
    /// One document.
    public struct Hit: Sendable, Equatable {
        /// Its number in the reader that was searched.
        public var document: Int
        /// Its score; 0 in a search ordered by a field.
        public var score: Float
    }

    /// Exact number of documents that match; nil if it was not asked for.
    public var total: Int?
    /// The best of them, best first.
    public var hits: [Hit]
    /// In the order they were asked for.
    public var facets: [FacetCounts]
}

extension IndexReader {
    /// Runs a search on the calling thread.
    ///
    /// Errors: `request` for fields the schema does not have, `corrupt` when a list met on the way cannot be decoded.
    /// (Damage that still decodes is found by `check`, not here.) Complexity: at most linear in the postings of the
    /// query's terms; hits by score look only at blocks that can hold one.
    public func search(_ search: Search) throws(IndexError) -> SearchResult {
        try validate(search.query)
        if search.limit == 0, search.facets.isEmpty, let count = try countWithoutPostings(search.query) {
            return SearchResult(total: search.countsMatches ? count : nil, hits: [], facets: [])
        }
        let sortField = try sortField(search.order)
        let isScored = search.limit > 0 && sortField == nil
        let plan = try SearchPlan(search.query, self, search.similarity, isScored: isScored)
        let facets = try search.facets.map { request throws(IndexError) in try facetCounter(request) }
        let run = SearchRun(search, sortField: sortField, facets: facets, scratch.take())
        defer { scratch.give(back: run.scratch) }
        for number in segments.indices { try run.collect(self, number, plan) }
        return try run.result()
    }

    /// Refuses fields that cannot be asked, whatever the index holds.
    private func validate(_ query: Query, boost: Float = 1) throws(IndexError) {
        switch query {
        case .all, .none: return
        case .term(let name, _): _ = try indexedField(name)
        case .range(let name, let range):
            let (_, field) = try field(name)
            if field.type == .integer || field.type == .float {
                _ = try range.keys(field)
            } else {
                _ = try indexedField(name)
                _ = try TermSelection(range, name)
            }
        case .exists(let name): _ = try field(name)
        case .pattern(let name, let pattern):
            _ = try indexedField(name)
            _ = try TermSelection(pattern)
        case .fuzzy(let name, let fuzzy):
            _ = try indexedField(name)
            guard 0...LevenshteinAutomaton.mostEdits ~= fuzzy.edits, fuzzy.prefix >= 0, 1...1000 ~= fuzzy.limit else {
                throw .request(
                    problem: "a fuzzy term takes 0 to \(LevenshteinAutomaton.mostEdits) edits, a prefix from 0 on "
                        + "and a limit of 1 to 1,000")
            }
        case .phrase(let name, let terms):
            let places = terms.map(\.position)
            guard let first = places.min(), let last = places.max(), first > -1 << 31, last < 1 << 31 else {
                if terms.isEmpty { break }
                throw .request(problem: "the terms of a phrase are too far apart")
            }
            guard try indexedField(name).type == .text else {
                throw .request(problem: "the field \"\(name)\" is no text; phrases need a text field")
            }
        case .boosted(let inner, let factor):
            guard factor >= 0, factor.isFinite else {
                throw .request(problem: "a boost of \(factor) cannot be used; give none below zero")
            }
            guard boost * factor < 1e30 else {
                throw .request(problem: "boosts multiply to \(boost * factor); they must stay below 1e30")
            }
            try validate(inner, boost: boost * factor)
        case .constant(let inner, let score):
            guard score >= 0, boost * score < 1e30 else {
                throw .request(problem: "a constant score of \(score) cannot be used; give none below zero")
            }
            try validate(inner)
        case .best(let queries, let others):
            guard others >= 0, others <= 1 else {
                throw .request(problem: "a share of \(others) for the other clauses cannot be used; give 0 to 1")
            }
            for query in queries { try validate(query, boost: boost) }
        case .combined(let fields, _):
            for field in fields {
                guard try indexedField(field.name).type == .text else {
                    throw .request(problem: "the field \"\(field.name)\" is no text; only text fields can be combined")
                }
                guard field.weight > 0, field.weight <= 1e6 else {
                    throw .request(problem: "a weight of \(field.weight) cannot be used; give above 0 to 1,000,000")
                }
            }
        case .boolean(let boolean):
            guard boolean.minimumShould ?? 0 >= 0 else {
                throw .request(problem: "a minimum of \(boolean.minimumShould ?? 0) matching clauses cannot be met")
            }
            for clause in boolean.must + boolean.should + boolean.mustNot + boolean.filter {
                try validate(clause, boost: boost)
            }
        }
    }

    /// The count of a query that statistics answer alone.
    private func countWithoutPostings(_ query: Query) throws(IndexError) -> Int? {
        switch query {
        case .all: return liveDocuments
        case .none: return 0
        case .term(let name, let term) where liveDocuments == documents:
            return try documentFrequency(try indexedField(name).index, term)
        default: return nil
        }
    }

    private func sortField(_ order: Search.Order) throws(IndexError) -> (field: Int, ascending: Bool)? {
        guard case .field(let name, let ascending) = order else { return nil }
        guard let (index, field) = schema.field(name), field.type == .integer || field.type == .float else {
            let known = schema.fields.filter { $0.type == .integer || $0.type == .float }.map(\.name)
            throw .request(problem: "cannot sort by \"\(name)\"; sortable fields: \(known.joined(separator: ", "))")
        }
        return (index, ascending)
    }

    private func facetCounter(_ request: FacetRequest) throws(IndexError) -> FacetCounter {
        guard let (index, field) = schema.field(request.field), field.type == .keyword, field.name != schema.key else {
            let known = schema.fields.filter { $0.type == .keyword && $0.name != schema.key }.map(\.name)
            throw .request(
                problem: "\"\(request.field)\" is no facet; facets: \(known.joined(separator: ", "))")
        }
        return FacetCounter(request, field: index, segmentCount: segments.count)
    }
}

/// One search on its way through the segments.
private final class SearchRun {
    private let search: Search
    private let sortField: (field: Int, ascending: Bool)?
    private let facets: [FacetCounter]
    private var top: TopScores
    private var topKeys: TopHits<UInt64>
    let scratch: Scratch
    private var total = 0
    /// The first documents without a value to sort by: they come last in either order.
    private var missing: [Int] = []

    init(_ search: Search, sortField: (field: Int, ascending: Bool)?, facets: [FacetCounter], _ scratch: Scratch) {
        self.scratch = scratch
        self.search = search
        self.sortField = sortField
        self.facets = facets
        top = TopScores(limit: max(search.limit, 1))
        topKeys = TopHits(limit: sortField == nil ? 1 : max(search.limit, 1))
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
        let isScored = search.limit > 0 && sortField == nil
        for facet in facets { try facet.begin(segment) }
        if let stream = try plan.stream(number, scope) {
            let isOnePass = isScored && search.countsMatches && facets.isEmpty && stream.countsByScoring
            if isOnePass {
                stream.chooseWindowForCounting(alsoScoring: true)
                takeBest(stream, first, live, countsAll: true)
            } else if isScored {
                stream.chooseWindowForScoring()
                takeBest(stream, first, live, countsAll: false)
            }
            stream.chooseWindowForCounting()
            if isOnePass {
                // Counted already.
            } else if !facets.isEmpty || sortField != nil && search.limit > 0 {
                let keys = try sortField.map { field throws(IndexError) in
                    try reader.column(number, .field(field.field))
                }
                takeMatches(stream, keys, first, live)
            } else if search.countsMatches {
                total += count(stream, live)
            }
            if let section = scope.damaged { throw segment.corrupt(section, 0, 0, "a list cannot be decoded") }
        }
        for facet in facets { try facet.end() }
    }

    /// Offers what can be among the hits; with `countsAll` all matches, counting them.
    private func takeBest(_ stream: any DocumentStream, _ first: Int, _ live: LiveDocuments?, countsAll: Bool) {
        if let term = stream as? TermStream, term.weight != nil {
            return term.collectTop(into: &top, first: first, live: live)
        }
        for term in (stream as? UnionStream)?.streams ?? [] where !top.isFull {
            if let known = (term as? TermStream)?.bestOfBestBlocks(search.limit, live) { top.raise(to: known) }
        }
        let scope = stream.scope
        scope.withList { list in
            var from = 0
            while let window = stream.nextWindow(from: from) {
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
        while let window = stream.nextWindow(from: from) {
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
        while let window = stream.nextWindow(from: from) {
            from = window + scope.windowSize
            scope.withBits { bits in
                stream.match(window, into: bits)
                if let live { _ = intersectBits(bits, live.bits(from: window), words: scope.words) }
                body(window, bits)
            }
        }
    }

    private func takeMatches(
        _ stream: any DocumentStream, _ keys: PatchedColumn?, _ first: Int, _ live: LiveDocuments?
    ) {
        let words = stream.scope.words
        forEachWindow(stream, live) { window, bits in
            total += countBits(bits, words: words)
            for facet in facets { facet.count(bits, words: words, base: window) }
            if search.limit > 0 { takeKeys(bits, words, keys, window, first) }
        }
    }

    private func takeKeys(
        _ bits: UnsafePointer<UInt64>, _ words: Int, _ keys: PatchedColumn?, _ window: Int, _ first: Int
    ) {
        guard let sortField, let keys else { return }
        forEachBit(bits, words: words) { slot in
            if let key = keys.key(window &+ slot) {
                topKeys.offer(sortField.ascending ? ~key : key, first &+ window &+ slot)
            } else if missing.count < search.limit {
                missing.append(first &+ window &+ slot)
            }
        }
    }

    func result() throws(IndexError) -> SearchResult {
        var hits: [SearchResult.Hit] = []
        if search.limit > 0, sortField == nil {
            hits = top.takeSorted { SearchResult.Hit(document: $1, score: $0) }
        } else if search.limit > 0 {
            hits = topKeys.sorted.map { SearchResult.Hit(document: $0.document, score: 0) }
            hits += missing.prefix(search.limit - hits.count).map { SearchResult.Hit(document: $0, score: 0) }
        }
        let counts = try facets.map { facet throws(IndexError) in try facet.result() }
        return SearchResult(total: search.countsMatches ? total : nil, hits: hits, facets: counts)
    }
}
