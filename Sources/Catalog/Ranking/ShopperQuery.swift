import Analyzer
import Indexer

/// What a shopper typed, as a query of the engine: documents that have enough of its words, best first.
struct ShopperQuery {
    /// How many different words, numbers and pairs of characters there are.
    let unitCount: Int
    /// Whether quoted phrases must be there.
    var hasPhrases: Bool { !phrases.isEmpty }
    /// The quoted phrases.
    private let phrases: [Query]
    /// What must be there besides the units: phrases, what stands in fields that are named, one of several choices.
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
    let readings: Readings

    /// Understands a query. With `homophones`, texts in which all its Chinese stretches stand by their sound are let
    /// in.
    init(_ text: QueryText, _ context: RankingContext, homophones: Bool = false) throws(IndexError) {
        let ranking = context.profile.ranking
        let reader = context.reader
        let groups = SearchFields.groups(reader.schema, context.profile)
        let words = QueryUnits.all(text.free, groups.map(\.analyzer), dropsStopWords: ranking.dropsStopWords)
        let reading = try QueryReading(words, groups, context)
        var readings = reading.readings
        var extras: [Query] = []
        var named: [Query] = []
        for (group, words) in zip(groups, words) {
            var most: Float = 0
            for unit in words.units { most += try reader.greatestScore(of: group.query(unit)) * Float(unit.count) }
            extras += Self.extras(text.free, words, most, group, ranking)
            named += try Self.named(text.free, most, group, ranking, reader)
            if homophones {
                for sounds in group.pinyin.map({ Homophones.queries(text.free, $0) }) where !sounds.isEmpty {
                    readings.homophones = true
                    named.append(.constant(sounds.count == 1 ? sounds[0] : .and(sounds), most))
                }
            }
        }
        for (unit, query) in zip(reading.units, reading.queries) {
            guard let word = reading.latin(unit) else { continue }
            if let bare = try Self.bare(word, query, unit.members.map { groups[$0.group] }, reader) {
                extras.append(bare)
            }
        }
        units = reading.queries
        unitCount = units.count
        var weights: [Float] = []
        for unit in units { weights.append(try reader.greatestScore(of: unit)) }
        self.weights = weights
        self.extras = extras
        self.named = named
        self.readings = readings
        let fields = NamedField(context)
        func query(_ part: QueryText.Part) -> Query? {
            part.field.map { fields.query($0, part.text) } ?? Self.phrase(part.text, groups)
        }
        phrases = text.phrases.compactMap { Self.phrase($0, groups) }
        required =
            phrases + text.named.compactMap(query) + text.choices.compactMap { Self.choice($0.compactMap(query)) }
        excluded = text.excluded.compactMap(query)
    }

    /// Documents that have all quoted phrases, whatever else is asked for.
    var allPhrases: Query { .boolean(.init(filter: phrases)) }

    /// One of several at least; nil when there are none.
    private static func choice(_ queries: [Query]) -> Query? {
        queries.isEmpty ? nil : queries.count == 1 ? queries[0] : .or(queries)
    }

    /// Whether the query has nothing to look for but blanks and punctuation.
    var isEmpty: Bool { unitCount == 0 && required.isEmpty && excluded.isEmpty }
    /// Whether it only says what must not be there.
    var onlyExcludes: Bool { unitCount == 0 && required.isEmpty && !excluded.isEmpty }

    /// Documents that have at least so many of the units, or rarer ones that say as much, or that a stretch of the
    /// query names, and all quoted phrases.
    func query(atLeast wanted: Int) -> Query {
        if onlyExcludes { return .boolean(.init(mustNot: excluded, filter: [.all])) }
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

    /// A little more for texts that have a word without the symbols of others: C before C++ and C#.
    private static func bare(
        _ word: String, _ query: Query, _ groups: [SearchFields], _ reader: IndexReader
    ) throws(IndexError) -> Query? {
        var others: [Query] = []
        for symbol in [word + "++", word + "#", "." + word] {
            for group in groups {
                var isThere = false
                for field in group.words where try reader.documentFrequency(field.name, symbol) > 0 { isThere = true }
                if isThere { others.append(.combined(fields: group.words, symbol)) }
            }
        }
        return others.isEmpty ? nil : .boosted(.boolean(.init(must: [query], mustNot: others)), 0.3)
    }

    /// What only adds to the score: characters, and the query as a phrase in a title.
    private static func extras(
        _ text: String, _ words: QueryUnits, _ most: Float, _ group: SearchFields, _ ranking: Ranking
    ) -> [Query] {
        var extras: [Query] = []
        if ranking.characters > 0 {
            for siblings in group.characters {
                for unit in QueryUnits(text, siblings.analyzer).units {
                    let query = Query.combined(fields: siblings.fields, unit.term)
                    extras.append(.boosted(query, ranking.characters * Float(unit.count)))
                }
            }
        }
        if ranking.phrase > 0, words.phrase.terms.count > 1 {
            for title in group.titles {
                extras.append(.constant(.phrase(field: title, words.phrase.terms), ranking.phrase * most))
            }
        }
        return extras
    }

    /// Stretches of the query that are whole titles.
    private static func named(
        _ text: String, _ most: Float, _ group: SearchFields, _ ranking: Ranking, _ reader: IndexReader
    ) throws(IndexError) -> [Query] {
        guard ranking.whole > 0 else { return [] }
        var named: [Query] = []
        for siblings in group.wholes {
            for (stretch, share) in QueryStretches(text, siblings.analyzer, least: ranking.shortestWhole).all {
                for field in siblings.fields where try reader.documentFrequency(field.name, stretch) > 0 {
                    let weight = share == 1 ? 1 : ranking.whole * share
                    named.append(.constant(.term(field: field.name, stretch), weight * most))
                }
            }
        }
        return named
    }

    /// A quoted stretch in any field; nil when it has no words.
    private static func phrase(_ text: String, _ groups: [SearchFields]) -> Query? {
        var choices: [Query] = []
        for group in groups {
            let phrase = QueryUnits(text, group.analyzer).phrase
            if !phrase.terms.isEmpty { choices.append(group.query(phrase)) }
        }
        return choices.isEmpty ? nil : .best(of: choices)
    }
}
