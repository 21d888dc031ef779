import Searching
import Segments

/// Builds the engine's query for a parsed query: documents that match enough of its positions, best first.
///
/// Quoted phrases, terms in named fields, beginnings of words, similar words and OR groups are required. Of the free
/// words a document must match a minimum number of positions (minimum should match), which `QueryInterpreter` decides
/// by counting.
///
/// ```swift
/// let builder = try QueryBuilder(ParsedQuery("applied stochastic process"), context)
/// let query = builder.query(atLeast: 2)   // of its three positions
/// ```
struct QueryBuilder {
    /// The number of positions of the free words.
    var positionCount: Int { positions.count }
    /// The number of positions of the free words, those that only ask included.
    private(set) var typedPositionCount: Int
    /// True if the query has so many positions that any of them is enough.
    var isSentence: Bool { typedPositionCount > FreeWords.maxStrictPositions }
    /// True if documents are ranked above all others: those of titles, series or authors that begin with an unfinished
    /// query.
    var isBeginning: Bool { !first.isEmpty }
    /// True if the query requires quoted phrases.
    var hasPhrases: Bool { !phrases.isEmpty }
    /// The quoted phrases.
    private let phrases: [Query]
    /// The clauses that are required besides the positions: phrases, terms in named fields, beginnings of words and so
    /// on, OR groups.
    private let required: [Query]
    private let excluded: [Query]
    /// The expanded query of each position.
    private var positions: [Query]
    /// The maximum score of each position, aligned with `positions`.
    private var maxScores: [Float]
    /// True for the positions that may be enough alone, aligned with `positions`.
    private var isDecisive: [Bool]
    /// Clauses that only add to the score.
    private var boosts: [Query]
    /// The numbers that say how much documents are wanted, and whether they can be had.
    private let gains: [Popularity.Signal]
    private let losses: [Popularity.Signal]
    /// Queries whose matches are admitted without the minimum number of positions: whole titles, and homophones.
    private let wholeTitles: [Query]
    /// The titles that are the whole query, and the volume that it names.
    private let exactTitles: [Query]
    private var homophones: [Query] = []
    /// The maximum score of the terms in each group of fields.
    private let groupScores: [Float]
    /// The documents that rank above all others, best first: those of the suggestions for an unfinished query, or those
    /// that have the typed words when a corrected query is searched as well.
    private var first: [Int]
    /// The query that found these documents, whose terms are marked as well; nil for suggestions.
    private var firstQuery: Query?
    /// True if documents must match all positions.
    private let isStrict: Bool
    private let context: QueryContext
    /// The expansions that differ from what was typed.
    private(set) var rewrites: QueryRewrites

    /// Analyzes and expands a parsed query.
    ///
    /// Once the context's limits are over, nothing is added to the typed words. Errors: `corrupt` of the index.
    init(_ parsed: ParsedQuery, _ context: QueryContext) throws(IndexError) {
        let ranking = context.profile.ranking
        isStrict = context.matching.words == .all
        let reader = context.reader
        self.context = context
        let groups = context.groups
        let analyzed = AnalyzedQuery.all(parsed.free, groups.map(\.analyzer), dropsStopWords: ranking.dropsStopWords)
        let expansion = try QueryExpansion(analyzed, groups, context)
        let meaning = try PositionMeaning(parsed.free, analyzed, groups, expansion, context)
        var boosts = meaning.boosts
        var wholeTitles: [Query] = []
        var exactTitles: [Query] = []
        var groupScores: [Float] = []
        for (groupIndex, (group, analyzed)) in zip(groups, analyzed).enumerated() {
            let maxScore = try meaning.maxScore(analyzed, group, context)
            boosts += meaning.boosts(analyzed, maxScore, group)
            let titles = try TitleQueries(parsed.free, analyzed, maxScore, groupIndex, group, meaning, context)
            wholeTitles += titles.all
            exactTitles += titles.exact
            groupScores.append(maxScore)
        }
        for (position, query) in zip(expansion.positions, expansion.typedQueries) {
            guard !context.limits.isOver, let word = expansion.latinWord(position) else { continue }
            if let bare = try Self.bare(word, query, position.members.map { groups[$0.group] }, reader) {
                boosts.append(bare)
            }
        }
        positions = meaning.positions
        isDecisive = meaning.isDecisive
        typedPositionCount = expansion.positions.count
        // A volume that the query names is what was typed, whatever other titles begin so.
        self.exactTitles = exactTitles + (meaning.volume.map { [$0.volume] } ?? [])
        let signals = try context.popularity()?.signals ?? []
        gains = signals.filter { !$0.isLoss }
        losses = signals.filter(\.isLoss)
        var maxScores: [Float] = []
        for position in positions { maxScores.append(try context.greatestScore(of: position)) }
        self.maxScores = maxScores
        first = []
        self.boosts = boosts
        self.wholeTitles = wholeTitles
        self.groupScores = groupScores
        rewrites = expansion.rewrites
        let parts = PartQueries(context)
        phrases = try parts.queries(parsed.phrases)
        required = try phrases + parts.queries(parsed.required) + parts.choices(parsed.choices)
        excluded = try parts.queries(parsed.excluded)
    }

    /// Builds the query for a way to read the free words. Errors: `corrupt` of the index.
    init(
        _ parsed: ParsedQuery, as reading: QueryInterpretation.Reading, _ context: QueryContext
    ) throws(IndexError) {
        switch reading {
        case .words: try self.init(parsed, context)
        case .syllables(let pairs):
            try self.init(pairs: pairs, context.groups.flatMap(\.pinyin), parsed, context)
        case .initials(let pairs):
            try self.init(pairs: pairs, context.groups.flatMap(\.initials), parsed, context)
        }
    }

    /// Builds the query for pairs of syllables, or of initials, of pinyin in the place of the free words.
    ///
    /// Errors: `corrupt` of the index.
    private init(
        pairs: [String], _ siblings: [SearchFields.Siblings], _ parsed: ParsedQuery, _ context: QueryContext
    ) throws(IndexError) {
        var bare = parsed
        bare.removeFreeWords()
        var builder = try QueryBuilder(bare, context)
        let fields = siblings.flatMap(\.fields)
        var distinct: [String] = []
        for pair in pairs where !distinct.contains(pair) { distinct.append(pair) }
        builder.positions = distinct.map { .combined(fields: fields, $0) }
        builder.typedPositionCount = distinct.count
        builder.isDecisive = distinct.map { _ in true }
        for position in builder.positions {
            builder.maxScores.append(try context.greatestScore(of: position))
        }
        if pairs.count > 1 {
            let terms = pairs.enumerated().map { Query.PhraseTerm($1, at: $0) }
            let score = builder.maxScores.reduce(0, +) * context.profile.ranking.whole
            builder.boosts = fields.map { .constant(.phrase(field: $0.name, terms), score) }
        }
        self = builder
    }

    /// Admits texts in which all runs of Chinese characters of the query occur by their sound.
    mutating func admitHomophones(of parsed: ParsedQuery) {
        for (group, maxScore) in zip(context.groups, groupScores) {
            for runs in group.pinyin.map({ Homophones.queries(parsed.free, $0) }) where !runs.isEmpty {
                rewrites.homophones = true
                homophones.append(.constant(runs.count == 1 ? runs[0] : .and(runs), maxScore))
            }
        }
    }

    /// Ranks the documents of the titles, series and authors that begin with an unfinished query above all others, with
    /// `nearMisses` also those of suggestions that are one edit away. Errors: `corrupt` of the index.
    mutating func listSuggestions(for parsed: ParsedQuery, nearMisses: Bool = false) throws(IndexError) {
        first = try UnfinishedQuery.suggested(parsed, nearMisses: nearMisses, context)
    }

    /// Ranks the documents of another query above all others, in this order.
    mutating func listFirst(_ documents: [Int], of query: Query) {
        first = documents
        firstQuery = query
    }

    /// Documents that have all quoted phrases, whatever else the query requires.
    var allPhrases: Query { .boolean(.init(filter: phrases)) }

    /// True if the query consists of blanks and punctuation only.
    var isEmpty: Bool { positionCount == 0 && required.isEmpty && excluded.isEmpty }
    /// True if the query has nothing but excluded parts: it matches all other documents.
    var onlyExcludes: Bool { positionCount == 0 && required.isEmpty && !excluded.isEmpty }

    /// Documents that match at least `minimum` positions, or rarer ones that score as much, or one of the alternatives,
    /// and everything that is required.
    ///
    /// Errors: `corrupt` of the index.
    func query(atLeast minimum: Int) throws(IndexError) -> Query {
        // What is sold out comes last, even if it was suggested.
        let isSuggested = !first.isEmpty && firstQuery == nil
        let typed = rated(typedQuery(atLeast: minimum), by: onlyExcludes ? [] : isSuggested ? gains : gains + losses)
        if first.isEmpty { return typed }
        let least = max(try context.greatestScore(of: typed), 1)
        let documents = first.enumerated().map { rank, document in
            Query.ScoredDocument(document, score: least * (2 - Float(rank) / Float(first.count)))
        }
        let queries = [typed, .documents(documents)] + (firstQuery.map { [.boosted($0, 0)] } ?? [])
        let best = Query.disjunctionMax(queries, tieBreaker: 0)
        // Titles that are what was typed come before those that only begin so.
        let exact = firstQuery == nil ? exactTitles : []
        let all = exact.isEmpty ? best : .boolean(.init(must: [best], should: [.constant(.or(exact), 2 * least)]))
        return rated(all, by: isSuggested ? losses : [])
    }

    /// A query with its scores multiplied by the popularity of some signals.
    private func rated(_ query: Query, by signals: [Popularity.Signal]) -> Query {
        signals.isEmpty ? query : .functionScore(query, by: [.popularity(Popularity(signals))])
    }

    /// Documents that match by their words.
    private func typedQuery(atLeast minimum: Int) -> Query {
        if onlyExcludes { return .boolean(.init(mustNot: excluded, filter: [.all])) }
        var must = required
        var filter: [Query] = []
        var should = boosts + wholeTitles
        if minimum > 1 {
            should += homophones
            let others = isStrict ? [] : wholeTitles + homophones + decisivePositions(minimum)
            let enough = Query.boolean(.init(should: positions, minimumShould: minimum))
            if others.isEmpty {
                must.append(enough)
            } else {
                filter.append(.or([enough] + others))
                should += positions
            }
        } else if minimum == 1, !positions.isEmpty {
            let admitted = positions + homophones
            must.append(admitted.count == 1 ? admitted[0] : .or(admitted))
        } else {
            should += positions
        }
        if must.count == 1, should.isEmpty, excluded.isEmpty { return must[0] }
        return .boolean(.init(must: must, should: should, mustNot: excluded, filter: filter))
    }

    /// The positions that can score as much alone as the `minimum` commonest ones together. Empty if all positions are
    /// required.
    private func decisivePositions(_ minimum: Int) -> [Query] {
        guard minimum < positions.count else { return [] }
        let threshold = maxScores.sorted().prefix(minimum).reduce(0, +)
        return positions.indices.filter { isDecisive[$0] && maxScores[$0] >= threshold }.map { positions[$0] }
    }

    /// Documents that match everything that is required besides the positions; without scores.
    var matchingRequired: Query {
        required.isEmpty && excluded.isEmpty
            ? .all : .boolean(.init(mustNot: excluded, filter: required.isEmpty ? [.all] : required))
    }

    /// Counts the documents that match so many positions, and everything that is required; without alternatives.
    /// Counting ends once `enough` documents match all positions. Errors: `corrupt` of the index.
    func matchCounts(until enough: Int) throws(IndexError) -> MatchCounts {
        let conditions = (required.isEmpty && excluded.isEmpty ? [] : [matchingRequired]) + context.scope
        let condition = conditions.count > 1 ? .boolean(.init(filter: conditions)) : conditions.first
        return try context.reader.matchCounts(
            of: positions, among: condition, until: enough, limits: context.limits, sharing: context.memory.search)
    }

    /// A small boost for texts that have a word without the symbols of other terms: C ranks before C++ and C#. Nil if
    /// no such term occurs.
    private static func bare(
        _ word: String, _ query: Query, _ groups: [SearchFields], _ reader: IndexReader
    ) throws(IndexError) -> Query? {
        var others: [Query] = []
        for symbol in [word + "++", word + "#", "." + word] {
            for group in groups {
                var occurs = false
                for field in group.words where try reader.documentFrequency(field.name, symbol) > 0 { occurs = true }
                if occurs { others.append(.combined(fields: group.words, symbol)) }
            }
        }
        return others.isEmpty ? nil : .boosted(.boolean(.init(must: [query], mustNot: others)), 0.3)
    }
}
