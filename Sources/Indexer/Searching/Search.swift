/// A search of an index.
public struct Search: Sendable {
    /// The order of hits.
    public enum Order: Sendable, Equatable {
        /// Best score first.
        case score
        /// By fields: of equal hits of the first the second decides, and so on.
        case fields([SortField])

        /// By one field; documents without a value come last.
        public static func field(_ name: String, ascending: Bool) -> Order {
            .fields([SortField(name, ascending: ascending)])
        }
    }

    /// What to look for.
    public var query: Query
    /// What hits must match besides, without scoring: a facet may leave out its own.
    public var filters: [Query]
    /// How many hits to hand out; 0 only counts.
    public var limit: Int
    /// Their order; equal hits keep the order of arrival.
    public var order: Order
    /// The hit behind which the first one comes; nil to begin with the best.
    public var after: SearchPlace?
    /// Facets to count over all matches.
    public var facets: [FacetRequest]
    /// How words are weighed.
    public var similarity: BM25
    /// Whether to count all matches. Without it, documents that cannot be among the hits are not looked at.
    public var countsMatches: Bool

    /// A search for the `limit` best hits.
    public init(
        _ query: Query, filters: [Query] = [], limit: Int = 10, order: Order = .score, after: SearchPlace? = nil,
        facets: [FacetRequest] = [], similarity: BM25 = BM25(), countsMatches: Bool = true
    ) {
        self.query = query
        self.filters = filters
        self.limit = limit
        self.order = order
        self.after = after
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
        /// Its score; 0 in a search ordered by fields among which it is not.
        public var score: Float
        /// What it was ordered by; empty in a search ordered by score.
        public var sort: [SortValue] = []
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
        for filter in search.filters { try validate(filter) }
        if search.limit == 0, search.facets.isEmpty, search.filters.isEmpty,
            let count = try countWithoutPostings(search.query)
        {
            return SearchResult(total: search.countsMatches ? count : nil, hits: [], facets: [])
        }
        let sorted = try sortedHits(search)
        let isScored = search.limit > 0 && sorted?.needsScores ?? true
        let filters = search.filters
        let whole = filters.isEmpty ? search.query : .boolean(.init(must: [search.query], filter: filters))
        let plan = try SearchPlan(whole, self, search.similarity, isScored: isScored)
        let facets = try search.facets.map { request throws(IndexError) in
            try facetCounter(request, filters: filters.count)
        }
        let goesSideways = facets.contains { $0.without != nil }
        let sideways = goesSideways ? try SidewaysPass(search.query, filters, self) : nil
        let run = SearchRun(search, sorted: sorted, facets: facets, sideways: sideways, scratch.take())
        defer { scratch.give(back: run.scratch) }
        for number in segments.indices { try run.collect(self, number, plan) }
        return try run.result()
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

    /// What orders the hits of a search; nil when the score alone does.
    private func sortedHits(_ search: Search) throws(IndexError) -> SortedHits? {
        guard case .fields(let fields) = search.order else {
            if let after = search.after, after.values.count != 1 || after.score == nil {
                throw .request(problem: "the place to go on from is not one of this order")
            }
            return nil
        }
        return try SortedHits(fields, limit: search.limit, after: search.after, self)
    }

    /// The field of that name if hits can be ordered by it.
    func sortableField(_ name: String) throws(IndexError) -> (index: Int, type: FieldType) {
        func isSortable(_ field: Field) -> Bool {
            [.integer, .float].contains(field.type) || field.type == .keyword && field.name != schema.key
        }
        guard let (index, field) = schema.field(name), isSortable(field) else {
            let known = schema.fields.filter(isSortable).map(\.name)
            throw .request(problem: "cannot sort by \"\(name)\"; sortable fields: \(known.joined(separator: ", "))")
        }
        return (index, field.type)
    }

    private func facetCounter(_ request: FacetRequest, filters: Int) throws(IndexError) -> any FacetCounter {
        if let without = request.without, !(0..<filters ~= without) {
            throw .request(
                problem: "the facet \"\(request.field)\" leaves out filter \(without); there are \(filters)")
        }
        let isOfValues: Bool
        switch request.kind {
        case .values, .distinct: isOfValues = true
        case .ranges, .histogram, .statistics: isOfValues = false
        }
        func hasFacet(_ field: Field) -> Bool {
            isOfValues
                ? field.type == .keyword && field.name != schema.key : field.type == .integer || field.type == .float
        }
        guard let (index, field) = schema.field(request.field), hasFacet(field) else {
            let known = schema.fields.filter(hasFacet).map(\.name).joined(separator: ", ")
            throw .request(
                problem: "\"\(request.field)\" is no facet\(isOfValues ? "" : " of numbers"); facets: \(known)")
        }
        switch request.kind {
        case .values(let listed): return ValueCounter(request, listed, field: index, segmentCount: segments.count)
        case .distinct: return ValueCounter(request, nil, field: index, segmentCount: segments.count)
        default: return try NumberCounter(request, field, number: index)
        }
    }
}
