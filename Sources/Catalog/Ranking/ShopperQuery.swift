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
    /// The most that each of them can score.
    private let weights: [Float]
    private let extras: [Query]
    /// Documents that are named by a stretch of the query: they are let in with the rest.
    private let named: [Query]
    /// What was read otherwise than it was typed.
    private(set) var readings = Readings()

    /// What was read otherwise than it was typed.
    struct Readings {
        /// Words that are in no text and were read as pinyin.
        var pinyin: Set<String> = []
        /// Words that are in no text and were read as others that are spelt like them.
        var typos: Set<String> = []
        /// Synonyms that were looked for as well.
        var synonyms: Set<String> = []
        /// Whether texts that sound like the query were let in.
        var homophones = false
    }

    /// What a query is understood by: a catalog's choices and its texts.
    struct Context {
        var profile: SearchProfile
        var reader: IndexReader
        /// By the analyzer's name.
        var synonyms: [String: SynonymTable]
    }

    /// Understands a query. With `homophones`, texts in which all its Chinese stretches stand by their sound are let
    /// in.
    init(_ text: QueryText, _ context: Context, homophones: Bool = false) throws(IndexError) {
        let ranking = context.profile.ranking
        let reader = context.reader
        let groups = SearchFields.groups(reader.schema, context.profile)
        var choices: [Int: [Query]] = [:]
        var extras: [Query] = []
        var named: [Query] = []
        var readings = Readings()
        for group in groups {
            let words = QueryUnits(text.free, group.analyzer, dropsStopWords: ranking.dropsStopWords)
            let plain = words.units.map { Self.query($0, group) }
            var most: Float = 0
            for query in plain { most += try reader.greatestScore(of: query) }
            let queries = try Self.read(words, plain, group, context, &readings)
            for (unit, query) in zip(words.units, queries) { choices[unit.place, default: []].append(query) }
            extras += Self.extras(text.free, words, most, group, ranking)
            for (unit, query) in zip(words.units, queries) {
                if let plain = try Self.plain(unit, query, group, reader) { extras.append(plain) }
            }
            named += try Self.named(text.free, most, group, ranking, reader)
            if homophones {
                let sounds = Homophones.queries(text.free, fields: group.pinyin)
                readings.homophones = readings.homophones || !sounds.isEmpty
                if !sounds.isEmpty { named.append(.constant(sounds.count == 1 ? sounds[0] : .and(sounds), most)) }
            }
        }
        units = choices.sorted { $0.key < $1.key }.map { Self.best($0.value) }
        unitCount = units.count
        var weights: [Float] = []
        for unit in units { weights.append(try reader.greatestScore(of: unit)) }
        self.weights = weights
        self.extras = extras
        self.named = named
        self.readings = readings
        required = text.phrases.compactMap { Self.phrase($0, groups) }
        excluded = text.excluded.compactMap { Self.phrase($0, groups) }
    }

    /// Whether the query has nothing to look for but blanks and punctuation.
    var isEmpty: Bool { unitCount == 0 && required.isEmpty }

    /// Documents that have at least so many of the units, or rarer ones that say as much, or that a stretch of the
    /// query names, and all quoted phrases.
    func query(atLeast wanted: Int) -> Query {
        var must = required
        var filter: [Query] = []
        var should = extras + named
        if wanted > 1 {
            let others = named + rarer(thanLeast: wanted)
            let enough = Query.boolean(.init(should: units, minimumShould: wanted))
            if others.isEmpty {
                must.append(enough)
            } else {
                filter.append(.or([enough] + others))
                should += units
            }
        } else if wanted == 1, !units.isEmpty {
            must.append(units.count == 1 ? units[0] : .or(units))
        } else {
            should += units
        }
        if must.count == 1, should.isEmpty, excluded.isEmpty { return must[0] }
        return .boolean(.init(must: must, should: should, mustNot: excluded, filter: filter))
    }

    /// The units that say as much alone as the `wanted` commonest ones together, when a document need not have all.
    private func rarer(thanLeast wanted: Int) -> [Query] {
        guard wanted < units.count else { return [] }
        let least = weights.sorted().prefix(wanted).reduce(0, +)
        return zip(units, weights).filter { $1 >= least }.map(\.0)
    }

    /// Documents that have at least so many of the units and all quoted phrases, to be counted.
    func matching(atLeast wanted: Int) -> Query {
        var must = required
        if wanted > 0, !units.isEmpty { must.append(.boolean(.init(should: units, minimumShould: wanted))) }
        return must.isEmpty ? .all : .boolean(.init(mustNot: excluded, filter: must))
    }

    /// A unit in all fields of a group, counted as often as the query says it.
    private static func query(_ unit: QueryUnits.Unit, _ group: SearchFields) -> Query {
        var choices = ([unit.term] + unit.alternatives).map { Query.combined(fields: group.words, $0) }
        if unit.isCharacter, !group.characters.isEmpty {
            choices.append(.combined(fields: group.characters, unit.term))
        }
        let query = best(choices)
        return unit.count == 1 ? query : .boosted(query, Float(unit.count))
    }

    /// A query with more unknown words than that is in another language than its catalog: the rest is left as it is.
    private static let mostCorrected = 6

    /// The units with what else may stand for them: synonyms, and for words that are in no text pinyin or words that
    /// are spelt like them.
    private static func read(
        _ words: QueryUnits, _ plain: [Query], _ group: SearchFields, _ context: Context, _ readings: inout Readings
    ) throws(IndexError) -> [Query] {
        var queries = plain
        var isUnknown: [Bool] = []
        for unit in words.units { isUnknown.append(try isUnknownWord(unit, group, context.reader)) }
        let last = words.phrase.last?.term
        let unfinished = zip(words.units, isUnknown).contains { $0.term == last && $1 }
        for match in context.synonyms[group.analyzer.name]?.matches(in: words.phrase, unfinished: unfinished) ?? [] {
            let covered = Set(words.phrase[match.terms].map(\.term))
            let places = words.units.indices.filter { covered.contains(words.units[$0].term) }
            let synonym = phrase(match.to, group)
            let share = try share(of: synonym, for: places.map { plain[$0] }, context.reader)
            for place in places {
                // A text that has the synonym has each word of the stretch, and all of them together score like it.
                queries[place] = best([queries[place], .boosted(synonym, share / Float(places.count))])
                isUnknown[place] = false
            }
            if !places.isEmpty { readings.synonyms.insert(match.text) }
        }
        var corrected = 0
        for (place, unit) in words.units.enumerated() where isUnknown[place] {
            guard let word = unit.latin else { continue }
            var choices = try found(pinyin(word, group), context.reader)
            if choices.isEmpty, context.profile.ranking.corrects, corrected < Self.mostCorrected {
                corrected += 1
                choices = try Spelling(group: group, reader: context.reader).readings(of: unit)
                if !choices.isEmpty { readings.typos.insert(word) }
            } else if !choices.isEmpty {
                readings.pinyin.insert(word)
            }
            if choices.isEmpty {
                choices = try found(initials(word, group), context.reader)
                if !choices.isEmpty { readings.pinyin.insert(word) }
            }
            if !choices.isEmpty { queries[place] = best(choices) }
        }
        return queries
    }

    /// What a synonym counts, so that it never says more than the words for which it stands.
    private static func share(
        of synonym: Query, for words: [Query], _ reader: IndexReader
    ) throws(IndexError) -> Float {
        var own: Float = 0
        for word in words { own += try reader.greatestScore(of: word) }
        let most = try reader.greatestScore(of: synonym)
        return SynonymTable.weight * (own > 0 && most > own ? own / most : 1)
    }

    /// Whether a unit is a word of Latin letters that stands in no text.
    private static func isUnknownWord(
        _ unit: QueryUnits.Unit, _ group: SearchFields, _ reader: IndexReader
    ) throws(IndexError) -> Bool {
        if unit.latin == nil { return false }
        for term in [unit.term] + unit.alternatives {
            for field in group.words where try reader.documentFrequency(field.name, term) > 0 { return false }
        }
        return true
    }

    /// Those of some queries that match a document.
    private static func found(_ queries: [Query], _ reader: IndexReader) throws(IndexError) -> [Query] {
        var found: [Query] = []
        for query in queries where try reader.search(Search(query, limit: 0)).total ?? 0 > 0 { found.append(query) }
        return found
    }

    /// A word read as at least two syllables of pinyin, in all ways.
    private static func pinyin(_ word: String, _ group: SearchFields) -> [Query] {
        if group.pinyin.isEmpty { return [] }
        return PinyinQuery.syllables(of: word, least: 2).map(PinyinQuery.pairs).flatMap { pairs in
            group.pinyin.map { phrase(pairs, $0) }
        }
    }

    /// A word read as the first letters of syllables.
    private static func initials(_ word: String, _ group: SearchFields) -> [Query] {
        guard (2...8).contains(word.utf8.count) else { return [] }
        let letters = word.map { String($0) }
        let pairs = zip(letters, letters.dropFirst()).map { $0 + $1 }
        return group.initials.map { phrase(pairs, $0) }
    }

    /// Terms that must stand together in a field of words.
    private static func phrase(_ terms: [Query.PhraseTerm], _ group: SearchFields) -> Query {
        if terms.count == 1 { return .combined(fields: group.words, terms[0].term) }
        return best(group.words.map { .boosted(.phrase(field: $0.name, terms), $0.weight) })
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
            if !terms.isEmpty { choices.append(phrase(terms, group)) }
        }
        return choices.isEmpty ? nil : best(choices)
    }

    private static func best(_ choices: [Query]) -> Query {
        choices.count == 1 ? choices[0] : .best(choices, others: 0)
    }
}
