import Analyzer
import Indexer

/// What a shopper typed, as a query of the engine: documents that have enough of its words, best first.
struct ShopperQuery {
    /// How many different words, numbers and pairs of characters there are.
    let unitCount: Int
    /// Whether quoted phrases must be there.
    var hasPhrases: Bool { !required.isEmpty }
    private let required: [Query]
    private let excluded: [Query]
    /// The units, each in the terms of all groups of fields that know it.
    private let units: [Query]
    private let extras: [Query]
    /// Words that are in no text and were read as pinyin.
    let pinyin: [String]
    /// Documents that are named by a stretch of the query: they are let in with the rest.
    private let named: [Query]

    /// Understands a query for an index by a profile.
    init(_ text: QueryText, _ profile: SearchProfile, _ reader: IndexReader) throws(IndexError) {
        let groups = SearchFields.groups(reader.schema, profile)
        var choices: [Int: [Query]] = [:]
        var extras: [Query] = []
        var named: [Query] = []
        var pinyin: Set<String> = []
        for group in groups {
            let words = QueryUnits(text.free, group.analyzer, dropsStopWords: profile.ranking.dropsStopWords)
            var queries: [Query] = []
            for unit in words.units {
                let readings = try Self.readings(of: unit, group, reader)
                if !readings.isEmpty, let word = unit.latin { pinyin.insert(word) }
                queries.append(Self.query(unit, group, readings))
            }
            for (unit, query) in zip(words.units, queries) { choices[unit.place, default: []].append(query) }
            var most: Float = 0
            for query in queries { most += try reader.greatestScore(of: query) }
            extras += Self.extras(text.free, words, most, group, profile.ranking)
            for (unit, query) in zip(words.units, queries) {
                if let plain = try Self.plain(unit, query, group, reader) { extras.append(plain) }
            }
            named += try Self.named(text.free, most, group, profile.ranking, reader)
        }
        units = choices.sorted { $0.key < $1.key }.map { Self.best($0.value) }
        unitCount = units.count
        self.extras = extras
        self.named = named
        self.pinyin = pinyin.sorted()
        required = text.phrases.compactMap { Self.phrase($0, groups) }
        excluded = text.excluded.compactMap { Self.phrase($0, groups) }
    }

    /// Whether the query has nothing to look for but blanks and punctuation.
    var isEmpty: Bool { unitCount == 0 && required.isEmpty }

    /// Documents that have at least so many of the units, or that a stretch of the query names, and all quoted phrases.
    func query(atLeast wanted: Int) -> Query {
        var must = required
        var should = extras
        if wanted <= 0 {
            should += units + named
        } else if !units.isEmpty {
            let enough = units.count == 1 ? units[0] : .boolean(.init(should: units, minimumShould: wanted))
            if wanted == 1 || named.isEmpty {
                must.append(enough)
                should += named
            } else {
                must.append(.or([enough] + named.map { .boolean(.init(must: [$0], should: units)) }))
            }
        }
        if must.count == 1, should.isEmpty, excluded.isEmpty { return must[0] }
        return .boolean(.init(must: must, should: should, mustNot: excluded))
    }

    /// Documents that have at least so many of the units and all quoted phrases, to be counted.
    func matching(atLeast wanted: Int) -> Query {
        var must = required
        if wanted > 0, !units.isEmpty { must.append(.boolean(.init(should: units, minimumShould: wanted))) }
        return must.isEmpty ? .all : .boolean(.init(mustNot: excluded, filter: must))
    }

    /// A unit in all fields of a group, counted as often as the query says it.
    private static func query(_ unit: QueryUnits.Unit, _ group: SearchFields, _ readings: [Query]) -> Query {
        if !readings.isEmpty { return best(readings) }
        var choices = ([unit.term] + unit.alternatives).map { Query.combined(fields: group.words, $0) }
        if unit.isCharacter, !group.characters.isEmpty {
            choices.append(.combined(fields: group.characters, unit.term))
        }
        let query = best(choices)
        return unit.count == 1 ? query : .boosted(query, Float(unit.count))
    }

    /// A word that stands in no text, read as pinyin or, if it is none, as the first letters of it.
    private static func readings(
        of unit: QueryUnits.Unit, _ group: SearchFields, _ reader: IndexReader
    ) throws(IndexError) -> [Query] {
        guard let word = unit.latin, !group.pinyin.isEmpty || !group.initials.isEmpty else { return [] }
        for field in group.words where try reader.documentFrequency(field.name, unit.term) > 0 { return [] }
        let ways = PinyinQuery.syllables(of: word, least: 2).map(PinyinQuery.pairs)
        if !ways.isEmpty {
            return ways.flatMap { pairs in group.pinyin.map { phrase(pairs, $0) } }
        }
        guard (2...8).contains(word.utf8.count) else { return [] }
        let letters = word.map { String($0) }
        let pairs = zip(letters, letters.dropFirst()).map { $0 + $1 }
        return group.initials.map { phrase(pairs, $0) }
    }

    /// A little more for texts that have a word without the symbols of others: C before C++ and C#.
    private static func plain(
        _ unit: QueryUnits.Unit, _ query: Query, _ group: SearchFields, _ reader: IndexReader
    ) throws(IndexError) -> Query? {
        guard let word = unit.latin else { return nil }
        var others: [Query] = []
        for symbol in [word + "++", word + "#", "." + word] {
            var isThere = false
            for field in group.words where try reader.documentFrequency(field.name, symbol) > 0 { isThere = true }
            if isThere { others.append(.combined(fields: group.words, symbol)) }
        }
        return others.isEmpty ? nil : .boosted(.boolean(.init(must: [query], mustNot: others)), 0.3)
    }

    private static func phrase(_ pairs: [String], _ field: Query.WeightedField) -> Query {
        if pairs.count == 1 { return .combined(fields: [field], pairs[0]) }
        let terms = pairs.enumerated().map { Query.PhraseTerm($1, at: $0) }
        return .boosted(.phrase(field: field.name, terms), field.weight)
    }

    /// What only adds to the score: characters, and the query as a phrase in a title.
    private static func extras(
        _ text: String, _ words: QueryUnits, _ most: Float, _ group: SearchFields, _ ranking: Ranking
    ) -> [Query] {
        var extras: [Query] = []
        if ranking.characters > 0, !group.characters.isEmpty {
            for unit in QueryUnits(text, .characters, dropsStopWords: false).units {
                let query = Query.combined(fields: group.characters, unit.term)
                extras.append(.boosted(query, ranking.characters * Float(unit.count)))
            }
        }
        if ranking.phrase > 0, words.phrase.count > 1 {
            for title in group.titles {
                extras.append(.constant(.phrase(field: title, words.phrase), ranking.phrase * most))
            }
        }
        return extras
    }

    /// Stretches of the query that are whole titles.
    private static func named(
        _ text: String, _ most: Float, _ group: SearchFields, _ ranking: Ranking, _ reader: IndexReader
    ) throws(IndexError) -> [Query] {
        guard ranking.whole > 0, !group.wholes.isEmpty else { return [] }
        var named: [Query] = []
        for (stretch, share) in QueryStretches(text, least: ranking.shortestWhole).all {
            for field in group.wholes where try reader.documentFrequency(field, stretch) > 0 {
                let weight = share == 1 ? 1 : ranking.whole * share
                named.append(.constant(.term(field: field, stretch), weight * most))
            }
        }
        return named
    }

    /// A quoted stretch in any field; nil when it has no words.
    private static func phrase(_ text: String, _ groups: [SearchFields]) -> Query? {
        var choices: [Query] = []
        for group in groups {
            let terms = QueryUnits(text, group.analyzer, dropsStopWords: false).phrase
            if terms.count == 1 { choices.append(.combined(fields: group.words, terms[0].term)) }
            if terms.count < 2 { continue }
            choices += group.words.map { .boosted(.phrase(field: $0.name, terms), $0.weight) }
        }
        return choices.isEmpty ? nil : best(choices)
    }

    private static func best(_ choices: [Query]) -> Query {
        choices.count == 1 ? choices[0] : .best(choices, others: 0)
    }
}

/// The stretches of a query that could be titles: runs of its words and characters.
struct QueryStretches {
    /// As the analyzer `whole` writes them, with their share of the query, longest first.
    private(set) var all: [(text: String, share: Float)] = []

    /// Longer queries name no title.
    private static let longest = 40

    /// Those with at least two characters and a share of at least `least`.
    init(_ text: String, least: Float) {
        var tokens = TokenBuffer()
        TextAnalyzer.whole.analyze(text, into: &tokens)
        guard tokens.count > 0 else { return }
        // Pieces: a word, or a single character of a script without blanks, with the blank before it.
        let whole = Array(String(decoding: tokens.term(0), as: UTF8.self))
        var pieces: [(start: Int, end: Int)] = []
        var i = 0
        while i < whole.count {
            var end = i + 1
            if whole[i].isASCII {
                while end < whole.count, whole[end].isASCII, whole[end] != " " { end += 1 }
            }
            pieces.append((i, end))
            i = end < whole.count && whole[end] == " " ? end + 1 : end
        }
        guard pieces.count <= Self.longest else { return }
        var seen: Set<String> = []
        for size in (1...max(pieces.count, 1)).reversed() where size <= pieces.count {
            for first in 0...(pieces.count - size) {
                let stretch = whole[pieces[first].start..<pieces[first + size - 1].end]
                let share = Float(stretch.count) / Float(whole.count)
                guard stretch.count >= 2 || size == pieces.count, share >= least else { continue }
                let text = String(stretch)
                if seen.insert(text).inserted { all.append((text, size == pieces.count ? 1 : share)) }
            }
        }
    }
}
