/// Words that mean the same to a shop, as a profile has them: all of `words` for each other, or `from` for `to` only.
public struct Synonyms: Codable, Sendable, Equatable {
    /// Words and phrases that stand for each other.
    public var words: [String]?
    /// Words and phrases for which those of `to` may stand, but not the other way round.
    public var from: [String]?
    /// What may stand for `from`.
    public var to: [String]?

    /// Words and phrases of one list: more are no synonyms but a category.
    public static let longestList = 256

    enum CodingKeys: String, CodingKey, CaseIterable {
        case words, from, to
    }

    /// Reads either `words`, or `from` and `to`.
    public init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(besides: CodingKeys.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        words = try values.decodeIfPresent([String].self, forKey: .words)
        from = try values.decodeIfPresent([String].self, forKey: .from)
        to = try values.decodeIfPresent([String].self, forKey: .to)
        func refuse(_ problem: String) -> DecodingError {
            .dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: problem))
        }
        guard (words != nil) != (from != nil), (from != nil) == (to != nil) else {
            throw refuse("synonyms are \"words\" that stand for each other, or \"from\" and \"to\"")
        }
        if let words, words.count < 2 { throw refuse("\"words\" needs two at least") }
        for list in [words, from, to].compactMap(\.self) {
            if list.isEmpty { throw refuse("a list of synonyms is empty") }
            if list.count > Self.longestList {
                throw refuse("a list of synonyms has \(list.count) words; \(Self.longestList) are the most")
            }
            if list.contains(where: { $0.allSatisfy(\.isWhitespace) }) { throw refuse("a synonym is blank") }
        }
    }
}
