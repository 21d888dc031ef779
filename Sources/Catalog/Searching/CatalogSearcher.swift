package import Analyzer
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
    /// The tuning of its searches.
    package let tuning: Tuning
    /// The number of this view of the catalog: no other searcher of the process has it. The same request to searchers
    /// with the same number has the same reply, unless it is cut short.
    package let view: UInt64
    /// The groups of searched fields.
    private let groups: [SearchFields]
    /// The members that can be highlighted.
    let markable: [MarkableMember]
    /// The synonym tables by the names of their analyzers.
    private let synonyms: [String: SynonymTable]
    /// The rules of merchandising.
    let rules: RuleTable
    /// The time by which rules count, in milliseconds since 1970.
    let time: Int64
    /// The time from which on other rules count; nil if there is none.
    let expiry: Int64?
    /// The facts about the snapshot that queries are interpreted by.
    private let facts = SnapshotFacts()
    private static let views = Atomic<UInt64>(0)

    /// The weights, facets, labels, ranking options and synonyms.
    package var profile: SearchProfile { tuning.profile }
    /// The number of live documents.
    package var documents: Int { reader.liveDocuments }
    /// The generation of the index. A rebuild begins a new one.
    package var generation: Int { reader.manifest.generation }

    /// Creates a searcher of a snapshot. The profile must fit its schema. Tables of `other`, a searcher of the same
    /// catalog, are used again as far as they are the same. Rules count as their dates say at a `time`, in milliseconds
    /// since 1970.
    ///
    /// Complexity: O(words of synonyms and rules) for each analyzer of searched fields.
    package init(
        name: String, reader: IndexReader, tuning: Tuning, reusing other: CatalogSearcher? = nil,
        at time: Int64 = RuleClock.now()
    ) {
        self.name = name
        self.reader = reader
        self.tuning = tuning
        self.time = time
        view = Self.views.add(1, ordering: .relaxed).newValue
        let other = other?.reader.schema == reader.schema ? other : nil
        if let other, other.profile == tuning.profile {
            groups = other.groups
            markable = other.markable
            synonyms = other.synonyms
        } else {
            groups = SearchFields.groups(reader.schema, tuning.profile)
            markable = MarkableMember.all(reader.schema, tuning.profile)
            var synonyms: [String: SynonymTable] = [:]
            if !tuning.profile.synonyms.isEmpty {
                for group in groups {
                    synonyms[group.analyzer.name] = SynonymTable(tuning.profile.synonyms, group.analyzer)
                }
            }
            self.synonyms = synonyms
        }
        let analyzer = SearchFields.titleAnalyzer(groups)
        if let other, other.rules.analyzer == analyzer, other.tuning.rules == tuning.rules {
            rules = other.rules
        } else {
            rules = RuleTable(tuning.rules, reader.schema, analyzer)
        }
        expiry = rules.boundary(after: time)
    }

    /// The context of one request, which sees the documents that match `scope`.
    func context(_ matching: Matching, _ limits: SearchLimits, scope: [Query] = []) -> QueryContext {
        QueryContext(
            profile: profile, reader: reader, synonyms: synonyms, groups: groups, facts: facts, matching: matching,
            scope: scope, limits: limits)
    }

    /// Returns a searcher of another snapshot of the same generation, with the same tuning, at a time.
    func showing(_ view: IndexReader, at time: Int64) -> CatalogSearcher {
        CatalogSearcher(name: name, reader: view, tuning: tuning, reusing: self, at: time)
    }

    /// The analyzer of the titles, by which suggested texts are folded.
    package var titleAnalyzer: TextAnalyzer { SearchFields.titleAnalyzer(groups) }

    /// Returns a document with its version; nil if no document of a scope has the key.
    ///
    /// Errors: `request` for a scope that does not fit the schema, `index` if the index is corrupt. Complexity:
    /// O(segments), and the evaluation of the scope for one document.
    package func document(_ id: String, within scope: Filter? = nil) throws(CatalogError) -> CatalogDocument? {
        let queries = try self.queries(of: scope)
        return try indexing { () throws(IndexError) in
            guard let document = try reader.find(key: id), try isInside(document, queries) else { return nil }
            return CatalogDocument(
                id: id, version: try reader.version(document), document: try reader.document(document))
        }
    }

    /// Returns the number of live documents of a scope.
    ///
    /// Errors: `request` for a scope that does not fit the schema, `index` if the index is corrupt. Complexity:
    /// O(documents of the scope), O(1) without one.
    package func count(within scope: Filter?, limits: SearchLimits) throws(CatalogError) -> Int {
        if scope == nil { return documents }
        var search = Search(.all, filters: try queries(of: scope), limit: 0)
        search.limits = limits
        return try indexing { () throws(IndexError) in try reader.search(search).total ?? 0 }
    }

    /// The queries of a scope. Errors: `request` for one that does not fit the schema.
    private func queries(of scope: Filter?) throws(CatalogError) -> [Query] {
        do {
            return try FilterQueries(scope, reader.schema).queries
        } catch {
            throw .request(error)
        }
    }

    /// True if a document matches all queries.
    private func isInside(_ document: Int, _ queries: [Query]) throws(IndexError) -> Bool {
        if queries.isEmpty { return true }
        return try reader.search(Search(.documents([.init(document, score: 0)]), filters: queries, limit: 0)).total == 1
    }

    /// Returns a searcher of the same snapshot by another profile, which must fit the schema.
    package func with(_ profile: SearchProfile) -> CatalogSearcher {
        CatalogSearcher(name: name, reader: reader, tuning: tuning.with(profile), at: time)
    }

    /// Returns a searcher of the same snapshot, at the same time, by a draft of its tuning. `base` is the draft's
    /// revision, nil for what is in force.
    ///
    /// Errors: `request` with the place and the remedy for parts that are not valid or do not fit the schema.
    package func with(_ draft: TuningDraft, _ base: TuningRevision? = nil) throws(CatalogError) -> CatalogSearcher {
        let tuning = try draft.tuning(above: tuning, base, for: reader.manifest)
        let searcher = CatalogSearcher(name: name, reader: reader, tuning: tuning, reusing: self, at: time)
        if draft.rules != nil, let unfit = searcher.rules.unfit.first { throw .request(unfit.problem(of: "rules")) }
        return searcher
    }

    /// The problems of the rules that do not fit the schema and do not count.
    package var unfitRules: [String] {
        rules.unfit.map { unfit in
            let problem = unfit.problem(of: "rules")
            return "\(problem.detail); \(problem.hint)"
        }
    }

    /// Returns the keys of the best `limit` documents for a query, which may be unfinished, best first, and the number
    /// of matching documents.
    ///
    /// Errors: as for `search`.
    func ranking(_ q: String, isUnfinished: Bool, limit: Int) throws(CatalogError) -> (keys: [String], found: Int) {
        var matching = Matching()
        matching.isUnfinished = isUnfinished
        let context = context(matching, SearchLimits())
        let interpreter = try indexing { () throws(IndexError) in try QueryInterpreter(q, context) }
        let similarity = BM25(k1: profile.ranking.k1, b: profile.ranking.b)
        let result = try indexing { () throws(IndexError) in
            try TieredSearch(interpreter.tiers()).run(
                Search(.none, limit: limit, similarity: similarity), context.search)
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
        let start = ContinuousClock.now
        var (clock, phases) = (PhaseClock(), SearchPhases())
        let typed = request.q
        let limits = limits ?? SearchLimits(deadline: request.timeout.map { start + $0 })
        let effects = rules.effects(of: request, at: time)
        var request = effects.map { $0.replacing(request) } ?? request
        // A correction would tell of words that only documents outside the scope have.
        if request.scope != nil { request.matching.corrects = false }
        // The interpretation gets half of the time, so that some is left for the search.
        var first = limits
        first.deadline = limits.deadline.map { start + ($0 - start) / 2 }
        let context = context(request.matching, first, scope: try queries(of: request.scope))
        let interpreter = try indexing { () throws(IndexError) in
            try QueryInterpreter(request.q, context, ranksByScore: request.sort.isEmpty)
        }
        let plan = try plan(request, interpreter, effects, context, limits)
        phases.interpret = clock.lap()
        let result = try find(plan, context)
        phases.find = clock.lap()
        var reply = try present(result, of: plan)
        phases.present = clock.lap()
        reply.query = typed
        // Those that no document of the catalog has are left out, which would tell of the others.
        if request.scope != nil { reply.applied.synonyms = [] }
        if let effects { reply.note(effects) }
        (phases.segments, phases.tiers) = (reader.segments.count, reply.tiers.count)
        (phases.found, phases.isPartial) = (reply.found, reply.partial)
        reply.phases = phases
        return reply
    }

    /// Understands the query of a request without searching it, for measurements.
    ///
    /// Errors: as for `search`.
    package func understand(_ request: SearchRequest) throws(CatalogError) {
        let context = context(request.matching, SearchLimits())
        _ = try indexing { () throws(IndexError) in try QueryInterpreter(request, context).tiers() }
    }

    /// Returns the documents of a scope that are most similar to one of it, best first; nil if none of them has the
    /// key. When `limits` are over, they are the ones that were found by then.
    ///
    /// Errors: `request` for a scope that does not fit the schema, `index` if the index is corrupt.
    package func similar(
        to id: String, limit: Int = 10, within scope: Filter? = nil, limits: SearchLimits = SearchLimits()
    ) throws(CatalogError) -> [SearchReply.Hit]? {
        let queries = try self.queries(of: scope)
        let found = try indexing { () throws(IndexError) -> Int? in
            guard let document = try reader.find(key: id) else { return nil }
            return try isInside(document, queries) ? document : nil
        }
        guard let document = found else { return nil }
        let fields = profile.weights.keys.sorted().filter { name in
            guard let index = reader.schema.field(name)?.index else { return false }
            return reader.members.all[reader.members.memberOfField[index]].stored
        }
        let result = try indexing { () throws(IndexError) in
            let query = try reader.moreLikeThis(document, fields: fields, limits: limits)
            var search = Search(query, filters: queries, limit: limit, countsMatches: false)
            search.limits = limits
            return try reader.search(search)
        }
        var presenter = try HitPresenter(reader, .none, .all, .none, markable)
        var hits: [SearchReply.Hit] = []
        for hit in result.hits { hits.append(try presenter.present(hit)) }
        return hits
    }

    /// Runs a planned search; errors of the engine about the request become `request`.
    private func find(_ plan: PlannedSearch, _ context: QueryContext) throws(CatalogError) -> TieredResult {
        do {
            let tiers = plan.pins.listed(plan.tiers)
            return try tiers.run(plan.search, after: plan.request.after?.position, context.search)
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
}
