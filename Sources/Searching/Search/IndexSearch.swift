public import Segments

extension IndexReader {
    /// Runs a search on the calling thread.
    ///
    /// Any number of threads may search one reader at once; each search uses working memory of its own.
    ///
    /// ```swift
    /// let reader = try IndexReader(IndexFolder(path))
    /// let result = try reader.search(Search(.term(field: "title", "fox"), limit: 10))
    /// print(result.total ?? 0, result.hits.map(\.document))
    /// ```
    ///
    /// Errors: `request` for fields that the schema does not have or that do not fit, and for queries with more clauses
    /// than the limits allow; `searchAfterMismatch` for a position of another order; `corrupt` when a postings list met
    /// on the way cannot be decoded (corruption that still decodes is found by `check`, not here). Complexity: at most
    /// linear in the postings of the query's terms; the best hits by score are found by decoding only blocks that can
    /// contain one.
    public func search(_ search: Search) throws(IndexError) -> SearchResult {
        try self.search(search, sharing: .single)
    }

    /// Runs a search that shares its look-ups with the other searches of a request. Errors: as above.
    package func search(_ search: Search, sharing memory: SearchMemory) throws(IndexError) -> SearchResult {
        if search.limit == 0, search.facets.isEmpty, search.filters.isEmpty, search.beyond == nil,
            search.query.clauseCount <= search.limits.clauses, let count = try countWithoutPostings(search.query)
        {
            return SearchResult(total: search.countsMatches ? count : nil, hits: [], facets: [])
        }
        try validate(search.query, search.filters, search.limits, memory)
        try validate(search.beyond, [], search.limits, memory)
        let budget = SearchBudget(search.limits)
        let groups = try search.collapse.map { name throws(IndexError) in try hitGroups(name, budget) }
        let sorted = try sortedHits(search, groups)
        let isScored = search.limit > 0 && sorted?.needsScores ?? true
        let filters = search.filters
        let query = search.beyond.map { .boolean(.init(must: [search.query], mustNot: [$0])) } ?? search.query
        let filtered = filters.isEmpty ? query : .boolean(.init(must: [query], filter: filters))
        let plan = try SearchPlan(filtered, self, search.similarity, isScored: isScored, budget, sharing: memory)
        let facets = try search.facets.map { request throws(IndexError) in
            try facetCounter(request, filters: filters.count)
        }
        let needsDrillSideways = facets.contains { $0.without != nil }
        // It plans the query and the filters a second time, with a budget of its own.
        let drillSideways =
            needsDrillSideways
            ? try DrillSideways(query, filters, self, SearchBudget(search.limits), sharing: memory) : nil
        let run = SearchRun(
            search, sorted: sorted, facets: facets, drillSideways: drillSideways, budget, ScratchPool.shared.take())
        defer { ScratchPool.shared.give(back: run.scratch) }
        if let groups, let beyond = search.beyond {
            let earlier = Query.boolean(.init(filter: [beyond] + filters))
            let earlierPlan = try SearchPlan(
                earlier, self, search.similarity, isScored: false, budget, sharing: memory)
            run.leaveOut(groups, of: earlierPlan)
        }
        for segmentIndex in segments.indices { try run.collect(self, segmentIndex, plan) }
        var result = try run.result()
        if let budget = drillSideways?.budget {
            if budget.isExceeded { result.isPartial = true }
            if budget.isOutOfTime { result.isLate = true }
        }
        if search.limit > 0 { result.groups = groups?.count }
        return result
    }

    /// The number of matches of a query for which statistics suffice; nil for other queries.
    private func countWithoutPostings(_ query: Query) throws(IndexError) -> Int? {
        switch query {
        case .all: return liveDocuments
        case .none: return 0
        case .term(let name, let term) where liveDocuments == documents:
            return try documentFrequency(try indexedField(name).index, term)
        default: return nil
        }
    }

    /// The collector for a search that is ordered by fields or collapsed; nil for an order by score alone.
    ///
    /// Errors: those of `SortedHits`.
    private func sortedHits(_ search: Search, _ groups: HitGroups?) throws(IndexError) -> SortedHits? {
        guard case .fields(let fields) = search.order else {
            if let after = search.after, after.values.count != 1 || after.score == nil { throw .searchAfterMismatch }
            guard let groups else { return nil }
            return try SortedHits(
                [.score], limit: search.limit, after: search.after, groups: groups, showsValues: false, self)
        }
        return try SortedHits(fields, limit: search.limit, after: search.after, groups: groups, self)
    }

    /// The groups of a search that is collapsed by a field.
    ///
    /// Errors: `request` if it is not a keyword field, or the key.
    private func hitGroups(_ name: String, _ budget: SearchBudget) throws(IndexError) -> HitGroups {
        func fits(_ field: Field) -> Bool { field.type == .keyword && field.name != schema.key }
        guard let (index, field) = schema.field(name), fits(field) else {
            let available = schema.fields.filter(fits).map(\.name).joined(separator: ", ")
            throw .request(problem: "cannot collapse by \"\(name)\"; fields to collapse by: \(available)")
        }
        return HitGroups(field: index, budget)
    }

    /// The counter of a facet in a search with `filters` filters.
    ///
    /// Errors: `request` for a field or a filter that does not fit.
    private func facetCounter(_ request: FacetRequest, filters: Int) throws(IndexError) -> any FacetCounter {
        if let without = request.without, !(0..<filters ~= without) {
            throw .request(problem: "the facet \"\(request.field)\" leaves out filter \(without); there are \(filters)")
        }
        let countsKeywords: Bool
        switch request.kind {
        case .values, .distinct: countsKeywords = true
        case .ranges, .histogram, .calendar, .statistics: countsKeywords = false
        }
        func hasFacet(_ field: Field) -> Bool {
            countsKeywords ? field.type == .keyword && field.name != schema.key : field.hasNumbers
        }
        guard let (index, field) = schema.field(request.field), hasFacet(field) else {
            let available = schema.fields.filter(hasFacet).map(\.name).joined(separator: ", ")
            let kind = countsKeywords ? "keyword" : "number"
            throw .request(problem: "\"\(request.field)\" is not a \(kind) facet; facets: \(available)")
        }
        switch request.kind {
        case .values(let listed): return ValueCounter(request, listed, field: index)
        case .distinct: return ValueCounter(request, nil, field: index)
        default: return try NumberCounter(request, NumberCodec(field) ?? .integer, field: index)
        }
    }
}
