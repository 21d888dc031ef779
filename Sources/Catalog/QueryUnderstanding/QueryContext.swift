import Glibc
import Searching
import Segments

/// The catalog that a query is interpreted in, and what one request remembers of it. Not thread-safe.
final class QueryContext {
    /// The weights, the labels and the ranking options.
    let profile: SearchProfile
    /// The snapshot whose terms and counts decide how a query is interpreted.
    let reader: IndexReader
    /// The synonym tables by the names of their analyzers; empty for a profile without synonyms.
    let synonyms: [String: SynonymTable]
    /// The groups of searched fields.
    let groups: [SearchFields]
    /// The facts about the snapshot, shared by the requests to one searcher.
    let facts: SnapshotFacts
    /// The liberties that the search takes.
    let matching: Matching
    /// The queries that documents match which the request may see: no other is counted or suggested.
    let scope: [Query]
    /// The limits of every look-up and count. Once they are over, the remaining parts of a query stay as typed.
    let limits: SearchLimits
    /// The look-ups of the request.
    let memory = RequestMemory()

    /// A context of one request. The groups are those of the profile unless they are known.
    init(
        profile: SearchProfile, reader: IndexReader, synonyms: [String: SynonymTable], groups: [SearchFields]? = nil,
        facts: SnapshotFacts = SnapshotFacts(), matching: Matching = Matching(), scope: [Query] = [],
        limits: SearchLimits = SearchLimits()
    ) {
        self.profile = profile
        self.reader = reader
        self.synonyms = synonyms
        self.facts = facts
        self.groups = groups ?? SearchFields.groups(reader.schema, profile)
        self.matching = matching
        self.scope = scope
        self.limits = limits
    }

    /// True if unknown words are corrected.
    var corrects: Bool { profile.ranking.corrects && matching.corrects }

    /// Runs a search that shares its look-ups with the others of the request. Errors: those of the search.
    func search(_ search: Search) throws(IndexError) -> SearchResult {
        try reader.search(search, sharing: memory.search)
    }

    /// Returns true if a document that the request may see has a term; without a scope, also one that was deleted.
    /// Errors: those of the search.
    func occurs(_ field: String, _ term: String) throws(IndexError) -> Bool {
        if scope.isEmpty { return try reader.documentFrequency(field, term) > 0 }
        var search = Search(.term(field: field, term), filters: scope, limit: 0)
        search.limits = limits
        return try self.search(search).total ?? 0 > 0
    }

    /// Returns an upper bound of the scores of a query. Errors: `corrupt`.
    func greatestScore(of query: Query) throws(IndexError) -> Float {
        try reader.greatestScore(of: query, sharing: memory.search)
    }
}

/// The memory that the steps of one request share.
final class RequestMemory {
    /// The terms that were looked up.
    let search = SearchMemory()
    /// The suggestions for the texts that were asked for, with and without near misses.
    fileprivate var suggestions: [Bool: [String: [Suggestion]]] = [:]
    /// The queries of parts that name a field; nil for a part whose field cannot contain its text.
    var named: [ParsedQuery.Part: Query?] = [:]
}

extension QueryContext {
    /// Returns the first `limit` titles, series and authors that begin with a text, once for each text, with
    /// `nearMisses` also those that only sound like it or are one edit away. Errors: `corrupt`.
    func suggestions(for text: String, limit: Int, nearMisses: Bool) throws(IndexError) -> [Suggestion] {
        if let known = memory.suggestions[nearMisses]?[text] { return known }
        let suggestions = try reader.suggestions(
            for: text, kinds: [.title, .series, .author], limit: limit, nearMisses: nearMisses, limits: limits)
        memory.suggestions[nearMisses, default: [:]][text] = suggestions
        return suggestions
    }
}

extension QueryContext {
    /// Returns the languages of the catalog's documents. Errors: `corrupt`.
    func languages() throws(IndexError) -> CatalogLanguages {
        if let known = facts.languages.withLock({ $0 }) { return known }
        let languages = try CatalogLanguages(reader)
        facts.languages.withLock { $0 = languages }
        return languages
    }

    /// Returns the popularity of the catalog's documents by the signals of its profile; nil if it has none. Errors:
    /// `corrupt`.
    func popularity() throws(IndexError) -> Popularity? {
        let day = time(nil) / 86_400
        if let known = facts.popularity.withLock({ $0 }), known.day == day { return known.popularity }
        let popularity = try popularity(onDay: day)
        facts.popularity.withLock { $0 = (day, popularity) }
        return popularity
    }
}
