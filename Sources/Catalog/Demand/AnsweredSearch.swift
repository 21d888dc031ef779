import Analyzer

/// The part of a search's record that is the same each time its reply is sent: what was asked, and what was found.
package struct AnsweredSearch: Sendable {
    /// The id of the reply.
    package let id: QueryID
    /// The members of the record as JSON, from the first name to the closing brace.
    let members: [UInt8]

    /// The number of bytes that the value takes up, about.
    package var byteCount: Int { members.count + 96 }

    /// Creates the part of a request's record. `filter` and `sort` are the texts of the request. Without a reply, which
    /// the client has already, it says nothing of what was found.
    package init(
        _ request: SearchRequest, _ query: DemandedQuery, filter: String?, sort: String?, id: QueryID,
        _ reply: SearchReply?
    ) {
        self.id = id
        var json = JSONWriter(capacity: 1024)
        json.object { json in
            json.member("query", query.text)
            json.member("query_id", id.text)
            json.member("filter", ifPresent: filter.map(DemandedQuery.withoutKey))
            json.member("sort", ifPresent: sort.map(DemandedQuery.withoutKey))
            json.member("page", request.page)
            if request.after != nil { json.member("continued", true) }
            if request.scope != nil { json.member("scoped", true) }
            guard let reply else { return }
            json.member("found", reply.found)
            json.member("tiers", reply.tiers.map(\.found))
            json.member("kind", Interpretation(reply).rawValue)
            if reply.partial { json.member("partial", true) }
            // Positions count from 1 over all pages; those of a cursor's hits are not known.
            if request.after == nil { json.member("first", (request.page - 1) * request.perPage + 1) }
            json.member("hits", reply.hits.map(\.id))
        }
        members = json.withBytes { Array($0.dropFirst()) }
    }

    /// The way in which the words of a query were taken.
    enum Interpretation: String {
        case exact, relaxed, corrected, pinyin, homophones

        init(_ reply: SearchReply) {
            if reply.correctedQuery != nil {
                self = .corrected
            } else if !reply.applied.pinyin.isEmpty {
                self = .pinyin
            } else if reply.applied.homophones {
                self = .homophones
            } else {
                self = reply.applied.relaxed ? .relaxed : .exact
            }
        }
    }
}

/// The query of a search in the form in which demand is counted.
package struct DemandedQuery: Sendable, Equatable {
    /// The text with case, width, traditional characters and diacritics folded, and single blanks between its words.
    package let text: String
    /// The hash of the text, by which events are attributed to it.
    package let hash: UInt64

    /// The maximum length of the text in bytes; longer ones are cut.
    static let maxBytes = 512

    /// The beginnings of keys. Someone may search for one by mistake: what follows is not logged.
    private static let keyPrefixes = (AccessRole.allCases.map(\.rawValue) + ["scoped"]).map { "quire_\($0)_" }

    /// Returns a text up to the first beginning of a key in it.
    static func withoutKey(_ word: String) -> String {
        let ends = keyPrefixes.compactMap { word.firstRange(of: $0)?.upperBound }
        return ends.min().map { String(word[..<$0]) } ?? word
    }

    /// Creates the form of a query as it was typed.
    package init(typed: String) {
        let folded = TextAnalyzer.standard.folded(typed)
        let words = folded.split(whereSeparator: \.isWhitespace).map { Self.withoutKey(String($0)) }
        var text = words.joined(separator: " ")
        while text.utf8.count > Self.maxBytes { text.removeLast(max(1, (text.utf8.count - Self.maxBytes) / 4)) }
        self.text = text
        hash = QueryID.hash(text)
    }
}
