import Analyzer
import Searching
import Segments

/// A group of searched fields that share an analyzer, with the sibling fields that read the same members with other
/// analyzers.
///
/// A text field whose analyzer produces words is searched if the profile gives it a weight. Its siblings are used for
/// what words cannot find: characters and whole texts, which add to the score, and pinyin.
struct SearchFields: Sendable {
    /// Sibling fields that share an analyzer, which analyzes the query for them.
    struct Siblings: Sendable {
        /// The analyzer of the fields.
        let analyzer: TextAnalyzer
        /// The fields, with the weights of the fields of words that they belong to.
        var fields: [Query.WeightedField] = []
    }

    /// The analyzer of the fields of words.
    let analyzer: TextAnalyzer
    /// The fields of words, with the weights of the profile.
    var words: [Query.WeightedField] = []
    /// Siblings that index single characters.
    var characters: [Siblings] = []
    /// Siblings that index pairs of pinyin syllables.
    var pinyin: [Siblings] = []
    /// Siblings that index the initials of pinyin syllables.
    var initials: [Siblings] = []
    /// Siblings of the titles that index the whole text as one term.
    var wholes: [Siblings] = []
    /// Vocabularies of the members, with weights of at most 1.
    var vocabularies: [Query.WeightedField] = []
    /// The names of the fields of words that have a vocabulary, with its name.
    private(set) var writtenWords: [(field: String, vocabulary: String)] = []
    /// The names of the fields with the greatest weight of the profile: the titles.
    var titles: [String] = []

    /// The groups of a schema, one for each analyzer, in the order of their first fields.
    static func groups(_ schema: Schema, _ profile: SearchProfile) -> [SearchFields] {
        var groups: [SearchFields] = []
        let heaviest = profile.weights.values.max() ?? 1
        for field in schema.fields {
            guard let weight = profile.weights[field.name], let analyzer = schema.analyzer(field.analyzer) else {
                continue
            }
            let groupIndex = groups.firstIndex { $0.analyzer == analyzer } ?? groups.count
            if groupIndex == groups.count { groups.append(SearchFields(analyzer: analyzer)) }
            groups[groupIndex].words.append(Query.WeightedField(field.name, weight: weight))
            let isTitle = weight == heaviest
            if isTitle { groups[groupIndex].titles.append(field.name) }
            for sibling in schema.fields where sibling.from == field.from {
                if sibling.type == .vocabulary {
                    let share = Query.WeightedField(sibling.name, weight: weight / heaviest)
                    groups[groupIndex].vocabularies.append(share)
                    groups[groupIndex].writtenWords.append((field.name, sibling.name))
                }
                guard sibling.type == .text, let analyzer = schema.analyzer(sibling.analyzer) else { continue }
                groups[groupIndex].add(Query.WeightedField(sibling.name, weight: weight), analyzer, isTitle: isTitle)
            }
        }
        return groups
    }

    /// The analyzer of the titles among some groups.
    static func titleAnalyzer(_ groups: [SearchFields]) -> TextAnalyzer {
        (groups.first { !$0.titles.isEmpty } ?? groups.first)?.analyzer ?? .standard
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

    private static func add(_ field: Query.WeightedField, _ analyzer: TextAnalyzer, to siblings: inout [Siblings]) {
        let index = siblings.firstIndex { $0.analyzer == analyzer } ?? siblings.count
        if index == siblings.count { siblings.append(Siblings(analyzer: analyzer)) }
        siblings[index].fields.append(field)
    }
}

extension SearchFields {
    /// The names of the fields whose terms are words as they are written: vocabularies, or fields of unstemmed words.
    var unstemmedFields: [String] {
        if !vocabularies.isEmpty { return vocabularies.map(\.name) }
        return analyzer.options.stemmer == nil ? words.map(\.name) : []
    }

    /// The query for a term in all fields of the group: the best of the term, its alternatives and its character.
    func query(_ term: AnalyzedQuery.Term) -> Query {
        var choices = ([term.text] + term.alternatives).map { Query.combined(fields: words, $0) }
        if let typed = term.character { choices += character(typed) }
        return .disjunctionMax(of: choices)
    }

    /// The query for a phrase in the best field of words. A single character is also found inside of words.
    func query(_ phrase: QueryPhrase) -> Query {
        let terms = phrase.terms
        if terms.count == 1 {
            let term = Query.combined(fields: words, terms[0].term)
            return .disjunctionMax(of: [term] + (phrase.character.map(character) ?? []))
        }
        return .disjunctionMax(of: words.map { .boosted(.phrase(field: $0.name, terms), $0.weight) })
    }

    /// Queries for a single character in the fields of characters, in the form of their analyzers.
    private func character(_ typed: String) -> [Query] {
        characters.compactMap { siblings in
            siblings.character(typed).map { .combined(fields: siblings.fields, $0) }
        }
    }

    /// True if all terms of a phrase occur in one field of words, in any documents, or its single character in a field
    /// of characters. Errors: `corrupt`.
    func hasTerms(of phrase: QueryPhrase, _ reader: IndexReader) throws(IndexError) -> Bool {
        for field in words {
            var occur = true
            for part in phrase.terms where occur {
                occur = try reader.documentFrequency(field.name, part.term) > 0
            }
            if occur { return true }
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
    /// The term that the analyzer produces for a single character; nil if it produces none or several.
    fileprivate func character(_ typed: String) -> String? {
        let terms = AnalyzedQuery(typed, analyzer).terms
        return terms.count == 1 ? terms[0].text : nil
    }
}

extension Query {
    /// The disjunction maximum of several queries; a single query as it is.
    static func disjunctionMax(of choices: [Query]) -> Query {
        choices.count == 1 ? choices[0] : .disjunctionMax(choices, tieBreaker: 0)
    }
}
