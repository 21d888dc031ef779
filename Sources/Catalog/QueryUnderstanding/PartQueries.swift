import Searching
import Segments

/// The queries for the parts of a request's query that are no free words.
struct PartQueries {
    private let fields: NamedField
    private let context: QueryContext

    init(_ context: QueryContext) {
        self.context = context
        fields = NamedField(context)
    }

    /// The queries for some parts, without those that have no terms. Errors: `corrupt`.
    func queries(_ parts: [ParsedQuery.Part]) throws(IndexError) -> [Query] {
        var queries: [Query] = []
        for part in parts {
            if let query = try query(part) { queries.append(query) }
        }
        return queries
    }

    /// A query for each OR group, for documents with one of its parts. Errors: `corrupt`.
    func choices(_ groups: [[ParsedQuery.Part]]) throws(IndexError) -> [Query] {
        var choices: [Query] = []
        for parts in groups {
            let queries = try queries(parts)
            if !queries.isEmpty { choices.append(queries.count == 1 ? queries[0] : .or(queries)) }
        }
        return choices
    }

    private func query(_ part: ParsedQuery.Part) throws(IndexError) -> Query? {
        if part.field != nil { return try fields.query(part) }
        var choices: [Query] = []
        for group in context.groups {
            if let query = try group.query(part, context.reader) { choices.append(query) }
        }
        return choices.isEmpty ? nil : .disjunctionMax(of: choices)
    }
}

extension SearchFields {
    /// The query for a part in any field of the group; nil if it has no terms.
    ///
    /// The last word of a `beginning` and the word of a `similar` part are compared with words as they are written,
    /// where the members have such fields. Parts of scripts without blanks match as they were typed: their texts are
    /// found inside of longer ones anyway.
    ///
    /// Errors: `corrupt`. Complexity: reads up to `maxEndings` words of each vocabulary.
    ///
    /// ```swift
    /// try group.query(ParsedQuery.Part("harr", .beginning), reader)      // a word that begins with "harr"
    /// try group.query(ParsedQuery.Part("red shoes", .near(3)), reader)   // both words, up to three steps apart
    /// ```
    func query(_ part: ParsedQuery.Part, _ reader: IndexReader) throws(IndexError) -> Query? {
        let analyzed = AnalyzedQuery(part.text, analyzer)
        let phrase = analyzed.phrase
        guard let last = phrase.terms.last else { return nil }
        let exact = query(phrase)
        let word = analyzed.terms.first { $0.text == last.term }?.word
        switch (part.match, word) {
        case (.exact, _): return exact
        case (.near(let distance), _):
            let places = phrase.terms.map { SloppyPhrase.Word([$0.term], at: $0.position) }
            return places.count < 2 ? exact : near(places, distance) ?? exact
        case (.beginning, let word?):
            if phrase.terms.count == 1 { return like(word, exact) { .pattern(field: $0, .prefix(word)) } }
            let first = phrase.terms.dropLast().map { SloppyPhrase.Word([$0.term], at: $0.position) }
            let endings = try endings(of: word, reader).union([last.term]).sorted()
            return near(first + [SloppyPhrase.Word(endings, at: last.position)], 0) ?? exact
        case (.similar(let edits), let word?):
            let term = unstemmedFields.isEmpty ? last.term : word
            return like(term, exact) { .fuzzy(field: $0, FuzzyTerm(term, edits: edits)) }
        case (_, nil): return exact
        }
    }

    /// The query for words near each other in the best field of words; nil for more words than a query may have.
    private func near(_ places: [SloppyPhrase.Word], _ slop: Int) -> Query? {
        guard places.count <= SloppyPhrase.maxPlaces else { return nil }
        let phrase = SloppyPhrase(places, slop: slop)
        return .disjunctionMax(of: words.map { .boosted(.sloppyPhrase(field: $0.name, phrase), $0.weight) })
    }

    /// The query for what is like a word, in fields of words as they are written; the word itself scores more.
    private func like(_ word: String, _ exact: Query, _ query: (_ field: String) -> Query) -> Query {
        let names = unstemmedFields.isEmpty ? words.map(\.name) : unstemmedFields
        return .disjunctionMax(of: [exact] + names.map { .constant(query($0), 1) })
    }

    /// The terms of the words that begin with a word, the most frequent ones. Errors: `corrupt`.
    private func endings(of word: String, _ reader: IndexReader) throws(IndexError) -> Set<String> {
        var words: Set<String> = []
        let names = unstemmedFields.isEmpty ? self.words.map(\.name) : unstemmedFields
        for name in names {
            words.formUnion(try reader.completions(name, of: word, limit: Self.maxEndings).map(\.term))
        }
        // All of them are analyzed at once.
        return Set(AnalyzedQuery(words.sorted().joined(separator: " "), analyzer).terms.map(\.text))
    }

    /// The maximum number of words that the beginning at the end of a phrase stands for.
    private static let maxEndings = 100
}
