public import Analyzer

/// The treatment of a document's members that no field reads.
public enum UnknownMembers: String, Codable, Sendable, CaseIterable {
    /// The document is refused: a misspelled name must not lose data silently.
    case refuse
    /// The member is skipped.
    case ignore
}

/// The schema of an index: the fields of its documents, and which of them is the key.
///
/// Both initializers validate a schema; whoever sets its properties afterwards must keep it valid. It is stored as JSON
/// in every segment and manifest, and all segments of an index have the same one.
/// ```swift
/// let schema = try Schema(
///     key: "id",
///     fields: [
///         Field("id", .keyword),
///         Field("title", .text, analyzer: "english"),
///         Field("tags", .keyword, multiple: true),
///         Field("price", .price, currency: "CNY"),
///     ])
/// let same = try Schema(json: schema.json)
/// ```
public struct Schema: Codable, Sendable, Equatable {
    /// The name of the keyword field that identifies a document.
    public var key: String
    /// The treatment of members that no field reads.
    public var unknown: UnknownMembers
    /// The fields, in the order that documents are returned in.
    public var fields: [Field]
    /// The schema's own analyzers by name, in addition to the built-in ones.
    public var analyzers: [String: AnalyzerOptions]

    /// Creates a validated schema.
    ///
    /// Errors: `schema` for a field that contradicts itself or another, an unknown analyzer, or a key that is not a
    /// keyword field with a single value.
    public init(
        key: String, unknown: UnknownMembers = .refuse, fields: [Field], analyzers: [String: AnalyzerOptions] = [:]
    ) throws(IndexError) {
        self.key = key
        self.unknown = unknown
        self.fields = fields
        self.analyzers = analyzers
        try validate()
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case key, unknown, fields, analyzers
    }

    /// Decodes and validates a schema.
    ///
    /// Errors: `DecodingError` for members that are not properties of schemas; `IndexError.schema` as of the other
    /// initializer.
    public init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(besides: CodingKeys.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        key = try values.decode(String.self, forKey: .key)
        unknown = values.contains(.unknown) ? try values.decodeChoice(forKey: .unknown) : .refuse
        fields = try values.decode([Field].self, forKey: .fields)
        analyzers = try values.decodeIfPresent([String: AnalyzerOptions].self, forKey: .analyzers) ?? [:]
        try validate()
    }

    /// Encodes the schema; analyzers only when there are any.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(key, forKey: .key)
        try values.encode(unknown, forKey: .unknown)
        try values.encode(fields, forKey: .fields)
        if !analyzers.isEmpty { try values.encode(analyzers, forKey: .analyzers) }
    }

    /// Returns the analyzer of that name, the schema's own or a built-in one; nil when there is none.
    public func analyzer(_ name: String) -> TextAnalyzer? {
        analyzers[name].map { TextAnalyzer(name, $0) } ?? TextAnalyzer.named(name)
    }

    /// Returns the field of that name with its index; nil when there is none. Complexity: O(fields).
    public func field(_ name: String) -> (index: Int, field: Field)? {
        guard let index = fields.firstIndex(where: { $0.name == name }) else { return nil }
        return (index, fields[index])
    }

    /// Checks analyzers, names, types and the key.
    private func validate() throws(IndexError) {
        for (name, options) in analyzers.sorted(by: { $0.key < $1.key }) {
            if TextAnalyzer.named(name) != nil {
                throw .schema(problem: "the analyzer \"\(name)\" exists already; choose another name for your own")
            }
            if let language = options.stopWords, !Language.withStopWords.contains(language) {
                let languages = Language.withStopWords.map(\.rawValue).joined(separator: ", ")
                throw .schema(
                    problem:
                        "the analyzer \"\(name)\": there are no stop words for \(language.rawValue), "
                        + "only for \(languages)")
            }
        }
        var names: Set<String> = []
        for field in fields {
            guard !field.name.isEmpty else { throw .schema(problem: "a field has an empty name") }
            guard names.insert(field.name).inserted else {
                throw .schema(problem: "the field \"\(field.name)\" is declared twice; remove one")
            }
            if field.isAnalyzed, analyzer(field.analyzer) == nil {
                let available = (analyzers.keys.sorted() + TextAnalyzer.all.map(\.name)).joined(separator: ", ")
                throw .schema(
                    problem: "the field \"\(field.name)\" names the analyzer \"\(field.analyzer)\"; "
                        + "there are: \(available)")
            }
            try validate(field)
        }
        guard fields.count < 1 << 15 else { throw .schema(problem: "more than 32,767 fields") }
        guard let keyField = field(key)?.field else {
            throw .schema(problem: "the key \"\(key)\" is not among the fields; declare it as a keyword")
        }
        guard keyField.type == .keyword, !keyField.multiple else {
            throw .schema(problem: "the key \"\(key)\" must be a keyword with a single value")
        }
        try validateMembers()
    }

    /// Checks that a field has only properties that its type allows.
    private func validate(_ field: Field) throws(IndexError) {
        if field.multiple, field.hasNumbers {
            throw .schema(problem: "the \(field.type.rawValue) field \"\(field.name)\" cannot be multiple")
        }
        if field.type == .price {
            guard let currency = field.currency, Currency.isCode(currency) else {
                throw .schema(
                    problem: "the price field \"\(field.name)\" needs a \"currency\", a code such as CNY or USD")
            }
        } else if field.currency != nil {
            throw .schema(problem: "only price fields have a \"currency\"; \"\(field.name)\" is \(field.type.rawValue)")
        }
        if field.type != .suggestion, field.kind != nil || field.weight != nil {
            throw .schema(
                problem: "only suggestion fields have a \"kind\" or a \"weight\"; \"\(field.name)\" is "
                    + field.type.rawValue)
        }
        if field.type == .suggestion, field.kind == nil {
            let kinds = SuggestionKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw .schema(problem: "the suggestion field \"\(field.name)\" needs a \"kind\": \(kinds)")
        }
        if let weight = field.weight, self.field(weight)?.field.hasNumbers != true {
            throw .schema(
                problem:
                    "the suggestion field \"\(field.name)\" names the weight \"\(weight)\", which is no number field")
        }
        if field.prefix != nil || field.separator != nil {
            guard field.type == .keyword, field.name != key else {
                throw .schema(
                    problem: "only keyword fields, but for the key, have a \"prefix\" or a \"separator\"; "
                        + "\"\(field.name)\" is none")
            }
            guard field.prefix != "", field.separator != "" else {
                throw .schema(problem: "the field \"\(field.name)\" has an empty \"prefix\" or \"separator\"")
            }
        }
        guard field.from.split(separator: ".", omittingEmptySubsequences: false).allSatisfy({ !$0.isEmpty }) else {
            throw .schema(problem: "the field \"\(field.name)\" reads \"\(field.from)\", which has an empty part")
        }
    }

    /// Checks that fields which read the same member agree on the kind of its values.
    private func validateMembers() throws(IndexError) {
        var fieldOfMember: [String: Field] = [:]
        for field in fields {
            if ChangeMember.all.contains(field.from) {
                throw .schema(
                    problem: "the field \"\(field.name)\" reads \"\(field.from)\", which is reserved for changes "
                        + "(\(ChangeMember.all.joined(separator: ", "))); choose another name")
            }
            guard let other = fieldOfMember[field.from] else {
                fieldOfMember[field.from] = field
                continue
            }
            if other.type.valueKind != field.type.valueKind || other.multiple != field.multiple {
                throw .schema(
                    problem: "the fields \"\(other.name)\" and \"\(field.name)\" both read \"\(field.from)\" "
                        + "and must agree on numbers or text and on \"multiple\"")
            }
        }
    }
}

/// The reserved members of a change's JSON object, which belong to no document.
public enum ChangeMember {
    /// The version of the document after the change.
    public static let version = "_version"
    /// The key of a document to delete.
    public static let delete = "_delete"
    /// The key of a document whose numbers are replaced.
    public static let patch = "_patch"
    /// All reserved names; no field may read one.
    public static let all = [version, delete, patch]
}

/// The kind of a value in the input, before a field interprets it.
@frozen
public enum ValueKind: UInt8, BitwiseCopyable, Sendable {
    case text, integer, float, boolean
}

extension ValueKind {
    /// A noun phrase for values of this kind, for messages.
    public var displayName: String {
        switch self {
        case .text: "text"
        case .integer: "a whole number"
        case .float: "a number"
        case .boolean: "true or false"
        }
    }
}

extension FieldType {
    /// The kind of values that a field of this type reads.
    public var valueKind: ValueKind {
        switch self {
        case .text, .keyword, .stored, .date, .suggestion, .vocabulary: .text
        case .integer: .integer
        case .float, .price: .float
        case .boolean: .boolean
        }
    }
}
