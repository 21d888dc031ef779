/// What tokens an analyzer makes of the characters of a text.
public enum TokenForm: String, Codable, Sendable, CaseIterable {
    /// Words, numbers, symbols and emoji; overlapping pairs of CJK characters.
    case words
    /// The CJK characters one by one, and nothing else.
    case characters
    /// The syllables of Chinese characters in pairs: to be found by pinyin.
    case pinyin
    /// The first letters of those syllables in pairs.
    case initials
    /// The text as one term, and again without what stands in brackets.
    case whole
}

/// How an analyzer makes tokens of text, as it is written in a schema.
public struct AnalyzerOptions: Codable, Hashable, Sendable {
    /// What tokens are made of.
    public var tokens: TokenForm
    /// Whether traditional and variant Chinese characters become the simplified ones; not for Japanese.
    public var simplifies: Bool
    /// Whether Latin and Greek letters lose their diacritics.
    public var dropsDiacritics: Bool
    /// Whether katakana become hiragana.
    public var foldsKana: Bool
    /// Whose stems words are reduced to; nil for none.
    public var stemmer: Language?
    /// Whose most frequent words are left out; nil for none. Their places stay empty.
    public var stopWords: Language?

    /// The options of the analyzer `default`, unless said otherwise.
    public init(
        tokens: TokenForm = .words, simplifies: Bool = true, dropsDiacritics: Bool = true, foldsKana: Bool = false,
        stemmer: Language? = nil, stopWords: Language? = nil
    ) {
        self.tokens = tokens
        self.simplifies = simplifies
        self.dropsDiacritics = dropsDiacritics
        self.foldsKana = foldsKana
        self.stemmer = stemmer
        self.stopWords = stopWords
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case tokens, simplifies, dropsDiacritics, foldsKana, stemmer, stopWords
    }

    /// Reads what differs from the defaults; members it does not know are an error.
    public init(from decoder: any Decoder) throws {
        try decoder.refuseOtherMembers(than: CodingKeys.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            tokens: try values.choice(forKey: .tokens) ?? .words,
            simplifies: try values.decodeIfPresent(Bool.self, forKey: .simplifies) ?? true,
            dropsDiacritics: try values.decodeIfPresent(Bool.self, forKey: .dropsDiacritics) ?? true,
            foldsKana: try values.decodeIfPresent(Bool.self, forKey: .foldsKana) ?? false,
            stemmer: try values.choice(forKey: .stemmer),
            stopWords: try values.choice(forKey: .stopWords))
    }

    var folds: CharacterFolds {
        var folds: CharacterFolds = []
        if simplifies { folds.insert(.simplified) }
        if dropsDiacritics { folds.insert(.diacritics) }
        if foldsKana { folds.insert(.kana) }
        return folds
    }
}

private struct AnyName: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension Decoder {
    /// Refuses an object with members nobody asked for, listing those there are.
    fileprivate func refuseOtherMembers(than known: [String]) throws {
        for key in try container(keyedBy: AnyName.self).allKeys where !known.contains(key.stringValue) {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: codingPath + [key],
                    debugDescription:
                        "unknown member \"\(key.stringValue)\"; there are: \(known.joined(separator: ", "))"))
        }
    }
}

extension KeyedDecodingContainer {
    /// One of several words, if there is one; another word is an error that lists them.
    fileprivate func choice<T: RawRepresentable & CaseIterable>(forKey key: Key) throws -> T?
    where T.RawValue == String {
        guard let word = try decodeIfPresent(String.self, forKey: key) else { return nil }
        guard let choice = T(rawValue: word) else {
            let known = T.allCases.map(\.rawValue).joined(separator: ", ")
            throw DecodingError.dataCorruptedError(
                forKey: key, in: self, debugDescription: "\"\(word)\" is none of: \(known)")
        }
        return choice
    }
}
