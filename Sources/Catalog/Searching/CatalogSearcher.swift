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
        let (shopper, least, _) = try understand(q, until: nil)
        if shopper.isEmpty { return ([], 0) }
        let query = shopper.query(atLeast: least)
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
        let (shopper, least, quotes) = try understand(request.q, until: request.timeout.map { start + $0 / 2 })
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
        let order = try order(request, isBrowsing: isBrowsing)
        let deepest = request.page * request.perPage
        let query: Query = shopper.isEmpty ? (isBrowsing ? .all : .none) : shopper.query(atLeast: least)
        let similarity = BM25(k1: profile.ranking.k1, b: profile.ranking.b)
        var search = Search(
            query, filters: filters.queries, limit: deepest, order: order, after: request.after?.place,
            facets: facets.requests, similarity: similarity)
        search.collapse = try collapse(request)
        search.limits.deadline = request.timeout.map { start + $0 }
        let result = try find(search)
        let isRelaxed = least < shopper.unitCount && result.total ?? 0 > 0
        let highlighter = request.highlight ? Highlighter(query, reader.schema) : nil
        var hits: [SearchReply.Hit] = []
        for hit in result.hits.dropFirst(deepest - request.perPage) {
            var shown = try present(hit, highlighter)
            if request.explain {
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
            query: request.q, found: found, partial: result.isPartial, groups: result.groups, page: request.page,
            pages: (reachable + request.perPage - 1) / request.perPage, perPage: request.perPage,
            tookMilliseconds: (Double(elapsed.seconds) * 1e3 + Double(elapsed.attoseconds) / 1e15).rounded(toPlaces: 3),
            generation: reader.manifest.generation, hits: hits, facets: facets.replies(result.facets),
            applied: SearchReply.Applied(relaxed: isRelaxed, quotes: quotes, shopper.readings),
            last: result.hits.last.map {
                SearchPlace(order == .score ? [.score($0.score)] : $0.sort, document: $0.document)
            })
    }

    /// The documents that are most like one, best first; nil when there is none with that key.
    ///
    /// Errors: `index` when the index is damaged.
    public func similar(to id: String, limit: Int = 10) throws(CatalogError) -> [SearchReply.Hit]? {
        guard let number = try indexing({ () throws(IndexError) in try reader.find(key: id) }) else { return nil }
        let fields = profile.weights.keys.sorted().filter { name in
            guard let index = reader.schema.field(name)?.index else { return false }
            return reader.members.all[reader.members.memberOfField[index]].stored
        }
        let result = try indexing { () throws(IndexError) in
            try reader.search(Search(try reader.like(number, fields: fields), limit: limit, countsMatches: false))
        }
        var hits: [SearchReply.Hit] = []
        for hit in result.hits { hits.append(try present(hit, nil)) }
        return hits
    }

    private func find(_ search: Search) throws(CatalogError) -> SearchResult {
        do {
            return try reader.search(search)
        } catch {
            guard case .request(let problem) = error else { throw .index(error) }
            // Everything else a request can ask for has been looked at.
            guard search.after != nil else {
                throw .request(
                    RequestProblem("bad_facet", "facets", problem, hint: "ask for ranges, or for fewer and wider ones"))
            }
            throw .request(
                RequestProblem(
                    "bad_value", "after", "the cursor is one of another order",
                    hint: "give \"sort\" as in the search before, or begin again with after=*"))
        }
    }

    /// A query, how many of its units a document must have, and the quoted words that are looked for without quotes.
    ///
    /// Quotes around what stands nowhere are ignored, and those in whole sentences. Where no text has all of a query,
    /// those that sound like it are let in.
    private func understand(
        _ q: String, until deadline: ContinuousClock.Instant?
    ) throws(CatalogError) -> (ShopperQuery, least: Int, quotes: [String]) {
        var text = QueryText(q)
        var quotes: [String] = []
        var shopper = try indexing { () throws(IndexError) in try ShopperQuery(text, context) }
        if shopper.hasPhrases {
            let words = try indexing { () throws(IndexError) in try ShopperQuery(text.unquoted, context) }
            let isSentence = words.unitCount > Self.mostCutUnits
            let isNowhere = try hits(shopper, 0, deadline) == 0
            if isSentence || isNowhere {
                quotes = text.phrases
                text = text.unquoted
                shopper = words
            }
        }
        let least = try leastUnits(shopper, deadline)
        guard profile.ranking.corrects, shopper.unitCount > 1, try hits(shopper, shopper.unitCount, deadline) == 0
        else {
            return (shopper, least, quotes)
        }
        let sounding = try indexing { () throws(IndexError) in try ShopperQuery(text, context, homophones: true) }
        return (sounding.readings.homophones ? sounding : shopper, least, quotes)
    }

    /// How many of a query's units a document must have.
    ///
    /// With up to four: as many as leave enough hits. With up to twelve: half of what the best document has. Longer
    /// queries are questions: any. Decided without the filter, so that clicking facets never changes what the words
    /// mean.
    private func leastUnits(
        _ shopper: ShopperQuery, _ deadline: ContinuousClock.Instant?
    ) throws(CatalogError) -> Int {
        let units = shopper.unitCount
        let lowest = shopper.hasPhrases ? 0 : min(units, 1)
        guard units > 1 || shopper.hasPhrases, units <= Self.mostCutUnits, profile.ranking.cuts else { return lowest }
        var least = units
        if units <= 4 {
            while least > lowest, try hits(shopper, least, deadline) < Self.enoughHits { least -= 1 }
            return least
        }
        while least > lowest, try hits(shopper, least, deadline) == 0 { least -= 1 }
        return max((least + 1) / 2, lowest)
    }

    /// Longer queries are sentences: a document may have any of their words, and quotes are punctuation.
    private static let mostCutUnits = 12

    private func hits(
        _ shopper: ShopperQuery, _ least: Int, _ deadline: ContinuousClock.Instant?
    ) throws(CatalogError) -> Int {
        var search = Search(shopper.matching(atLeast: least), limit: 0)
        search.limits.deadline = deadline
        return try indexing { () throws(IndexError) in try reader.search(search) }.total ?? 0
    }

    /// With fewer hits, documents that have fewer of the words are let in.
    private static let enoughHits = 24

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

    private func present(_ hit: SearchResult.Hit, _ highlighter: Highlighter?) throws(CatalogError) -> SearchReply.Hit {
        let document = try indexing { () throws(IndexError) in try reader.document(hit.document) }
        let key = reader.members.all[reader.members.key].name
        var id = ""
        if case .text(let text)? = document[key] { id = text }
        var highlights: [String: SearchReply.Highlight] = [:]
        if let highlighter {
            for (member, fields) in markedFields where fields.contains(where: highlighter.marks) {
                if let value = document[member], let marked = mark(value, member, fields, highlighter) {
                    highlights[member] = marked
                }
            }
        }
        return SearchReply.Hit(
            id: id, score: hit.score, document: document, highlights: highlights, groupSize: hit.groupSize)
    }

    /// For each member the fields whose terms people see as what they looked for: words and pinyin. Single characters,
    /// which only add to the score, are not marked.
    private var markedFields: [(member: String, fields: [String])] {
        var all: [(member: String, fields: [String])] = []
        for field in reader.schema.fields where field.type == .text {
            let tokens = reader.schema.analyzer(field.analyzer)?.options.tokens
            guard profile.weights[field.name] != nil || tokens == .pinyin || tokens == .initials else { continue }
            if let known = all.firstIndex(where: { $0.member == field.from }) {
                all[known].fields.append(field.name)
            } else {
                all.append((field.from, [field.name]))
            }
        }
        return all
    }

    private func mark(
        _ value: StoredValue, _ member: String, _ fields: [String], _ highlighter: Highlighter
    ) -> SearchReply.Highlight? {
        switch value {
        case .text(let text):
            let marked =
                member == profile.display.description
                ? highlighter.snippet(text, fields: fields) : highlighter.mark(text, fields: fields)
            return marked.map { .one($0) }
        case .list(let values):
            let texts = values.map { value -> (plain: String, marked: String?) in
                guard case .text(let text) = value else { return ("", nil) }
                return (text, highlighter.mark(text, fields: fields))
            }
            guard texts.contains(where: { $0.marked != nil }) else { return nil }
            return .many(texts.map { $0.marked ?? Highlighter.escaped($0.plain) })
        default: return nil
        }
    }
}

extension Double {
    func rounded(toPlaces places: Int) -> Double {
        let factor = (0..<places).reduce(1.0) { value, _ in value * 10 }
        return (self * factor).rounded() / factor
    }
}
