import Searching
import Segments

/// The meaning of the positions of a query beyond their words: a volume, a language, words that only ask, and words
/// whose stem another word has as well.
struct PositionMeaning {
    /// The queries of the positions that say what is looked for, or of all if none does.
    private(set) var positions: [Query] = []
    /// False for the positions that also match by the number of a volume alone, aligned with `positions`.
    private(set) var isDecisive: [Bool] = []
    /// Clauses that only add to the score: words that ask, the volume and the language.
    private(set) var boosts: [Query] = []
    /// The words that only ask for something.
    private let requests: RequestWords
    /// The volume that the query names; nil for none.
    let volume: VolumeQueries?
    private let language: LanguageMention?
    /// True if the query has so many positions that any of them is enough.
    let isSentence: Bool
    private let query: String
    private let ranking: RankingOptions
    /// The query of each term of a group, with its alternatives, by the index of the group.
    private var queries: [[String: Query]]

    /// The share of a typed number's maximum score that another writing of it has.
    private static let alternativeShare: Float = 0.5
    /// The boost for a language, as a share of the maximum score: a title in the language comes before any other that
    /// is the rest of the query.
    private static let languageShare: Float = 3
    /// The maximum number of words of a query that are told from others with the same stem.
    private static let maxWrittenWords = 4

    /// Finds the meaning of an expanded query; nothing once the context's limits are over.
    ///
    /// Errors: `corrupt` of the index.
    init(
        _ query: String, _ analyzed: [AnalyzedQuery], _ groups: [SearchFields], _ expansion: QueryExpansion,
        _ context: QueryContext
    ) throws(IndexError) {
        self.query = query
        isSentence = expansion.positions.count > FreeWords.maxStrictPositions
        ranking = context.profile.ranking
        queries = groups.map { _ in [:] }
        let reader = context.reader
        let isOver = context.limits.isOver || context.matching.words == .all || query.isEmpty
        requests = isOver || ranking.request == 1 ? RequestWords("") : try Self.requests(query, groups, context)
        volume = isOver || ranking.volume == 0 ? nil : try VolumeQueries(query, groups, reader)
        language = isOver ? nil : try Self.language(query, groups, context)
        var asking: [Query] = []
        for (position, expanded) in zip(expansion.positions, expansion.queries) {
            let terms = position.members.map { analyzed[$0.group].terms[$0.term] }
            var query = expanded
            if ranking.stem < 1, expansion.positions.count <= Self.maxWrittenWords, !context.limits.isOver {
                for (member, term) in zip(position.members, terms) {
                    guard let written = try groups[member.group].written(term, reader) else { continue }
                    query = .disjunctionMax(of: [
                        .boosted(query, ranking.stem), .boolean(.init(must: [query], filter: [written])),
                    ])
                }
            }
            let number = volume.flatMap { Self.areIn($0.mention.range, terms) ? $0.number : nil }
            if let number {
                let score = try context.greatestScore(of: expanded) * Self.alternativeShare
                query = .disjunctionMax(of: [query, .constant(number, score)])
            }
            for member in position.members {
                queries[member.group][analyzed[member.group].terms[member.term].text] = query
            }
            if terms.allSatisfy(isRequest) || language.map({ Self.areIn($0.range, terms) }) ?? false {
                asking.append(query)
            } else {
                positions.append(query)
                isDecisive.append(number == nil)
            }
        }
        try addSingleCharacters(groups, context)
        if positions.isEmpty {
            (positions, asking) = (asking, [])
            isDecisive = positions.map { _ in true }
        }
        if ranking.request > 0 { boosts += asking.map { .boosted($0, ranking.request) } }
    }

    /// Adds the characters that stand alone beside words that ask: as positions if they say as much as the rest of the
    /// query or there is none, 猫 in 关于猫的书, and else only to the score, 些 in 找些三体的书.
    private mutating func addSingleCharacters(
        _ groups: [SearchFields], _ context: QueryContext
    ) throws(IndexError) {
        let characters = requests.singleCharacters(query)
        if characters.isEmpty { return }
        var least: Float?
        for position in positions { least = min(least ?? .infinity, try context.greatestScore(of: position)) }
        for character in characters {
            let terms = groups.flatMap { group in
                AnalyzedQuery(character, group.analyzer).terms.map(group.query)
            }
            let query = Query.disjunctionMax(of: terms)
            if try context.greatestScore(of: query) >= least ?? 0 {
                positions.append(query)
                isDecisive.append(true)
            } else {
                boosts.append(query)
            }
        }
    }

    /// The words of a query that only ask, without those that are parts of titles.
    private static func requests(
        _ query: String, _ groups: [SearchFields], _ context: QueryContext
    ) throws(IndexError) -> RequestWords {
        var requests = RequestWords(query)
        if requests.ranges.isEmpty { return requests }
        try requests.removeTitles(query) { text, isAlone throws(IndexError) in
            try isInTitle(text, isAlone: isAlone, groups, context)
        }
        return requests
    }

    /// The language that a query names at its end; nil if its words stand in a title after the same word: "Learn
    /// English".
    private static func language(
        _ query: String, _ groups: [SearchFields], _ context: QueryContext
    ) throws(IndexError) -> LanguageMention? {
        guard let language = try LanguageMention(query, context.languages()) else { return nil }
        let bytes = Array(query.utf8)
        let before = String(decoding: bytes[..<language.range.lowerBound], as: UTF8.self)
        let named = String(decoding: bytes[language.range.lowerBound...], as: UTF8.self)
        let neighbor = before.split(whereSeparator: \.isWhitespace).last.map(String.init) ?? ""
        return try isInTitle(neighbor + named, isAlone: false, groups, context) ? nil : language
    }

    /// True if a text is a phrase of some title or, with `isAlone`, a whole one.
    private static func isInTitle(
        _ text: String, isAlone: Bool, _ groups: [SearchFields], _ context: QueryContext
    ) throws(IndexError) -> Bool {
        for group in groups where !context.limits.isOver {
            if isAlone {
                for siblings in group.wholes {
                    guard let whole = AnalyzedQuery(text, siblings.analyzer).terms.first?.text else { continue }
                    for field in siblings.fields
                    where try context.occurs(field.name, whole) { return true }
                }
                continue
            }
            let phrase = AnalyzedQuery(text, group.analyzer).phrase
            if phrase.terms.count < 2 { continue }
            for title in group.titles {
                var search = Search(.phrase(field: title, phrase.terms), filters: context.scope, limit: 0)
                search.limits = context.limits
                if try context.search(search).total ?? 0 > 0 { return true }
            }
        }
        return false
    }

    /// True if all occurrences of a term are words that only ask.
    private func isRequest(_ term: AnalyzedQuery.Term) -> Bool {
        !requests.ranges.isEmpty && term.spans.allSatisfy { requests.contain($0, isPair: term.word == nil) }
    }

    /// True if all occurrences of some terms are in a range of the query, or reach into it.
    private static func areIn(_ range: Range<Int>, _ terms: [AnalyzedQuery.Term]) -> Bool {
        terms.allSatisfy { $0.spans.allSatisfy(range.overlaps) }
    }

    /// The maximum score of the terms of a group; words that only ask count little.
    func maxScore(
        _ analyzed: AnalyzedQuery, _ group: SearchFields, _ context: QueryContext
    ) throws(IndexError) -> Float {
        var sum: Float = 0
        for term in analyzed.terms {
            let score = try context.greatestScore(of: group.query(term)) * Float(term.count)
            sum += isRequest(term) ? ranking.request * score : score
        }
        return sum
    }

    /// The clauses of a group that only add to the score: single characters and the words beside them, the query as a
    /// phrase in a title, the volume and the language. `maxScore` is the maximum score of the query's terms in the
    /// group.
    func boosts(_ analyzed: AnalyzedQuery, _ maxScore: Float, _ group: SearchFields) -> [Query] {
        var boosts: [Query] = []
        if ranking.characters > 0 {
            var hasCharacters = false
            for siblings in group.characters {
                for term in AnalyzedQuery(query, siblings.analyzer).terms {
                    let weight = ranking.characters * (isRequest(term) ? ranking.request : 1)
                    if weight == 0 { continue }
                    let query = Query.combined(fields: siblings.fields, term.text)
                    boosts.append(.boosted(query, weight * Float(term.count)))
                    hasCharacters = true
                }
            }
            // A word beside characters counts as a pair with its characters does; a volume and a language count below.
            let counted = [volume?.mention.range, language?.range].compactMap { $0 }
            for term in analyzed.terms where hasCharacters && term.word != nil && !isRequest(term) {
                if counted.contains(where: { Self.areIn($0, [term]) }) { continue }
                boosts.append(.boosted(group.query(term), ranking.characters * Float(term.count)))
            }
        }
        if ranking.phrase > 0, analyzed.phrase.terms.count > 1 {
            for title in group.titles {
                boosts.append(.constant(.phrase(field: title, analyzed.phrase.terms), ranking.phrase * maxScore))
            }
        }
        if let volume { boosts.append(.constant(volume.volume, ranking.volume * maxScore)) }
        if let language { boosts.append(.constant(language.documents, Self.languageShare * maxScore)) }
        return boosts
    }

    /// Queries for the terms of a part of the query that say what is looked for, by the index of a group: what a
    /// document must have beside a title. Characters inside of words do not count.
    func queries(_ part: String, _ groupIndex: Int, _ group: SearchFields) -> [Query] {
        if let volume, isVolume(part) { return [volume.volume] }
        let requests = RequestWords(part)
        return AnalyzedQuery(part, group.analyzer, dropsStopWords: ranking.dropsStopWords).terms.filter { term in
            !term.spans.allSatisfy { requests.contain($0, isPair: term.word == nil) }
        }.map { term in
            if term.character == nil, let query = queries[groupIndex][term.text] { return query }
            return .combined(fields: group.words, term.text)
        }
    }

    /// True if a part of the query is the volume that it names, and nothing else.
    func isVolume(_ part: String) -> Bool {
        let own = VolumeMention("丛书 " + part)
        return own?.series == "丛书" && own?.number == volume?.mention.number
    }
}
