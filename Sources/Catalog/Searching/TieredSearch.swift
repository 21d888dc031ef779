import Searching
import Segments

/// A search in tiers: all hits of a tier come before those of the next one, and each hit comes once.
///
/// ```swift
/// let tiers = TieredSearch([.and(words), .or(words)])
/// let result = try tiers.run(Search(.none, limit: 20, facets: facets), context.search)
/// print(result.found[result.counted], "have all words")
/// ```
struct TieredSearch {
    /// The queries of the tiers, the best first; at most two. Their order does not depend on filters.
    let queries: [Query]

    /// A search of one or two tiers.
    init(_ queries: [Query]) {
        precondition((1...2).contains(queries.count))
        self.queries = queries
    }

    /// Runs a search tier by tier by `find`, with everything but its query, `beyond` and `after`.
    ///
    /// Facets are counted in the first tier that has matches. In a collapsed search each group comes once, with its
    /// best hit of the first tier that has one. Errors: as for `IndexReader.search`. Complexity: that of one search for
    /// each tier, of which those that cannot add hits only count.
    func run(
        _ search: Search, after: TieredAfter? = nil, _ find: (Search) throws(IndexError) -> SearchResult
    ) throws(IndexError) -> TieredResult {
        if let after, !queries.indices.contains(after.tier) { throw .searchAfterMismatch }
        var result = TieredResult()
        for (tier, query) in queries.enumerated() {
            var part = search
            part.query = query
            // Where no match of the tier before passes the filters, facets that omit one may count those that do not.
            part.beyond = tier > 0 && result.found[tier - 1] > 0 ? queries[tier - 1] : nil
            let isBehind = after.map { tier < $0.tier } ?? false
            let limit = isBehind ? 0 : search.limit - result.hits.count
            // Groups are only counted with hits.
            part.limit = search.collapse != nil && search.limit > 0 ? max(limit, 1) : limit
            part.after = after?.tier == tier ? after?.after : nil
            let isCounted = tier == 0 || result.found[result.counted] == 0
            if !isCounted { part.facets = [] }
            let found = try find(part)
            result.found.append(max(found.total ?? 0, found.hits.count))
            if isCounted { (result.counted, result.facets) = (tier, found.facets) }
            result.hits += found.hits.prefix(limit).map { TieredResult.Hit(tier: tier, hit: $0) }
            if let groups = found.groups { result.groups = (result.groups ?? 0) + groups }
            if found.isPartial { result.isPartial = true }
            if found.isLate { result.isLate = true }
        }
        return result
    }
}

/// The result of a search in tiers.
struct TieredResult {
    /// A hit and the index of its tier.
    struct Hit {
        var tier: Int
        var hit: SearchResult.Hit

        /// The position after it in an order.
        func position(in order: Search.Order) -> TieredAfter {
            let values = order == .score ? [.score(hit.score)] : hit.sort
            return TieredAfter(tier: tier, after: SearchAfter(values, document: hit.document))
        }
    }

    /// The hits of all tiers, in order.
    var hits: [Hit] = []
    /// The number of matches of each tier.
    var found: [Int] = []
    /// The index of the first tier that has matches, whose facets are counted; the last one if none has.
    var counted = 0
    /// The facets, aligned with those of the search.
    var facets: [FacetCounts] = []
    /// The number of groups of all tiers; nil in a search that does not collapse or returns no hits.
    var groups: Int?
    /// True if the search reached one of its limits, see `SearchResult`.
    var isPartial = false
    /// True if it is partial because the deadline passed.
    var isLate = false
}
