extension IndexReader {
    /// Runs a search on the calling thread.
    ///
    /// Errors: `request` for fields the schema does not have, `corrupt` when a list met on the way cannot be decoded.
    /// (Damage that still decodes is found by `check`, not here.) Complexity: at most linear in the postings of the
    /// query's terms; hits by score look only at blocks that can hold one.
    public func search(_ search: Search) throws(IndexError) -> SearchResult {
        if search.limit == 0, search.facets.isEmpty, search.filters.isEmpty,
            search.query.clauseCount <= search.limits.clauses,
            let count = try countWithoutPostings(search.query)
        {
            return SearchResult(total: search.countsMatches ? count : nil, hits: [], facets: [])
        }
        try validate(search.query)
        for filter in search.filters { try validate(filter) }
        let clauses = search.filters.reduce(search.query.clauseCount) { $0 + $1.clauseCount }
        guard clauses <= search.limits.clauses else {
            throw .request(problem: "the query has \(clauses) clauses; \(search.limits.clauses) are the most")
        }
        let budget = SearchBudget(search.limits)
        let groups = try search.collapse.map { name throws(IndexError) in try hitGroups(name, budget) }
        let sorted = try sortedHits(search, groups)
        let isScored = search.limit > 0 && sorted?.needsScores ?? true
        let filters = search.filters
        let whole = filters.isEmpty ? search.query : .boolean(.init(must: [search.query], filter: filters))
        let plan = try SearchPlan(whole, self, search.similarity, isScored: isScored, budget)
        let facets = try search.facets.map { request throws(IndexError) in
            try facetCounter(request, filters: filters.count)
        }
        let goesSideways = facets.contains { $0.without != nil }
        // It looks everything up for itself.
        let sideways = goesSideways ? try SidewaysPass(search.query, filters, self, SearchBudget(search.limits)) : nil
        let run = SearchRun(
            search, sorted: sorted, facets: facets, sideways: sideways, budget, scratch.take())
        defer { scratch.give(back: run.scratch) }
        for number in segments.indices { try run.collect(self, number, plan) }
        var result = try run.result()
        if let budget = sideways?.budget {
            if budget.isExceeded { result.isPartial = true }
            if budget.isOutOfTime { result.isLate = true }
        }
        if search.limit > 0 { result.groups = groups?.count }
        return result
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
    private func sortedHits(_ search: Search, _ groups: HitGroups?) throws(IndexError) -> SortedHits? {
        guard case .fields(let fields) = search.order else {
            if let after = search.after, after.values.count != 1 || after.score == nil {
                throw .request(problem: "the place to go on from is not one of this order")
            }
            guard let groups else { return nil }
            return try SortedHits(
                [.score], limit: search.limit, after: search.after, groups: groups, showsValues: false, self)
        }
        return try SortedHits(fields, limit: search.limit, after: search.after, groups: groups, self)
    }

    private func hitGroups(_ name: String, _ budget: SearchBudget) throws(IndexError) -> HitGroups {
        func fits(_ field: Field) -> Bool { field.type == .keyword && field.name != schema.key }
        guard let (index, field) = schema.field(name), fits(field) else {
            let known = schema.fields.filter(fits).map(\.name).joined(separator: ", ")
            throw .request(problem: "cannot collapse by \"\(name)\"; fields to collapse by: \(known)")
        }
        return HitGroups(field: index, budget)
    }

    /// The field of that name if hits can be ordered by it.
    func sortableField(_ name: String) throws(IndexError) -> (index: Int, codec: NumberCodec?) {
        func isSortable(_ field: Field) -> Bool {
            field.hasNumbers || field.type == .keyword && field.name != schema.key
        }
        guard let (index, field) = schema.field(name), isSortable(field) else {
            let known = schema.fields.filter(isSortable).map(\.name)
            throw .request(problem: "cannot sort by \"\(name)\"; sortable fields: \(known.joined(separator: ", "))")
        }
        return (index, NumberCodec(field))
    }

    private func facetCounter(_ request: FacetRequest, filters: Int) throws(IndexError) -> any FacetCounter {
        if let without = request.without, !(0..<filters ~= without) {
            throw .request(
                problem: "the facet \"\(request.field)\" leaves out filter \(without); there are \(filters)")
        }
        let isOfValues: Bool
        switch request.kind {
        case .values, .distinct: isOfValues = true
        case .ranges, .histogram, .calendar, .statistics: isOfValues = false
        }
        func hasFacet(_ field: Field) -> Bool {
            isOfValues
                ? field.type == .keyword && field.name != schema.key : field.hasNumbers
        }
        guard let (index, field) = schema.field(request.field), hasFacet(field) else {
            let known = schema.fields.filter(hasFacet).map(\.name).joined(separator: ", ")
            throw .request(
                problem: "\"\(request.field)\" is no facet\(isOfValues ? "" : " of numbers"); facets: \(known)")
        }
        switch request.kind {
        case .values(let listed): return ValueCounter(request, listed, field: index)
        case .distinct: return ValueCounter(request, nil, field: index)
        default: return try NumberCounter(request, NumberCodec(field) ?? .integer, number: index)
        }
    }
}
