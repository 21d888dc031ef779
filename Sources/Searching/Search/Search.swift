public import Segments

/// A search request: a query with filters, order, paging, facets and limits.
///
/// ```swift
/// var search = Search(
///     .term(field: "title", "fox"), filters: [.term(field: "color", "red")], limit: 20,
///     facets: [FacetRequest("color", without: 0), FacetRequest("year", .histogram(width: 10))])
/// search.limits.deadline = .now + .milliseconds(100)
/// let result = try reader.search(search)
/// for hit in result.hits { print(hit.score, try reader.document(hit.document)) }
/// ```
public struct Search: Sendable {
    /// The order of hits.
    public enum Order: Sendable, Equatable {
        /// By score, best first.
        case score
        /// By 1 to `SortField.maxFields` criteria: of hits that are equal by the first the second decides, and so on.
        case fields([SortField])

        /// The order by one field; documents without a value come last.
        public static func field(_ name: String, ascending: Bool) -> Order {
            .fields([SortField(name, ascending: ascending)])
        }
    }

    /// The query, which decides about matches and scores.
    public var query: Query
    /// Filters that hits must match as well; they do not score. A facet can be counted without one of them, see
    /// `FacetRequest.without`.
    public var filters: [Query]
    /// The maximum number of hits to return; 0 only counts.
    public var limit: Int
    /// The order of hits; equal ones are ordered by document id.
    public var order: Order
    /// The position after which hits are returned; nil to start with the best. Its values must fit `order`.
    public var after: SearchAfter?
    /// Facets to count over all matches.
    public var facets: [FacetRequest]
    /// The parameters of the similarity. Scores with the default ones are a little faster to prepare.
    public var similarity: BM25
    /// A keyword field by which hits are collapsed: only the best hit of each value is returned. Of several values of a
    /// document the minimum counts; documents without a value are hits by themselves.
    public var collapse: String?
    /// A query whose matches are no hits, since an earlier search returned them; nil for none. In a collapsed search
    /// the groups of those that pass the filters are no hits either.
    public var beyond: Query?
    /// Limits on the cost of the search.
    public var limits = SearchLimits()
    /// True if all matches are counted. Otherwise documents that cannot be among the hits are skipped.
    public var countsMatches: Bool

    /// A search for the `limit` best hits.
    public init(
        _ query: Query, filters: [Query] = [], limit: Int = 10, order: Order = .score, after: SearchAfter? = nil,
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

/// The result of a search.
public struct SearchResult: Sendable, Equatable {
    /// One document of the result.
    public struct Hit: Sendable, Equatable {
        /// The document id in the reader that was searched.
        public var document: Int
        /// The score; 0 in a search ordered by fields without the score among them.
        public var score: Float
        /// The values the hit was ordered by, one per sort criterion; empty in a search ordered by score.
        public var sort: [SortValue] = []
        /// The number of matching documents with the hit's value, in a collapsed search; nil for a document without a
        /// value and in other searches.
        public var groupSize: Int?
    }

    /// The exact number of matching documents; nil if it was not requested.
    public var total: Int?
    /// The best matches, best first; at most `Search.limit`.
    public var hits: [Hit]
    /// The facets, aligned with `Search.facets`.
    public var facets: [FacetCounts]
    /// The number of hits after collapsing, over all pages; nil in a search that does not collapse or returns no hits.
    public var groups: Int?
    /// True if the search reached one of its limits: there may be better hits, and more than were counted.
    public var isPartial = false
    /// True if it is partial because the deadline passed: a longer one would find more.
    public var isLate = false
}
