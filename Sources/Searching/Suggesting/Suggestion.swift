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
