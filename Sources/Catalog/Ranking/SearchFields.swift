import Analyzer
import Indexer

/// The fields of one analyzer that a shopper's words are looked for in, with those that read the same members
/// otherwise.
///
/// A text field whose analyzer makes words is looked for if the profile gives it a weight. Fields that read the same
/// member and make characters or whole texts of it only add to the score.
struct SearchFields {
    /// Fields beside those of words that make the same of what they read: a query is read by their analyzer too.
    struct Siblings {
        let analyzer: TextAnalyzer
        var fields: [Query.WeightedField] = []
    }

    let analyzer: TextAnalyzer
    /// Fields of words, with the profile's weights.
    var words: [Query.WeightedField] = []
    /// Their characters.
    var characters: [Siblings] = []
    /// How their Chinese characters are read.
    var pinyin: [Siblings] = []
    /// The first letters of that.
    var initials: [Siblings] = []
    /// Whole texts of the fields that weigh most: titles.
    var wholes: [Siblings] = []
    /// The fields that weigh most.
    var titles: [String] = []

    /// The groups of a schema, in the order of their first fields.
    static func groups(_ schema: Schema, _ profile: SearchProfile) -> [SearchFields] {
        var groups: [SearchFields] = []
        let heaviest = profile.weights.values.max() ?? 1
        for field in schema.fields {
            guard let weight = profile.weights[field.name], let analyzer = schema.analyzer(field.analyzer) else {
                continue
            }
            let at = groups.firstIndex { $0.analyzer == analyzer } ?? groups.count
            if at == groups.count { groups.append(SearchFields(analyzer: analyzer)) }
            groups[at].words.append(Query.WeightedField(field.name, weight: weight))
            let isTitle = weight == heaviest
            if isTitle { groups[at].titles.append(field.name) }
            for sibling in schema.fields where sibling.from == field.from && sibling.type == .text {
                guard let analyzer = schema.analyzer(sibling.analyzer) else { continue }
                groups[at].add(Query.WeightedField(sibling.name, weight: weight), analyzer, isTitle: isTitle)
            }
        }
        return groups
    }

    private mutating func add(_ sibling: Query.WeightedField, _ analyzer: TextAnalyzer, isTitle: Bool) {
        switch analyzer.options.tokens {
        case .words: return
        case .characters: Self.add(sibling, analyzer, to: &characters)
        case .pinyin: Self.add(sibling, analyzer, to: &pinyin)
        case .initials: Self.add(sibling, analyzer, to: &initials)
        case .whole: if isTitle { Self.add(sibling, analyzer, to: &wholes) }
        }
    }

    private static func add(_ field: Query.WeightedField, _ analyzer: TextAnalyzer, to all: inout [Siblings]) {
        let at = all.firstIndex { $0.analyzer == analyzer } ?? all.count
        if at == all.count { all.append(Siblings(analyzer: analyzer)) }
        all[at].fields.append(field)
    }
}

extension SearchFields {
    /// A unit in all fields of the group.
    func query(_ unit: QueryUnits.Unit) -> Query {
        var choices = ([unit.term] + unit.alternatives).map { Query.combined(fields: words, $0) }
        if let typed = unit.character { choices += character(typed) }
        return .best(of: choices)
    }

    /// Terms that must stand together in a field of words; a single character may stand inside of words.
    func query(_ phrase: QueryPhrase) -> Query {
        let terms = phrase.terms
        if terms.count == 1 {
            let term = Query.combined(fields: words, terms[0].term)
            return .best(of: [term] + (phrase.character.map(character) ?? []))
        }
        return .best(of: words.map { .boosted(.phrase(field: $0.name, terms), $0.weight) })
    }

    /// A single character in the fields of characters, as their analyzers write it.
    private func character(_ typed: String) -> [Query] {
        characters.compactMap { siblings in
            siblings.character(typed).map { .combined(fields: siblings.fields, $0) }
        }
    }

    /// Whether all terms of a phrase stand somewhere in one field.
    func knows(_ phrase: QueryPhrase, _ reader: IndexReader) throws(IndexError) -> Bool {
        for field in words {
            var isThere = true
            for part in phrase.terms where isThere {
                isThere = try reader.documentFrequency(field.name, part.term) > 0
            }
            if isThere { return true }
        }
        guard let typed = phrase.character else { return false }
        for siblings in characters {
            guard let term = siblings.character(typed) else { continue }
            for field in siblings.fields where try reader.documentFrequency(field.name, term) > 0 { return true }
        }
        return false
    }
}

extension SearchFields.Siblings {
    /// A single character as the analyzer writes it.
    fileprivate func character(_ typed: String) -> String? {
        let units = QueryUnits(typed, analyzer).units
        return units.count == 1 ? units[0].term : nil
    }
}

extension Query {
    /// The best of several choices; the only one as it is.
    static func best(of choices: [Query]) -> Query { choices.count == 1 ? choices[0] : .best(choices, others: 0) }
}
