package import Segments

/// The reply to a request for suggestions. Encoded as JSON it is the body of `GET /v1/{catalog}/suggest`.
package struct SuggestReply: Encodable, Sendable {
    /// A suggestion.
    package struct SuggestedText: Encodable, Sendable, Equatable {
        /// The text, as the most popular of its documents has it.
        package var text: String
        /// The kind of the text: a title, an author …
        package var kind: SuggestionKind
        /// The parts of the text that were typed: start and end, in UTF-16 code units.
        package var marks: [[Int]]
        /// The key of the most popular document; only of titles.
        package var id: String?
    }

    /// The text that was typed.
    package var query: String
    /// The suggestions, best first.
    package var suggestions: [SuggestedText]
    /// True if the time was over before all suggestions were found.
    package var partial: Bool
    /// The time that it took, in milliseconds.
    package var tookMilliseconds: Double

    enum CodingKeys: String, CodingKey {
        case query, suggestions, partial
        case tookMilliseconds = "took_ms"
    }
}
