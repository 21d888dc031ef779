/// The type of a field: how its values are parsed and indexed, and which queries it supports.
///
/// Raw values are the names in a schema's JSON, which is stored with every index: never rename one.
public enum FieldType: String, Codable, Sendable, CaseIterable {
    /// Analyzed text with positions: word and phrase queries, scores.
    case text
    /// Exact values: filters and facets.
    case keyword
    /// 64-bit whole numbers: filters, facets, sorting.
    case integer
    /// 64-bit floating-point numbers: filters, facets, sorting.
    case float
    /// True or false: filters, facets, sorting.
    case boolean
    /// Dates and times (ISO 8601, see `Timestamp`): filters, facets, sorting.
    case date
    /// Exact amounts of money in the field's currency: filters, facets, sorting.
    case price
    /// Text that is only stored and returned with hits.
    case stored
    /// Texts that are suggested while somebody types.
    case suggestion
    /// The words of a text without positions and scores: words that are being typed, and spelling.
    case vocabulary

    /// True if fields of the type have terms and postings.
    package var hasTerms: Bool {
        switch self {
        case .text, .keyword, .vocabulary: true
        case .integer, .float, .boolean, .date, .price, .stored, .suggestion: false
        }
    }
}

/// The kind of a suggestion, by which a page groups and labels it.
public enum SuggestionKind: String, Codable, Sendable, CaseIterable {
    case title, author, series, category
}

/// One field of a schema.
///
/// The initializers validate nothing: a field is checked as part of the `Schema` it is declared in.
public struct Field: Codable, Sendable, Equatable {
    /// The field's name in queries.
    public var name: String
    /// The field's type.
    public var type: FieldType
    /// The path of the member of a document that the field reads; its own name by default. Dots lead into objects:
    /// `translations.zh.title`. Several fields may read the same member.
    public var from: String
    /// The name of the analyzer of a text field, or of a suggestion or vocabulary field, whose text is folded and
    /// divided by it but not stemmed; ignored for other types.
    public var analyzer: String
    /// True if a document may have several values (a JSON array).
    public var multiple: Bool
    /// True if the field's values are returned with hits. A member is stored when any field that reads it is.
    public var stored: Bool
    /// Keyword fields only: the field accepts only values with this prefix, and drops the prefix. Tags such as
    /// `role::program` can become a field `role` this way.
    public var prefix: String?
    /// Keyword fields only: the separator between the levels of a hierarchy. `Books/Novels` is then indexed as `Books`
    /// as well.
    public var separator: String?
    /// Price fields only: the code of the currency (ISO 4217), which determines the number of digits after the decimal
    /// point.
    public var currency: String?
    /// Suggestion fields only: the kind of the suggestions.
    public var kind: SuggestionKind?
    /// Suggestion fields only: the name of the number field that orders suggestions, such as the sales; nil for none.
    /// Weights are those of the time when a segment is written.
    public var weight: String?

    /// Creates a field that reads the member of its own name unless `from` names another.
    public init(
        _ name: String, _ type: FieldType, from: String? = nil, analyzer: String = "default", multiple: Bool = false,
        stored: Bool = true, prefix: String? = nil, separator: String? = nil, currency: String? = nil,
        kind: SuggestionKind? = nil, weight: String? = nil
    ) {
        self.name = name
        self.type = type
        self.from = from ?? name
        self.analyzer = analyzer
        self.multiple = multiple
        self.stored = stored
        self.prefix = prefix
        self.separator = separator
        self.currency = currency
        self.kind = kind
        self.weight = weight
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case name, type, from, analyzer, multiple, stored, prefix, separator, currency, kind, weight
    }

    /// Decodes a field from JSON.
    ///
    /// Errors: `DecodingError` for a missing name or type, an unknown type, and any member that is not a property of
    /// fields.
    public init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(besides: CodingKeys.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            try values.decode(String.self, forKey: .name), try values.decodeChoice(forKey: .type),
            from: try values.decodeIfPresent(String.self, forKey: .from),
            analyzer: try values.decodeIfPresent(String.self, forKey: .analyzer) ?? "default",
            multiple: try values.decodeIfPresent(Bool.self, forKey: .multiple) ?? false,
            stored: try values.decodeIfPresent(Bool.self, forKey: .stored) ?? true,
            prefix: try values.decodeIfPresent(String.self, forKey: .prefix),
            separator: try values.decodeIfPresent(String.self, forKey: .separator),
            currency: try values.decodeIfPresent(String.self, forKey: .currency),
            kind: try values.decodeChoiceIfPresent(forKey: .kind),
            weight: try values.decodeIfPresent(String.self, forKey: .weight))
    }

    /// Encodes the properties that differ from their defaults.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(name, forKey: .name)
        try values.encode(type, forKey: .type)
        if from != name { try values.encode(from, forKey: .from) }
        if isAnalyzed { try values.encode(analyzer, forKey: .analyzer) }
        if multiple { try values.encode(multiple, forKey: .multiple) }
        if !stored { try values.encode(stored, forKey: .stored) }
        try values.encodeIfPresent(prefix, forKey: .prefix)
        try values.encodeIfPresent(separator, forKey: .separator)
        try values.encodeIfPresent(currency, forKey: .currency)
        try values.encodeIfPresent(kind, forKey: .kind)
        try values.encodeIfPresent(weight, forKey: .weight)
    }

    /// True if an analyzer turns the field's values into terms, or folds them.
    package var isAnalyzed: Bool { type == .text || hasFoldedText }

    /// True if an analyzer's stemmer and stop words do not matter.
    package var hasFoldedText: Bool { type == .suggestion || type == .vocabulary }

    /// True if the field has a term dictionary.
    package var hasTerms: Bool { type.hasTerms }

    /// True if documents have a number in this field, to sort, filter and count by.
    public var hasNumbers: Bool { NumberCodec(self) != nil }

    /// True if a document may have several terms in this field.
    public var hasSeveralTerms: Bool { multiple || separator != nil }
}
