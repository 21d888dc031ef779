import Searching
import Segments

/// A request that was planned for a snapshot: the engine's search, and what its result is presented by.
struct PlannedSearch {
    let request: SearchRequest
    /// The interpretation of its query.
    let interpretation: QueryInterpretation
    /// The queries of the tiers, without pins.
    let tiers: TieredSearch
    /// The pins.
    let pins: PlannedPins
    /// The search of each tier, without its query.
    let search: Search
    /// The facets of the search.
    let facets: FacetPlan
}

extension CatalogSearcher {
    /// Plans the search for a request whose query was interpreted.
    ///
    /// Errors: `request` for a parameter that does not fit the catalog, `index` if the index is corrupt.
    func plan(
        _ request: SearchRequest, _ interpreter: QueryInterpreter, _ effects: RuleEffects?, _ context: QueryContext,
        _ limits: SearchLimits
    ) throws(CatalogError) -> PlannedSearch {
        let filters: FilterQueries
        let facets: FacetPlan
        do {
            filters = try FilterQueries(request.filter, reader.schema)
            facets = try FacetPlan(
                request.facets ?? profile.facets.map(RequestedFacet.init), filters, reader.schema, profile.facets)
        } catch {
            throw .request(error)
        }
        let isBrowsing = request.q.trimmed.isEmpty
        var queries = interpreter.isEmpty && isBrowsing ? [.all] : try indexing(interpreter.tiers)
        var order = try order(request, isBrowsing: isBrowsing || interpreter.onlyExcludes)
        var pins = PlannedPins()
        if let effects {
            let isByScore = order == .score || !request.sort.isEmpty
            if isByScore { queries = queries.map(effects.weighted) }
            if request.sort.isEmpty {
                pins = try PlannedPins(effects.pins, perPage: request.perPage, queries[0], reader, context)
                // The score is that of pins alone: without a query all documents have the same.
                if !pins.isEmpty, case .fields(let fields) = order { order = .fields([.score] + fields) }
            }
        }
        var search = Search(
            .none, filters: filters.queries + context.scope + (try effects.map(ruleFilters) ?? []),
            limit: request.page * request.perPage + pins.count, order: order,
            facets: facets.requests, similarity: BM25(k1: profile.ranking.k1, b: profile.ranking.b))
        search.collapse = try collapse(request)
        search.limits = limits
        return PlannedSearch(
            request: request, interpretation: interpreter.interpretation, tiers: TieredSearch(queries), pins: pins,
            search: search, facets: facets)
    }

    /// The queries of rules that hits must match: their filters, and none of the hidden documents.
    ///
    /// Errors: `index` if the index is corrupt.
    private func ruleFilters(_ effects: RuleEffects) throws(CatalogError) -> [Query] {
        var hidden: [Query.ScoredDocument] = []
        try indexing { () throws(IndexError) in
            for key in effects.hidden {
                if let document = try reader.find(key: key) { hidden.append(.init(document, score: 0)) }
            }
        }
        if hidden.isEmpty { return effects.filters }
        return effects.filters + [.boolean(.init(mustNot: [.documents(hidden)], filter: [.all]))]
    }

    /// Presents the result of a planned search as a reply, whose time is still to be set.
    ///
    /// Errors: `request` for members that do not exist or cannot be marked, `index` if the index is corrupt.
    func present(_ result: TieredResult, of plan: PlannedSearch) throws(CatalogError) -> SearchReply {
        let (request, search, interpretation) = (plan.request, plan.search, plan.interpretation)
        let tiers = plan.tiers.queries
        var presenter = try HitPresenter(
            reader, tiers[tiers.count - 1], request.members, request.highlight, markable)
        var hits: [SearchReply.Hit] = []
        let page = plan.pins.page(request, result.hits)
        for shownHit in page {
            let hit = shownHit.hit
            // After the deadline only the first hit is highlighted, and none is explained.
            let isInTime = !search.limits.isOver
            var shown = try presenter.present(hit.hit, marks: isInTime || hits.isEmpty)
            if hit.tier > 0 { shown.tier = SearchReply.Tier.names[hit.tier] }
            if shownHit.isPinned {
                shown.pinned = true
                shown.score = 0
            } else if request.explain, hits.count < SearchRequest.maxExplained, isInTime {
                try explain(&shown, hit, tiers[hit.tier], search)
            }
            hits.append(shown)
        }
        // A cursor goes on behind the last hit that is no pin; the pins are before all of these.
        let last = page.last { !$0.isPinned } ?? page.last
        let all = result.groups ?? result.found.reduce(0, +)
        let reachable = min(all, SearchRequest.maxDepth / request.perPage * request.perPage)
        let isRelaxed = interpretation.isRelaxed && result.found[0] > 0
        return SearchReply(
            query: request.q, correctedQuery: interpretation.correctedQuery, didYouMean: interpretation.didYouMean,
            found: result.found[result.counted],
            tiers: zip(SearchReply.Tier.names, result.found).map(SearchReply.Tier.init),
            partial: result.isPartial || interpretation.isPartial,
            groups: result.groups, page: request.page,
            pages: (reachable + request.perPage - 1) / request.perPage, perPage: request.perPage,
            generation: reader.manifest.generation, hits: hits,
            truncated: presenter.isTruncated ? true : nil, facets: plan.facets.replies(result.facets),
            applied: SearchReply.Applied(relaxed: isRelaxed, interpretation),
            last: last.map { $0.hit.position(in: search.order) },
            isLate: result.isLate || interpretation.isPartial)
    }

    /// Explains the score of a hit, with its reason in words. What its popularity adds is a part of it if scores order
    /// the hits.
    private func explain(
        _ shown: inout SearchReply.Hit, _ hit: TieredResult.Hit, _ query: Query, _ search: Search
    ) throws(CatalogError) {
        let document = hit.hit.document
        shown.explain = try indexing { () throws(IndexError) in
            try reader.explain(query, document: document, similarity: search.similarity, limits: search.limits)
        }
        let gains = try indexing { () throws(IndexError) -> [PopularityGain] in
            let signals = search.order == .score ? query.popularitySignals(of: document) : []
            return signals.isEmpty ? [] : try reader.gains(Popularity(signals), document: document)
        }
        shown.reason = MatchReason(shown.highlights, reader.members.all.map(\.name), gains).text
    }

    /// The order of the hits: the request's, the profile's for browsing, or by score.
    private func order(_ request: SearchRequest, isBrowsing: Bool) throws(CatalogError) -> Search.Order {
        if request.sort.isEmpty {
            guard isBrowsing, let browse = profile.browse else { return .score }
            return .field(browse, ascending: false)
        }
        let sortable = reader.schema.fields.filter {
            $0.hasNumbers || $0.type == .keyword && $0.name != reader.schema.key
        }.map(\.name)
        var fields: [SortField] = []
        for sort in request.sort {
            guard let field = sort.field else {
                fields.append(.score)
                continue
            }
            guard sortable.contains(field) else {
                throw .request(
                    RequestProblem(
                        "unknown_sort", "sort", "cannot sort by \"\(field)\"",
                        hint: "sortable fields: \(sortable.joined(separator: ", "))"))
            }
            fields.append(SortField(field, ascending: sort.ascending, missingFirst: sort.missingFirst))
        }
        return .fields(fields)
    }

    /// The field to collapse by, if the request has one; it must be a keyword field.
    private func collapse(_ request: SearchRequest) throws(CatalogError) -> String? {
        guard let name = request.collapse else { return nil }
        let keywords = reader.schema.fields.filter { $0.type == .keyword && $0.name != reader.schema.key }.map(\.name)
        if keywords.contains(name) { return name }
        throw .request(
            RequestProblem(
                "unknown_collapse", "collapse", "cannot collapse by \"\(name)\"",
                hint: "fields to collapse by: \(keywords.joined(separator: ", "))"))
    }
}

extension Query {
    /// The signals that multiply the score of a document; none for one that is listed whatever its popularity.
    fileprivate func popularitySignals(of document: Int) -> [Popularity.Signal] {
        switch self {
        case .functionScore(let inner, let functions):
            let own = functions.flatMap { function -> [Popularity.Signal] in
                if case .popularity(let popularity) = function { popularity.signals } else { [] }
            }
            return own + inner.popularitySignals(of: document)
        case .boolean(let clauses): return clauses.must.flatMap { $0.popularitySignals(of: document) }
        case .disjunctionMax(let queries, _):
            let isListed = queries.contains { query in
                if case .documents(let listed) = query { listed.contains { $0.document == document } } else { false }
            }
            return isListed ? [] : queries.flatMap { $0.popularitySignals(of: document) }
        default: return []
        }
    }
}
