/// The kind of tokens that an analyzer produces.
public enum TokenForm: String, Codable, Sendable, CaseIterable {
    /// Words, numbers, symbols and emoji; overlapping bigrams of CJK characters.
    case words
    /// Single CJK characters, and nothing else.
    case characters
    /// Bigrams of the pinyin syllables of Chinese characters, for queries in Latin letters: 银行 is `yin'hang`.
    case pinyin
    /// Bigrams of the first letters of those syllables: 银行 is `yh`.
    case initials
    /// The whole text as one term, and a second one without the parts in brackets and after a colon or dash.
    case whole
}

/// The options of an analyzer, in the form in which a schema stores them.
///
/// In JSON every member may be omitted and then has its default; unknown members and unknown choices are errors.
///
/// ```json
/// {"tokens": "words", "simplifies": false, "stemmer": "german", "stopWords": "german"}
/// ```
public struct AnalyzerOptions: Codable, Hashable, Sendable {
    /// The kind of tokens; `words` by default.
    public var tokens: TokenForm
    /// True if traditional and variant Chinese characters are folded to simplified ones, the default; not for Japanese.
    public var simplifies: Bool
    /// True if Latin and Greek letters lose their diacritics, the default.
    public var dropsDiacritics: Bool
    /// True if katakana are folded to hiragana; false by default.
    public var foldsKana: Bool
    /// The language whose stemmer is applied to words; nil, the default, for none.
    public var stemmer: Language?
    /// The language whose stop words are removed; nil, the default, for none. Their positions stay empty, so that
    /// phrases keep their distances. Only the languages of `Language.withStopWords` have a list.
    public var stopWords: Language?

    /// Creates options; the defaults are those of the analyzer `default`.
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

    /// The members of the JSON object.
    enum CodingKeys: String, CodingKey, CaseIterable {
        case tokens, simplifies, dropsDiacritics, foldsKana, stemmer, stopWords
    }

    /// Decodes the members that differ from the defaults.
    ///
    /// Errors: `DecodingError.dataCorrupted` for an unknown member and for an unknown choice; it lists the known ones.
    public init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(besides: CodingKeys.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            tokens: try values.decodeChoiceIfPresent(forKey: .tokens) ?? .words,
            simplifies: try values.decodeIfPresent(Bool.self, forKey: .simplifies) ?? true,
            dropsDiacritics: try values.decodeIfPresent(Bool.self, forKey: .dropsDiacritics) ?? true,
            foldsKana: try values.decodeIfPresent(Bool.self, forKey: .foldsKana) ?? false,
            stemmer: try values.decodeChoiceIfPresent(forKey: .stemmer),
            stopWords: try values.decodeChoiceIfPresent(forKey: .stopWords))
    }

    /// The character folds that these options select.
    var folds: CharacterFolds {
        var folds: CharacterFolds = []
        if simplifies { folds.insert(.simplified) }
        if dropsDiacritics { folds.insert(.diacritics) }
        if foldsKana { folds.insert(.kana) }
        return folds
    }
}
