import Segments

/// The fields that a member becomes.
struct InferredMember: Sendable {
    /// The way the member is indexed.
    enum Use: Sendable, Equatable {
        case key, number(FieldType), price(String), text, keyword, keywordAndText, identifier, stored
    }

    /// The path of the member.
    let path: String
    let use: Use
    let role: MemberRole?
    let isMultiple: Bool
    let scripts: ScriptStatistics

    /// The name of the member's main field: its path, in characters that the names of fields have.
    var name: String { Self.fieldName(path) }

    /// Returns the name of a field for a path: letters, digits, `_` and `-`.
    static func fieldName(_ path: String) -> String {
        String(path.map { $0.isLetter || $0.isNumber || $0 == "-" ? $0 : "_" })
    }

    /// The fields, the text before its siblings, and the names of the siblings' purposes.
    ///
    /// `analyzer` is the one of the words of the catalog, `weight` the number field that orders suggestions.
    func fields(analyzer: String, weight: String?) -> (fields: [Field], features: [String]) {
        switch use {
        case .key where role == .identifier:
            let (fields, features) = text(name + "_text", analyzer, weight)
            return ([field(name, .keyword)] + fields, features)
        case .key, .keyword: return ([field(name, .keyword)], [])
        case .number(let type): return ([field(name, type)], [])
        case .price(let currency): return ([Field(name, .price, from: path, currency: currency)], [])
        case .stored: return ([field(name, .stored)], [])
        case .text, .identifier: return text(name, analyzer, weight)
        case .keywordAndText:
            let (fields, features) = text(name + "_text", analyzer, weight)
            return (fields + [field(name, .keyword)], features)
        }
    }

    /// A field that reads the member.
    private func field(_ name: String, _ type: FieldType, analyzer: String = "default") -> Field {
        Field(name, type, from: path, analyzer: analyzer, multiple: isMultiple)
    }

    /// The text field with the siblings that pay for the role and the scripts of its values.
    private func text(_ textName: String, _ analyzer: String, _ weight: String?) -> ([Field], [String]) {
        var fields = [field(textName, .text, analyzer: analyzer)]
        var features: [String] = []
        let isName = role.map { [.title, .author, .series, .category].contains($0) } ?? false
        func add(_ analyzer: String) {
            fields.append(field(name + "_" + analyzer, .text, analyzer: analyzer))
            features.append(analyzer)
        }
        if isName || role == .description, scripts.hasCharacters { add("characters") }
        if isName, scripts.hasPinyin, analyzer != "japanese" {
            add("pinyin")
            add("initials")
        }
        if role == .title { add("whole") }
        let folding = analyzer == "japanese" ? analyzer : "default"
        fields.append(field(name + "_words", .vocabulary, analyzer: folding))
        features.append("words")
        if let kind = suggestionKind {
            fields.append(
                Field(
                    name + "_suggestions", .suggestion, from: path, analyzer: folding, multiple: isMultiple, kind: kind,
                    weight: weight))
            features.append("suggestions")
        }
        return (fields, features)
    }

    /// The kind of the member's suggestions; nil for none.
    private var suggestionKind: SuggestionKind? {
        switch role {
        case .title: .title
        case .author: .author
        case .series: .series
        case .category: .category
        default: nil
        }
    }

    /// The use in words, with the analyzer of the text and the siblings, for a line about the inference.
    func description(analyzer: String, features: [String]) -> String {
        let several = isMultiple ? ", several values" : ""
        let with = features.isEmpty ? "" : " with " + features.joined(separator: ", ")
        switch use {
        case .key: return "key" + (features.isEmpty ? "" : " and text (\(analyzer))") + with
        case .number(let type): return type.rawValue
        case .price(let currency): return "price (\(currency))"
        case .stored: return "stored" + several
        case .keyword: return "keyword" + several
        case .text, .identifier: return "text (\(analyzer))" + several + with
        case .keywordAndText: return "keyword and text (\(analyzer))" + several + with
        }
    }
}
