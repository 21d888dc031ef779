import Analyzer
public import Indexer

/// A catalog at one commit: answers searches by its profile. Immutable; any number of threads may search at once.
public struct CatalogSearcher: Sendable {
    /// The catalog's name.
    public let name: String
    /// The index.
    public let reader: IndexReader
    /// The choices.
    public let profile: SearchProfile
    private let context: RankingContext

    /// A searcher of an index by a profile. Complexity: O(synonyms) for each analyzer that makes words.
    public init(name: String, reader: IndexReader, profile: SearchProfile) {
        self.name = name
        self.reader = reader
        self.profile = profile
        var synonyms: [String: SynonymTable] = [:]
        if !profile.synonyms.isEmpty {
            for group in SearchFields.groups(reader.schema, profile) {
                synonyms[group.analyzer.name] = SynonymTable(profile.synonyms, group.analyzer)
            }
        }
        context = RankingContext(profile: profile, reader: reader, synonyms: synonyms)
    }

    private init(_ other: CatalogSearcher, showing reader: IndexReader) {
        name = other.name
        profile = other.profile
        self.reader = reader
        context = RankingContext(profile: profile, reader: reader, synonyms: other.context.synonyms)
    }

    /// The same catalog at another moment. Synonyms are not read again unless the profile or the schema changed.
    func showing(_ view: IndexReader) throws(CatalogError) -> CatalogSearcher {
        let isSame =
            view.manifest.payload[SearchProfile.payloadKey] == reader.manifest.payload[SearchProfile.payloadKey]
            && view.schema == reader.schema
        if isSame { return CatalogSearcher(self, showing: view) }
        return CatalogSearcher(
            name: name, reader: view, profile: try SearchProfile(of: view.manifest, path: view.path))
    }

    /// A document as it was given, with its version; nil when there is none with that key.
    ///
    /// Errors: `index` when the index is damaged.
    public func document(_ id: String) throws(CatalogError) -> CatalogDocument? {
        try indexing { () throws(IndexError) in
            guard let number = try reader.find(key: id) else { return nil }
            return CatalogDocument(
                id: id, version: try reader.version(number), document: try reader.document(number))
        }
    }

    /// The same index searched by another profile.
    public func with(_ profile: SearchProfile) -> CatalogSearcher {
        CatalogSearcher(name: name, reader: reader, profile: profile)
    }

    /// The keys of the best `limit` documents for a query, best first, and how many there are.
    ///
    /// Errors: as of `search`.
    func ranking(_ q: String, limit: Int) throws(CatalogError) -> (keys: [String], found: Int) {
        let meaning = try indexing { () throws(IndexError) in try Understanding(q, context, until: nil) }
        if meaning.shopper.isEmpty { return ([], 0) }
        let query = meaning.query
        let similarity = BM25(k1: profile.ranking.k1, b: profile.ranking.b)
        let result = try indexing { () throws(IndexError) in
            try reader.search(Search(query, limit: limit, similarity: similarity))
        }
        let key = reader.members.all[reader.members.key].name
        var keys: [String] = []
        for hit in result.hits {
            let document = try indexing { () throws(IndexError) in try reader.document(hit.document) }
            if case .text(let text)? = document[key] { keys.append(text) }
        }
        return (keys, result.total ?? 0)
    }

    /// Answers a search on the calling thread.
    ///
    /// Errors: `request` for a parameter that does not fit the catalog, `index` when the index is damaged.
    public func search(_ request: SearchRequest) throws(CatalogError) -> SearchReply {
        let clock = ContinuousClock()
        let start = clock.now
        let isBrowsing = request.q.trimmed.isEmpty
        // Half of the time for what the words mean, so that some is left for what they find.
        let meaning = try indexing { () throws(IndexError) in
            try Understanding(request.q, context, until: request.timeout.map { start + $0 / 2 })
        }
        let shopper = meaning.shopper
        let filters: FilterQueries
        do {
            filters = try FilterQueries(request.filter, reader.schema)
        } catch {
            throw .request(error)
        }
        let facets: FacetQuestions
        do {
            facets = try FacetQuestions(
                request.facets ?? profile.facets.map(RequestedFacet.init), filters, reader.schema)
        } catch {
            throw .request(error)
        }
        let order = try order(request, isBrowsing: isBrowsing || shopper.onlyExcludes)
        let deepest = request.page * request.perPage
        let query: Query = shopper.isEmpty ? (isBrowsing ? .all : .none) : meaning.query
        let similarity = BM25(k1: profile.ranking.k1, b: profile.ranking.b)
        var search = Search(
            query, filters: filters.queries, limit: deepest, order: order, after: request.after?.place,
            facets: facets.requests, similarity: similarity)
        search.collapse = try collapse(request)
        search.limits.deadline = request.timeout.map { start + $0 }
        let result = try find(search)
        let isRelaxed = meaning.least < shopper.unitCount && result.total ?? 0 > 0
        let presenter = try HitPresenter(reader, profile, query, request.highlight)
        var hits: [SearchReply.Hit] = []
        for hit in result.hits.dropFirst(deepest - request.perPage) {
            // Marks are for those that there is time for, the first among them.
            let isInTime = search.limits.deadline.map { clock.now < $0 } ?? true
            var shown = try presenter.present(hit, marks: isInTime || hits.isEmpty)
            if request.explain, hits.count < SearchRequest.mostExplained, isInTime || hits.isEmpty {
                shown.explain = try indexing { () throws(IndexError) in
                    try reader.explain(query, document: hit.document, similarity: similarity)
                }
            }
            hits.append(shown)
        }
        let found = max(result.total ?? 0, result.hits.count)
        let reachable = min(result.groups ?? found, SearchRequest.deepest / request.perPage * request.perPage)
        let elapsed = (clock.now - start).components
        return SearchReply(
            query: request.q, found: found, partial: result.isPartial || meaning.isPartial, groups: result.groups,
            page: request.page,
            pages: (reachable + request.perPage - 1) / request.perPage, perPage: request.perPage,
            tookMilliseconds: (Double(elapsed.seconds) * 1e3 + Double(elapsed.attoseconds) / 1e15).rounded(toPlaces: 3),
            generation: reader.manifest.generation, hits: hits, facets: facets.replies(result.facets),
            applied: SearchReply.Applied(relaxed: isRelaxed, quotes: meaning.quotes, shopper.readings),
            last: result.hits.last.map {
                SearchPlace(order == .score ? [.score($0.score)] : $0.sort, document: $0.document)
            }, isLate: result.isLate || meaning.isPartial)
    }

    /// The documents that are most like one, best first, as far as they are found in time; nil when there is none with
    /// that key.
    ///
    /// Errors: `index` when the index is damaged.
    public func similar(
        to id: String, limit: Int = 10, timeout: Duration? = nil
    ) throws(CatalogError) -> [SearchReply.Hit]? {
        let deadline = timeout.map { ContinuousClock.now + $0 }
        guard let number = try indexing({ () throws(IndexError) in try reader.find(key: id) }) else { return nil }
        let fields = profile.weights.keys.sorted().filter { name in
            guard let index = reader.schema.field(name)?.index else { return false }
            return reader.members.all[reader.members.memberOfField[index]].stored
        }
        let result = try indexing { () throws(IndexError) in
            var search = Search(try reader.like(number, fields: fields), limit: limit, countsMatches: false)
            search.limits.deadline = deadline
            return try reader.search(search)
        }
        let presenter = try HitPresenter(reader, profile, .none, .none)
        var hits: [SearchReply.Hit] = []
        for hit in result.hits { hits.append(try presenter.present(hit)) }
        return hits
    }

    private func find(_ search: Search) throws(CatalogError) -> SearchResult {
        do {
            return try reader.search(search)
        } catch {
            guard case .request(let problem) = error else { throw .index(error) }
            // Everything else a request can ask for has been looked at.
            guard search.after != nil, problem.contains("place to go on") else {
                throw .request(
                    RequestProblem("too_complex", "filter", problem, hint: "name fewer values, or a narrower range"))
            }
            throw .request(
                RequestProblem(
                    "bad_value", "after", "the cursor is one of another search",
                    hint: "give the other parameters as in the search before, or begin again with after=*"))
        }
    }

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

    private func collapse(_ request: SearchRequest) throws(CatalogError) -> String? {
        guard let name = request.collapse else { return nil }
        let known = reader.schema.fields.filter { $0.type == .keyword && $0.name != reader.schema.key }.map(\.name)
        if known.contains(name) { return name }
        throw .request(
            RequestProblem(
                "unknown_collapse", "collapse", "cannot show one hit for each value of \"\(name)\"",
                hint: "fields to collapse by: \(known.joined(separator: ", "))"))
    }
}

extension Double {
    func rounded(toPlaces places: Int) -> Double {
        let factor = (0..<places).reduce(1.0) { value, _ in value * 10 }
        return (self * factor).rounded() / factor
    }
}
