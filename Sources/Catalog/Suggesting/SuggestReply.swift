/// The reply to a request for suggestions. Written as JSON it is the body of `GET /v1/{catalog}/suggest`.
package struct SuggestReply: Sendable {
    /// A suggestion.
    package struct SuggestedText: Sendable, Equatable {
        /// The text, as the most popular of its documents has it; that of a query is folded.
        package var text: String
        /// The kind of the text: a title, an author …
        package var kind: SuggestedKind
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
    /// The time that it took, in milliseconds. Not part of the JSON.
    package var tookMilliseconds: Double
}

extension SuggestReply: JSONWritable {
    /// Writes an object.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("partial", partial)
            json.member("query", query)
            json.member("suggestions", suggestions)
        }
    }
}

extension SuggestReply.SuggestedText: JSONWritable {
    /// Writes an object.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", ifPresent: id)
            json.member("kind", kind.rawValue)
            json.member("marks", marks)
            json.member("text", text)
        }
    }
}
