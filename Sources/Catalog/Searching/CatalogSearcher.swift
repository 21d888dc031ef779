package import Searching
package import Segments
import Synchronization

/// Searches one snapshot of a catalog by its profile.
///
/// Immutable and thread-safe: any number of threads may search at once. It keeps the files of its snapshot alive.
///
/// ```swift
/// let searcher = try DataFolder("quire-data").open("books")
/// var request = SearchRequest("fluent python")
/// request.filter = .values("language", ["en"])
/// let reply = try searcher.search(request)
/// print(reply.found, reply.hits.map(\.id))
/// ```
public struct CatalogSearcher: Sendable {
    /// The catalog's name.
    package let name: String
    /// The snapshot of the index.
    package let reader: IndexReader
    /// The weights, facets, labels and ranking options.
    package let profile: SearchProfile
    /// The number of this view of the catalog: no other searcher of the process has it. The same request to searchers
    /// with the same number has the same reply, unless it is cut short.
    package let view: UInt64
    private let context: QueryContext
    private static let views = Atomic<UInt64>(0)

    /// The number of live documents.
    package var documents: Int { reader.liveDocuments }
    /// The generation of the index. A rebuild begins a new one.
    package var generation: Int { reader.manifest.generation }

    /// Creates a searcher of a snapshot. The profile must fit its schema.
    ///
    /// Complexity: O(words of the synonyms) for each analyzer of searched fields.
    package init(name: String, reader: IndexReader, profile: SearchProfile) {
        self.name = name
        self.reader = reader
        self.profile = profile
        view = Self.views.add(1, ordering: .relaxed).newValue
        var synonyms: [String: SynonymTable] = [:]
        if !profile.synonyms.isEmpty {
            for group in SearchFields.groups(reader.schema, profile) {
                synonyms[group.analyzer.name] = SynonymTable(profile.synonyms, group.analyzer)
            }
        }
        context = QueryContext(profile: profile, reader: reader, synonyms: synonyms)
    }

    /// The searcher of another snapshot with the profile and the synonym tables of `other`.
    private init(_ other: CatalogSearcher, showing reader: IndexReader) {
        name = other.name
        profile = other.profile
        view = Self.views.add(1, ordering: .relaxed).newValue
        self.reader = reader
        context = QueryContext(profile: profile, reader: reader, synonyms: other.context.synonyms)
    }

    /// Returns a searcher of another snapshot of the catalog. Synonym tables are reused unless the profile or the
    /// schema changed.
    ///
    /// Errors: `profile` if the new profile is not valid.
    func refreshed(to view: IndexReader) throws(CatalogError) -> CatalogSearcher {
        let isSame =
            view.manifest.payload[SearchProfile.payloadKey] == reader.manifest.payload[SearchProfile.payloadKey]
            && view.schema == reader.schema
        if isSame { return CatalogSearcher(self, showing: view) }
        return CatalogSearcher(name: name, reader: view, profile: try SearchProfile(of: view.manifest, path: view.path))
    }

    /// Returns a document with its version; nil if no document has the key.
    ///
    /// Errors: `index` if the index is corrupt. Complexity: O(segments).
    package func document(_ id: String) throws(CatalogError) -> CatalogDocument? {
        try indexing { () throws(IndexError) in
            guard let document = try reader.find(key: id) else { return nil }
            return CatalogDocument(
                id: id, version: try reader.version(document), document: try reader.document(document))
        }
    }

    /// Returns a searcher of the same snapshot by another profile, which must fit the schema.
    package func with(_ profile: SearchProfile) -> CatalogSearcher {
        CatalogSearcher(name: name, reader: reader, profile: profile)
    }

    /// Returns the keys of the best `limit` documents for a query, which may be unfinished, best first, and the number
    /// of matching documents.
    ///
    /// Errors: as for `search`.
    func ranking(_ q: String, isUnfinished: Bool, limit: Int) throws(CatalogError) -> (keys: [String], found: Int) {
        var matching = Matching()
        matching.isUnfinished = isUnfinished
        let interpretation = try indexing { () throws(IndexError) in
            try QueryInterpretation(q, context.with(matching, SearchLimits()))
        }
        let similarity = BM25(k1: profile.ranking.k1, b: profile.ranking.b)
        let result = try indexing { () throws(IndexError) in
            let search = Search(.none, limit: limit, similarity: similarity)
            return try TieredSearch(interpretation.tiers()).run(search, in: reader)
        }
        let key = reader.members.all[reader.members.key].name
        var keys: [String] = []
        for hit in result.hits {
            let document = try indexing { () throws(IndexError) in try reader.document(hit.hit.document) }
            if case .text(let text)? = document[key] { keys.append(text) }
        }
        return (keys, result.found[result.counted])
    }

    /// Runs a search on the calling thread, which it blocks until `limits` are over; without limits, for
    /// `request.timeout` at most. The reply is partial then: it has what was found by then.
    ///
    /// Errors: `request` for a parameter that does not fit the catalog, `index` if the index is corrupt.
    package func search(_ request: SearchRequest, limits: SearchLimits? = nil) throws(CatalogError) -> SearchReply {
        let clock = ContinuousClock()
        let start = clock.now
        let limits = limits ?? SearchLimits(deadline: request.timeout.map { start + $0 })
        let isBrowsing = request.q.trimmed.isEmpty
        // The interpretation gets half of the time, so that some is left for the search.
        var first = limits
        first.deadline = limits.deadline.map { start + ($0 - start) / 2 }
        let interpretation = try indexing { () throws(IndexError) in
            try QueryInterpretation(request, context.with(request.matching, first))
        }
        let builder = interpretation.builder
        let filters: FilterQueries
        let facets: FacetPlan
        do {
            filters = try FilterQueries(request.filter, reader.schema)
            facets = try FacetPlan(request.facets ?? profile.facets.map(RequestedFacet.init), filters, reader.schema)
        } catch {
            throw .request(error)
        }
        let order = try order(request, isBrowsing: isBrowsing || builder.onlyExcludes)
        let limit = request.page * request.perPage
        let tiers = TieredSearch(builder.isEmpty && isBrowsing ? [.all] : try indexing(interpretation.tiers))
        let similarity = BM25(k1: profile.ranking.k1, b: profile.ranking.b)
        var search = Search(
            .none, filters: filters.queries, limit: limit, order: order, facets: facets.requests,
            similarity: similarity)
        search.collapse = try collapse(request)
        search.limits = limits
        let result = try find(search, tiers, after: request.after?.position)
        let isRelaxed = interpretation.isRelaxed && result.found[0] > 0
        var presenter = try HitPresenter(
            reader, profile, tiers.queries[tiers.queries.count - 1], request.members, request.highlight)
        var hits: [SearchReply.Hit] = []
        for hit in result.hits.dropFirst(limit - request.perPage) {
            // After the deadline only the first hit is highlighted, and none is explained.
            let isInTime = !limits.isOver
            var shown = try presenter.present(hit.hit, marks: isInTime || hits.isEmpty)
            if hit.tier > 0 { shown.tier = SearchReply.Tier.names[hit.tier] }
            if request.explain, hits.count < SearchRequest.maxExplained, isInTime {
                shown.explain = try explain(hit, tiers, similarity, limits)
            }
            hits.append(shown)
        }
        let all = result.groups ?? result.found.reduce(0, +)
        let reachable = min(all, SearchRequest.maxDepth / request.perPage * request.perPage)
        let elapsed = (clock.now - start).components
        return SearchReply(
            query: request.q, correctedQuery: interpretation.correctedQuery, didYouMean: interpretation.didYouMean,
            found: result.found[result.counted],
            tiers: zip(SearchReply.Tier.names, result.found).map(SearchReply.Tier.init),
            partial: result.isPartial || interpretation.isPartial,
            groups: result.groups, page: request.page,
            pages: (reachable + request.perPage - 1) / request.perPage, perPage: request.perPage,
            tookMilliseconds: (Double(elapsed.seconds) * 1e3 + Double(elapsed.attoseconds) / 1e15).rounded(toPlaces: 3),
            generation: reader.manifest.generation, hits: hits, truncated: presenter.isTruncated ? true : nil,
            facets: facets.replies(result.facets),
            applied: SearchReply.Applied(relaxed: isRelaxed, interpretation),
            last: result.hits.last.map { $0.position(in: order) }, isLate: result.isLate || interpretation.isPartial)
    }

    /// Explains the score of a hit.
    private func explain(
        _ hit: TieredResult.Hit, _ tiers: TieredSearch, _ similarity: BM25, _ limits: SearchLimits
    ) throws(CatalogError) -> Explanation? {
        try indexing { () throws(IndexError) in
            try reader.explain(
                tiers.queries[hit.tier], document: hit.hit.document, similarity: similarity, limits: limits)
        }
    }

    /// Returns the documents that are most similar to a document, best first; nil if no document has the key. When
    /// `limits` are over, they are the ones that were found by then.
    ///
    /// Errors: `index` if the index is corrupt.
    package func similar(
        to id: String, limit: Int = 10, limits: SearchLimits = SearchLimits()
    ) throws(CatalogError) -> [SearchReply.Hit]? {
        guard let document = try indexing({ () throws(IndexError) in try reader.find(key: id) }) else { return nil }
        let fields = profile.weights.keys.sorted().filter { name in
            guard let index = reader.schema.field(name)?.index else { return false }
            return reader.members.all[reader.members.memberOfField[index]].stored
        }
        let result = try indexing { () throws(IndexError) in
            let query = try reader.moreLikeThis(document, fields: fields, limits: limits)
            var search = Search(query, limit: limit, countsMatches: false)
            search.limits = limits
            return try reader.search(search)
        }
        var presenter = try HitPresenter(reader, profile, .none, .all, .none)
        var hits: [SearchReply.Hit] = []
        for hit in result.hits { hits.append(try presenter.present(hit)) }
        return hits
    }

    /// Runs a search in tiers; errors of the engine about the request become `request`.
    private func find(
        _ search: Search, _ tiers: TieredSearch, after: TieredAfter?
    ) throws(CatalogError) -> TieredResult {
        do {
            return try tiers.run(search, after: after, in: reader)
        } catch {
            switch error {
            case .searchAfterMismatch:
                throw .request(
                    RequestProblem(
                        "bad_value", "after", "the cursor belongs to another search",
                        hint: "repeat the parameters of the previous search, or start again with after=*"))
            case .request(let problem):
                // Every other property of the request has been validated.
                throw .request(
                    RequestProblem("too_complex", "filter", problem, hint: "use fewer values, or a narrower range"))
            default: throw .index(error)
            }
        }
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
