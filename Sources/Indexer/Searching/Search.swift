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
    /// A keyword field of which each value has its best hit alone; of several values of a document the least counts.
    /// Documents without a value are hits by themselves.
    public var collapse: String?
    /// What it may cost.
    public var limits = SearchLimits()
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
        /// How many documents that match have its value, in a search that collapses them.
        public var groupSize: Int?
    }

    /// Exact number of documents that match; nil if it was not asked for.
    public var total: Int?
    /// The best of them, best first.
    public var hits: [Hit]
    /// In the order they were asked for.
    public var facets: [FacetCounts]
    /// How many hits there are after those with one value were collapsed; nil when none were.
    public var groups: Int?
    /// Whether the search came to an end of its limits: there may be better hits, and more than were counted.
    public var isPartial = false
    /// Whether it is partial because its time was over: with more time there would be more.
    public var isLate = false
}
