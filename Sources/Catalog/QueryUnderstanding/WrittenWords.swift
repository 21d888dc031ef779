import Analyzer
import Searching
import Segments

extension SearchFields {
    /// Documents that have a word of the query as it is written, or inflected, if its stem also stands for another
    /// word of the index: for `excel`, those with "Excel" but not those with "excellency". Nil if no other word has
    /// the stem.
    ///
    /// Errors: `corrupt` of the index. Complexity: reads the words that begin with the stem.
    func written(_ term: AnalyzedQuery.Term, _ reader: IndexReader) throws(IndexError) -> Query? {
        guard analyzer.options.stemmer != nil, let word = term.latin, term.text.utf8.count >= 3, !vocabularies.isEmpty
        else { return nil }
        if try isOnlyWord(word, of: term.text, reader) { return nil }
        let beginning = String(zip(word, term.text).prefix { $0 == $1 }.map(\.0))
        guard beginning.count >= 3 else { return nil }
        var others: Set<String> = []
        for field in vocabularies {
            others.formUnion(try reader.completions(field.name, of: beginning, limit: Self.maxWords).map(\.term))
        }
        others.remove(word)
        // All of them are analyzed at once.
        let text = others.sorted().joined(separator: " ")
        let bytes = Array(text.utf8)
        var words = [word]
        var hasOther = false
        for found in AnalyzedQuery(text, analyzer).terms where found.text == term.text {
            for span in found.spans {
                let other = String(decoding: bytes[span], as: UTF8.self)
                if Self.isInflection(other, word) { words.append(other) } else { hasOther = true }
            }
        }
        guard hasOther else { return nil }
        var choices: [Query] = []
        for field in vocabularies {
            for word in words where try reader.documentFrequency(field.name, word) > 0 {
                choices.append(.term(field: field.name, word))
            }
        }
        return choices.isEmpty ? nil : .or(choices)
    }

    /// True if a word is the only one with its stem, because as many documents have the one as the other.
    private func isOnlyWord(_ word: String, of stem: String, _ reader: IndexReader) throws(IndexError) -> Bool {
        for pair in writtenWords
        where try reader.documentFrequency(pair.field, stem) != reader.documentFrequency(pair.vocabulary, word) {
            return false
        }
        return true
    }

    /// The maximum number of words with the beginning of a stem that are compared.
    private static let maxWords = 64

    /// True if two words differ by an ending of English grammar only.
    static func isInflection(_ a: String, _ b: String) -> Bool {
        let (short, long) = a.count < b.count ? (a, b) : (b, a)
        let stems = [short, String(short.dropLast(short.hasSuffix("e") || short.hasSuffix("y") ? 1 : 0))]
        for stem in stems where long.hasPrefix(stem) {
            let ending = String(long.dropFirst(stem.count))
            if endings.contains(ending) { return true }
            // planned, running: the last letter is doubled.
            if let last = stem.last, ending.first == last, endings.contains(String(ending.dropFirst())) { return true }
        }
        // studies, studied; making, makes: both have an ending.
        let common = String(zip(a, b).prefix { $0 == $1 }.map(\.0))
        return common.count >= 3 && endings.contains(String(a.dropFirst(common.count)))
            && endings.contains(String(b.dropFirst(common.count)))
    }

    private static let endings: Set<String> = [
        "", "s", "es", "ed", "d", "ing", "ings", "ies", "ied", "e", "y", "er", "ers",
    ]
}
