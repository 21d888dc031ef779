/// How a field's values are read and what can be asked of them.
public enum FieldType: String, Codable, Sendable, CaseIterable {
    /// Analysed text with positions: words, phrases, scores.
    case text
    /// Exact values: filters and facets.
    case keyword
    /// 64-bit whole numbers: filters, facets, sorting.
    case integer
    /// 64-bit floating-point numbers: filters, facets, sorting.
    case float
    /// True or false: filters, facets, sorting.
    case boolean
    /// Dates and times (ISO 8601, see `Moment`): filters, facets, sorting.
    case date
    /// Amounts of money in the field's currency, exact: filters, facets, sorting.
    case price
    /// Text that is only given back.
    case stored
}

/// One field of a schema.
public struct Field: Codable, Sendable, Equatable {
    /// Its name in queries.
    public var name: String
    /// What it is.
    public var type: FieldType
    /// The document's member it reads; its own name by default. Dots lead into objects: `translations.zh.title`.
    /// Several fields may read one member.
    public var from: String
    /// The analyzer of a text field.
    public var analyzer: String
    /// Whether a document may have several values (a JSON array).
    public var multiple: Bool
    /// Whether its values can be given back. A member is stored when any field that reads it is.
    public var stored: Bool
    /// Of a keyword field: only values that begin like this are its own, without the beginning. So tags such as
    /// `role::program` become a field `role`.
    public var prefix: String?
    /// Of a keyword field: what parts the levels of a hierarchy. `Books/Novels` then stands for `Books` as well.
    public var separator: String?
    /// Of a price field: the code of its currency (ISO 4217), which says how many digits are behind the point.
    public var currency: String?

    /// A field that reads the member of its own name unless `from` says otherwise.
    public init(
        _ name: String, _ type: FieldType, from: String? = nil, analyzer: String = "default", multiple: Bool = false,
        stored: Bool = true, prefix: String? = nil, separator: String? = nil, currency: String? = nil
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
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case name, type, from, analyzer, multiple, stored, prefix, separator, currency
    }

    /// Reads it from JSON; members it does not know are an error.
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
            currency: try values.decodeIfPresent(String.self, forKey: .currency))
    }

    /// Encodes what differs from the defaults.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(name, forKey: .name)
        try values.encode(type, forKey: .type)
        if from != name { try values.encode(from, forKey: .from) }
        if type == .text { try values.encode(analyzer, forKey: .analyzer) }
        if multiple { try values.encode(multiple, forKey: .multiple) }
        if !stored { try values.encode(stored, forKey: .stored) }
        try values.encodeIfPresent(prefix, forKey: .prefix)
        try values.encodeIfPresent(separator, forKey: .separator)
        try values.encodeIfPresent(currency, forKey: .currency)
    }

    /// Whether it has a number a document: to sort and filter by, to count.
    public var hasNumbers: Bool { NumberCodec(self) != nil }

    /// Whether a document may have several terms in it.
    var hasSeveralTerms: Bool { multiple || separator != nil }
}
