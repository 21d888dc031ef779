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

    /// A search for the `limit` best hits.
    public init(
        _ query: Query, limit: Int = 10, order: Order = .score, facets: [FacetRequest] = [], similarity: BM25 = BM25()
    ) {
        self.query = query
        self.limit = limit
        self.order = order
        self.facets = facets
        self.similarity = similarity
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

    /// Exact number of documents that match.
    public var total: Int
    /// The best of them, best first.
    public var hits: [Hit]
    /// In the order they were asked for.
    public var facets: [FacetCounts]
}

extension IndexReader {
    /// Runs a search on the calling thread.
    ///
    /// Errors: `request` for fields the schema does not have, `corrupt` when a list met on the way cannot be decoded.
    /// (Damage that still decodes is found by `check`, not here.) Complexity: linear in the postings of the query's
    /// terms.
    public func search(_ search: Search) throws(IndexError) -> SearchResult {
        try validate(search.query)
        if search.limit == 0, search.facets.isEmpty, let count = try countWithoutPostings(search.query) {
            return SearchResult(total: count, hits: [], facets: [])
        }
        let sortField = try sortField(search.order)
        let isScored = search.limit > 0 && sortField == nil
        let plan = SearchPlan(self, search.similarity, isScored: isScored)
        let run = SearchRun(
            limit: search.limit, isScored: isScored, sortField: sortField,
            facets: try search.facets.map { request throws(IndexError) in try facetCounter(request) })
        for (number, segment) in segments.enumerated() {
            let damage = DamageReport()
            let stream = try plan.stream(search.query, segment, damage)
            try run.collect(stream, segment, base: bases[number])
            if let section = damage.section { throw segment.corrupt(section, 0, 0, "a list cannot be decoded") }
        }
        return try run.result()
    }

    /// Refuses fields that cannot be asked, whatever the index holds.
    private func validate(_ query: Query) throws(IndexError) {
        switch query {
        case .all, .none: return
        case .term(let name, _): _ = try indexedField(name)
        case .phrase(let name, _):
            guard try indexedField(name).type == .text else {
                throw .request(problem: "the field \"\(name)\" is no text; phrases need a text field")
            }
        case .boosted(let inner, let factor):
            guard factor >= 0, factor.isFinite else {
                throw .request(problem: "a boost of \(factor) cannot be used; give none below zero")
            }
            try validate(inner)
        case .boolean(let boolean):
            for clause in boolean.must + boolean.should + boolean.mustNot + boolean.filter { try validate(clause) }
        }
    }

    /// The count of a query that statistics answer alone.
    private func countWithoutPostings(_ query: Query) throws(IndexError) -> Int? {
        switch query {
        case .all: return documents
        case .none: return 0
        case .term(let name, let term):
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
    private let isScored: Bool
    private let sortField: (field: Int, ascending: Bool)?
    private let facets: [FacetCounter]
    private let limit: Int
    private var top: TopHits
    private var total = 0
    /// The first documents without a value to sort by: they come last in either order.
    private var missing: [Int] = []
    private let scores = ScoreSums()

    init(limit: Int, isScored: Bool, sortField: (field: Int, ascending: Bool)?, facets: [FacetCounter]) {
        self.isScored = isScored
        self.sortField = sortField
        self.facets = facets
        self.limit = limit
        top = TopHits(limit: limit)
    }

    /// Takes all windows of a segment.
    func collect(_ stream: (any DocumentStream)?, _ segment: SegmentReader, base: Int) throws(IndexError) {
        for facet in facets { facet.begin(segment) }
        var start = 0
        while let stream, let window = stream.nextWindow(from: start) {
            stream.load(window)
            total += countWindow(stream.bits)
            for facet in facets { facet.count(stream.bits, base: window) }
            if isScored {
                takeScores(stream, base + window)
            } else if limit > 0 {
                takeKeys(stream, segment, window, base)
            }
            start = window + windowSize
        }
        for facet in facets { try facet.end() }
    }

    private func takeScores(_ stream: any DocumentStream, _ first: Int) {
        let sums = scores.sums
        forEachBit(stream.bits) { sums[$0] = 0 }
        stream.addScores(matching: stream.bits, to: sums)
        forEachBit(stream.bits) { slot in
            // Scores are not negative, so their bit patterns order like they do.
            top.offer(UInt64(Float(sums[slot]).bitPattern), first &+ slot)
        }
    }

    private func takeKeys(_ stream: any DocumentStream, _ segment: SegmentReader, _ window: Int, _ base: Int) {
        guard let sortField else { return }
        let column = segment.numbers(sortField.field)
        forEachBit(stream.bits) { slot in
            if let key = column?.key(window &+ slot) {
                top.offer(sortField.ascending ? ~key : key, base &+ window &+ slot)
            } else if missing.count < limit {
                missing.append(base &+ window &+ slot)
            }
        }
    }

    func result() throws(IndexError) -> SearchResult {
        let hits = top.sorted.map { rank, document in
            SearchResult.Hit(
                document: document, score: isScored ? Float(bitPattern: UInt32(truncatingIfNeeded: rank)) : 0)
        }
        let rest = missing.prefix(limit - hits.count).map { SearchResult.Hit(document: $0, score: 0) }
        return SearchResult(
            total: total, hits: hits + rest, facets: try facets.map { facet throws(IndexError) in try facet.result() })
    }
}
