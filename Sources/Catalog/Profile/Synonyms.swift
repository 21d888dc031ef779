import FoundationEssentials
import Indexer
import Segments

/// A synonym rule of a profile: all `words` replace each other, or `from` is replaced by `to` in one direction only.
///
/// ```json
/// {"words": ["ai", "artificial intelligence"]}
/// {"from": ["handset"], "to": ["mobile phone"]}
/// ```
package struct Synonyms: Codable, Sendable, Equatable {
    /// The words and phrases that replace each other; nil for a rule in one direction.
    package var words: [String]?
    /// The words and phrases that are also searched as those of `to`, but not the other way round.
    package var from: [String]?
    /// The replacements of `from`.
    package var to: [String]?

    /// The maximum number of words and phrases of a list: a longer one is a category rather than synonyms.
    package static let maxListLength = 256

    enum CodingKeys: String, CodingKey, CaseIterable {
        case words, from, to
    }

    /// Decodes either `words`, or `from` and `to`.
    ///
    /// Errors: unknown members, empty or too long lists, and blank entries.
    package init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(besides: CodingKeys.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        words = try values.decodeIfPresent([String].self, forKey: .words)
        from = try values.decodeIfPresent([String].self, forKey: .from)
        to = try values.decodeIfPresent([String].self, forKey: .to)
        func refuse(_ problem: String) -> DecodingError {
            .dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: problem))
        }
        guard (words != nil) != (from != nil), (from != nil) == (to != nil) else {
            throw refuse("synonyms have either \"words\", which replace each other, or \"from\" and \"to\"")
        }
        if let words, words.count < 2 { throw refuse("\"words\" of synonyms needs two or more entries") }
        for list in [words, from, to].compactMap(\.self) {
            if list.isEmpty { throw refuse("a list of synonyms is empty") }
            if list.count > Self.maxListLength {
                throw refuse("a list of synonyms has \(list.count) entries; use at most \(Self.maxListLength)")
            }
            if list.contains(where: { $0.allSatisfy(\.isWhitespace) }) { throw refuse("a synonym is blank") }
        }
    }

    /// Decodes the synonyms of a profile from a JSON array.
    ///
    /// Errors: `profile`, without a path, with the place and the reason.
    static func list(json: [UInt8]) throws(CatalogError) -> [Synonyms] {
        do { return try JSONDecoder().decode([Synonyms].self, from: Data(json)) } catch {
            throw .profile(path: "", problem: syntaxProblem(json: json) ?? describe(error))
        }
    }
}
