import Analyzer
import Indexer

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

/// What the units of a query are looked for as: themselves, their synonyms, and for words that stand in no text of any
/// group of fields pinyin or words that are spelt like them.
struct QueryReading {
    /// The units, in the terms of all groups.
    let units: [SharedUnit]
    /// What each is looked for as.
    private(set) var queries: [Query]
    /// What was read otherwise than it was typed.
    private(set) var readings = Readings()
    private let words: [QueryUnits]
    private let groups: [SearchFields]
    private let context: RankingContext
    /// The units as they were typed.
    private let plain: [Query]
    /// Which of them are Latin words that stand in no text and may be read otherwise.
    private var isUnknown: [Bool] = []

    /// Words of a query for which last resorts are tried. One with more unknown words is in another language than its
    /// catalog: the rest is left as it is.
    private static let mostUnknown = 6
    /// Synonyms of a unit that are looked for; a list may have more.
    private static let mostAlternatives = 16
    /// Synonyms of a query that are looked up.
    private static let mostLookUps = 512

    /// Reads a query that each group of fields has in its own terms.
    init(_ words: [QueryUnits], _ groups: [SearchFields], _ context: RankingContext) throws(IndexError) {
        let units = SharedUnit.all(words)
        self.words = words
        self.groups = groups
        self.context = context
        self.units = units
        plain = units.map { unit in
            let query = Query.best(of: unit.members.map { groups[$0.group].query(words[$0.group].units[$0.unit]) })
            return unit.count == 1 ? query : .boosted(query, Float(unit.count))
        }
        queries = plain
        for unit in units { isUnknown.append(try isUnknownWord(unit)) }
        try addSynonyms()
        try readUnknownWords()
    }

    private func word(_ member: SharedUnit.Member) -> QueryUnits.Unit { words[member.group].units[member.unit] }

    /// The word of a unit if it is one of Latin letters.
    func latin(_ unit: SharedUnit) -> String? { unit.members.lazy.compactMap { word($0).latin }.first }

    /// Whether a unit is a word of Latin letters that stands in no text, in the terms of no group.
    private func isUnknownWord(_ unit: SharedUnit) throws(IndexError) -> Bool {
        if latin(unit) == nil || unit.members.contains(where: { word($0).isPartOfCode }) { return false }
        for member in unit.members {
            for term in [word(member).term] + word(member).alternatives {
                for field in groups[member.group].words {
                    if try context.reader.documentFrequency(field.name, term) > 0 { return false }
                }
            }
        }
        return true
    }
}

// MARK: - Synonyms

extension QueryReading {
    private mutating func addSynonyms() throws(IndexError) {
        var alternatives = [[Query]](repeating: [], count: units.count)
        for (number, group) in groups.enumerated() {
            guard let table = context.synonyms[group.analyzer.name] else { continue }
            let phrase = words[number].phrase.terms
            let last = phrase.last.map { places(of: [$0], number) } ?? []
            let matches = table.matches(in: phrase, unfinished: last.contains { isUnknown[$0] })
            var own = Alternatives(places: units.count, most: Self.mostAlternatives, lookUps: Self.mostLookUps)
            for match in matches {
                if match.isUnfinished { try own.finish(match, at: last, group, context.reader) }
                let places = places(of: phrase[match.terms], number)
                let texts = try own.add(match, for: places.map { (place: $0, query: plain[$0]) }, group, context.reader)
                readings.synonyms.formUnion(texts)
            }
            for place in units.indices { alternatives[place] += own.queries[place] }
        }
        for place in units.indices where !alternatives[place].isEmpty {
            queries[place] = .best(of: [plain[place]] + alternatives[place])
            isUnknown[place] = false
        }
    }

    /// The units that have one of some terms of a group, by their numbers.
    private func places(of terms: some Sequence<Query.PhraseTerm>, _ group: Int) -> [Int] {
        let terms = Set(terms.map(\.term))
        return units.indices.filter { place in
            units[place].members.contains { $0.group == group && terms.contains(word($0).term) }
        }
    }
}

/// What else may stand for the units of a query in one group of fields, by their numbers.
private struct Alternatives {
    private(set) var queries: [[Query]]
    private let most: Int
    private var lookUps: Int

    /// At most `most` for a unit, and as many look-ups for all.
    init(places: Int, most: Int, lookUps: Int) {
        queries = [[Query]](repeating: [], count: places)
        self.most = most
        self.lookUps = lookUps
    }

    /// Adds the word of which a query has only the beginning.
    mutating func finish(
        _ match: SynonymTable.Match, at places: [Int], _ group: SearchFields, _ reader: IndexReader
    ) throws(IndexError) {
        guard let whole = match.from.phrase.terms.last, hasRoom(at: places) else { return }
        lookUps -= 1
        guard try group.knows(QueryPhrase(terms: [whole]), reader) else { return }
        add(.combined(fields: group.words, whole.term), at: places)
    }

    /// Adds synonyms of some units that stand somewhere; answers which, for people.
    mutating func add(
        _ match: SynonymTable.Match, for units: [(place: Int, query: Query)], _ group: SearchFields,
        _ reader: IndexReader
    ) throws(IndexError) -> [String] {
        var texts: [String] = []
        let places = units.map(\.place)
        var own: Float = 0
        for unit in units { own += try reader.greatestScore(of: unit.query) }
        for target in match.to where target.phrase.terms != match.from.phrase.terms {
            guard hasRoom(at: places) else { break }
            lookUps -= 1
            guard try group.knows(target.phrase, reader) else { continue }
            let synonym = group.query(target.phrase)
            // It never says more than the words for which it stands.
            let greatest = try reader.greatestScore(of: synonym)
            let share = SynonymTable.weight * (own > 0 && greatest > own ? own / greatest : 1)
            // A text that has the synonym has each word of the stretch, and all of them together score like it.
            add(.boosted(synonym, share / Float(places.count)), at: places)
            texts.append("\(match.from.text) → \(target.text)")
        }
        return texts
    }

    private func hasRoom(at places: [Int]) -> Bool {
        lookUps > 0 && !places.isEmpty && places.allSatisfy { queries[$0].count < most }
    }

    private mutating func add(_ query: Query, at places: [Int]) {
        for place in places where !queries[place].contains(query) { queries[place].append(query) }
    }
}

// MARK: - Last resorts

extension QueryReading {
    /// Reads what stands in no text, as far as there are not too many such words.
    private mutating func readUnknownWords() throws(IndexError) {
        for place in units.indices.filter({ isUnknown[$0] }).prefix(Self.mostUnknown) {
            guard let latin = latin(units[place]) else { continue }
            let groups = units[place].members.map { self.groups[$0.group] }
            var choices = try found(groups.flatMap { Self.pinyin(latin, $0) })
            if !choices.isEmpty {
                readings.pinyin.insert(latin)
            } else if context.profile.ranking.corrects {
                let forms = units[place].members.map {
                    Spelling.Form(group: self.groups[$0.group], term: word($0).term)
                }
                choices = try Spelling(reader: context.reader).readings(of: latin, forms)
                if !choices.isEmpty { readings.typos.insert(latin) }
            }
            if choices.isEmpty {
                choices = try found(groups.flatMap { Self.initials(latin, $0) })
                if !choices.isEmpty { readings.pinyin.insert(latin) }
            }
            if !choices.isEmpty { queries[place] = .best(of: choices) }
        }
    }

    /// Those of some queries that match a document.
    private func found(_ queries: [Query]) throws(IndexError) -> [Query] {
        var found: [Query] = []
        for query in queries where try context.reader.search(Search(query, limit: 0)).total ?? 0 > 0 {
            found.append(query)
        }
        return found
    }

    /// A word read as at least two syllables of pinyin, in all ways.
    private static func pinyin(_ word: String, _ group: SearchFields) -> [Query] {
        let fields = group.pinyin.flatMap(\.fields)
        if fields.isEmpty { return [] }
        return PinyinQuery.syllables(of: word, least: 2).map(PinyinQuery.pairs).flatMap { pairs in
            fields.map { phrase(pairs, $0) }
        }
    }

    /// A word read as the first letters of syllables.
    private static func initials(_ word: String, _ group: SearchFields) -> [Query] {
        guard (2...8).contains(word.utf8.count) else { return [] }
        let letters = word.map { String($0) }
        let pairs = zip(letters, letters.dropFirst()).map { $0 + $1 }
        return group.initials.flatMap(\.fields).map { phrase(pairs, $0) }
    }

    private static func phrase(_ pairs: [String], _ field: Query.WeightedField) -> Query {
        if pairs.count == 1 { return .combined(fields: [field], pairs[0]) }
        let terms = pairs.enumerated().map { Query.PhraseTerm($1, at: $0) }
        return .boosted(.phrase(field: field.name, terms), field.weight)
    }
}
