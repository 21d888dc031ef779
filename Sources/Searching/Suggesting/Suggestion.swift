import Analyzer
package import Segments

/// A suggestion for typed text: a text of a suggestion field.
package struct Suggestion: Sendable, Equatable {
    /// The kind of the field.
    package var kind: SuggestionKind
    /// The name of the field.
    package var field: String
    /// The text as it is compared: folded, without punctuation and parts in brackets.
    package var text: String
    /// The range of the text's forms (`SuggestionForms.bytes`) that the typed text covers.
    package var typed: Range<Int>
    /// The score, in units of `SuggestionScore`.
    package var score: Int
    /// True if the text does not begin with the typed text, but with one that sounds like it or is an edit away.
    package var isCorrected: Bool
    /// The live document with the greatest weight of those that have the text.
    package var document: Int
    /// The live documents that have the text, ascending, at most `maxDocuments`; each with the score that the text
    /// would have if it were its only one.
    package var documents: [ScoredDocument]

    /// A document with its score, in units of `SuggestionScore`.
    package struct ScoredDocument: Sendable, Equatable {
        /// The number of the document in the view.
        package var document: Int
        /// The score.
        package var score: Int
    }

    /// The maximum number of documents of a suggestion that are listed.
    package static let maxDocuments = 1000
}

extension IndexReader {
    /// Returns the suggestions for typed text, best first, at most `limit`, each text once.
    ///
    /// The text is compared with the words of titles, authors and so on from any word on, and with their pinyin and its
    /// initials. Chinese characters are also compared by their pinyin, so that `三t` and homophones find 三体. If there
    /// are not enough, texts that are one edit away are added. Errors: `corrupt`.
    ///
    /// ```swift
    /// let best = try reader.suggestions(for: "hrary po", kinds: [.title], limit: 5).first   // harry potter …
    /// ```
    ///
    /// Complexity: O(typed bytes · log keys) for each segment, and O(log keys) for each suggestion.
    package func suggestions(
        for typed: String, kinds: Set<SuggestionKind> = Set(SuggestionKind.allCases), limit: Int = 10
    ) throws(IndexError) -> [Suggestion] {
        guard limit > 0 else { return [] }
        let fields = schema.fields.indices.filter { schema.fields[$0].kind.map(kinds.contains) ?? false }
        return try SuggestionSearch(typed, fields: fields, limit: limit, self).suggestions()
    }
}

/// Typed text in the forms in which suggestions are searched for it.
struct TypedText {
    /// The folded text, with single blanks.
    var text: [UInt8] = []
    /// The pinyin of a text that has Chinese characters, each reading once; empty for others.
    var pinyin: [[UInt8]] = []
    /// The Chinese characters at the beginning of the text.
    var characters: [UInt8] = []
    /// True if letters follow the characters: their pinyin is still being composed.
    var isComposing = false
    /// The number of characters that were typed, without a leading article.
    var length = 0

    init(_ typed: String, _ analyzer: TextAnalyzer) {
        var forms = SuggestionForms()
        forms.make(typed, by: analyzer)
        text = Array(forms.text)
        guard !text.isEmpty else { return }
        for key in forms.keys.elements where key.start == .pinyin {
            let form = Array(forms.bytes.elements[Int(key.offset)...].prefix { $0 != 0 })
            if !pinyin.contains(form) { pinyin.append(form) }
        }
        characters = Array(text.prefix { $0 >= 0x80 })
        isComposing = !pinyin.isEmpty && (text.last.map { $0 < 0x80 } ?? false)
        length = String(decoding: text, as: UTF8.self).unicodeScalars.count - SuggestionForms.articleLength(text)
        if typed.last?.isWhitespace == true { text.append(UInt8(ascii: " ")) }
    }
}
