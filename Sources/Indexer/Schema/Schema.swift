public import Analyzer

/// What to do with a document's member that no field reads.
public enum UnknownMembers: String, Codable, Sendable, CaseIterable {
    /// The document is refused: a misspelt name must not lose data silently.
    case refuse
    /// The member is skipped.
    case ignore
}

/// What a document is: its fields and which of them is the key.
public struct Schema: Codable, Sendable, Equatable {
    /// The keyword field that identifies a document.
    public var key: String
    /// What happens to members that no field reads.
    public var unknown: UnknownMembers
    /// The fields, in the order documents are given back.
    public var fields: [Field]
    /// Analyzers of its own, besides those there are, by name.
    public var analyzers: [String: AnalyzerOptions]

    /// A checked schema.
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

    /// Reads it from JSON; members it does not know are an error.
    public init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(besides: CodingKeys.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        key = try values.decode(String.self, forKey: .key)
        unknown = values.contains(.unknown) ? try values.decodeChoice(forKey: .unknown) : .refuse
        fields = try values.decode([Field].self, forKey: .fields)
        analyzers = try values.decodeIfPresent([String: AnalyzerOptions].self, forKey: .analyzers) ?? [:]
        try validate()
    }

    /// Encodes it; analyzers only if there are any.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(key, forKey: .key)
        try values.encode(unknown, forKey: .unknown)
        try values.encode(fields, forKey: .fields)
        if !analyzers.isEmpty { try values.encode(analyzers, forKey: .analyzers) }
    }

    /// The analyzer of that name: the schema's own or one of those there are.
    public func analyzer(_ name: String) -> TextAnalyzer? {
        analyzers[name].map { TextAnalyzer(name, $0) } ?? TextAnalyzer.named(name)
    }

    /// The field of that name and its place.
    public func field(_ name: String) -> (index: Int, field: Field)? {
        guard let index = fields.firstIndex(where: { $0.name == name }) else { return nil }
        return (index, fields[index])
    }

    private func validate() throws(IndexError) {
        for (name, options) in analyzers.sorted(by: { $0.key < $1.key }) {
            if TextAnalyzer.named(name) != nil {
                throw .schema(problem: "the analyzer \"\(name)\" exists already; choose another name for your own")
            }
            if let language = options.stopWords, !Language.withStopWords.contains(language) {
                let known = Language.withStopWords.map(\.rawValue).joined(separator: ", ")
                throw .schema(
                    problem:
                        "the analyzer \"\(name)\": there are no stop words for \(language.rawValue), only for \(known)")
            }
        }
        var seen: Set<String> = []
        for field in fields {
            guard !field.name.isEmpty else { throw .schema(problem: "a field has an empty name") }
            guard seen.insert(field.name).inserted else {
                throw .schema(problem: "the field \"\(field.name)\" is declared twice; remove one")
            }
            if field.type == .text, analyzer(field.analyzer) == nil {
                let known = (analyzers.keys.sorted() + TextAnalyzer.all.map(\.name)).joined(separator: ", ")
                throw .schema(
                    problem: "the field \"\(field.name)\" names the analyzer \"\(field.analyzer)\"; there are: \(known)"
                )
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

    /// What a field of some type cannot have.
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

    /// Fields that read one member must agree on what its values are.
    private func validateMembers() throws(IndexError) {
        var first: [String: Field] = [:]
        for field in fields {
            if ChangeMember.all.contains(field.from) {
                throw .schema(
                    problem: "the field \"\(field.name)\" reads \"\(field.from)\", which says what a change does "
                        + "(\(ChangeMember.all.joined(separator: ", "))); choose another name")
            }
            guard let other = first[field.from] else {
                first[field.from] = field
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

/// Members of a change that are no document's.
enum ChangeMember {
    static let version = "_version"
    static let delete = "_delete"
    static let patch = "_patch"
    static let all = [version, delete, patch]
}

/// What a value is before any field gives it a meaning.
public enum ValueKind: UInt8, Sendable {
    case text, integer, float, boolean
}

extension ValueKind {
    /// What to call such a value in a message.
    var wanted: String {
        switch self {
        case .text: "text"
        case .integer: "a whole number"
        case .float: "a number"
        case .boolean: "true or false"
        }
    }
}

extension FieldType {
    /// The kind of values a field of this type reads.
    public var valueKind: ValueKind {
        switch self {
        case .text, .keyword, .stored, .date: .text
        case .integer: .integer
        case .float, .price: .float
        case .boolean: .boolean
        }
    }
}

private struct AnyKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension Decoder {
    /// Refuses an object with members nobody asked for, so that a misspelt option is not silently without effect.
    public func refuseUnknownKeys(besides known: [String]) throws {
        for key in try container(keyedBy: AnyKey.self).allKeys where !known.contains(key.stringValue) {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: codingPath + [key],
                    debugDescription:
                        "unknown member \"\(key.stringValue)\"; there are: \(known.joined(separator: ", "))"))
        }
    }
}

extension KeyedDecodingContainer {
    /// One of several words; another word is an error that lists them.
    func decodeChoice<T: RawRepresentable & CaseIterable>(forKey key: Key) throws -> T where T.RawValue == String {
        let word = try decode(String.self, forKey: key)
        guard let choice = T(rawValue: word) else {
            let known = T.allCases.map(\.rawValue).joined(separator: ", ")
            throw DecodingError.dataCorruptedError(
                forKey: key, in: self, debugDescription: "\"\(word)\" is none of: \(known)")
        }
        return choice
    }
}
