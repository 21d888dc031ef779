import FoundationEssentials

extension Schema {
    /// Parses and validates a schema from JSON.
    ///
    /// Errors: `schema` with the position inside the text.
    package init(json: [UInt8]) throws(IndexError) {
        do {
            self = try JSONDecoder().decode(Schema.self, from: Data(json))
        } catch let error as IndexError {
            throw error
        } catch {
            throw .schema(problem: describe(error))
        }
    }

    /// The schema as JSON: equal schemas have equal bytes.
    package var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        // Strings, booleans and arrays always encode.
        return (try? encoder.encode(self)).map { Array($0) } ?? []
    }
}

extension Schema {
    /// The schema as JSON for people who edit it: a line for each field, its name first.
    package var formatted: String {
        var members = ["  \"key\": \(quotedJSON(key))"]
        if unknown != .refuse { members.append("  \"unknown\": \(quotedJSON(unknown.rawValue))") }
        members.append("  \"fields\": [\n" + fields.map { "    " + $0.formatted }.joined(separator: ",\n") + "\n  ]")
        if !analyzers.isEmpty {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            let json = (try? encoder.encode(analyzers)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
            members.append("  \"analyzers\": \(json)")
        }
        return "{\n" + members.joined(separator: ",\n") + "\n}"
    }
}

extension Field {
    /// The field as a JSON object on one line, without properties that have their defaults.
    fileprivate var formatted: String {
        var members = [("name", quotedJSON(name)), ("type", quotedJSON(type.rawValue))]
        if from != name { members.append(("from", quotedJSON(from))) }
        if isAnalyzed, analyzer != "default" { members.append(("analyzer", quotedJSON(analyzer))) }
        if let currency { members.append(("currency", quotedJSON(currency))) }
        if let prefix { members.append(("prefix", quotedJSON(prefix))) }
        if let separator { members.append(("separator", quotedJSON(separator))) }
        if let kind { members.append(("kind", quotedJSON(kind.rawValue))) }
        if multiple { members.append(("multiple", "true")) }
        if let weight { members.append(("weight", quotedJSON(weight))) }
        if !stored { members.append(("stored", "false")) }
        return "{ " + members.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + " }"
    }
}

/// Returns a text as a JSON string.
private func quotedJSON(_ text: String) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes]
    return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
}

/// Returns a decoding error as a sentence with the path inside the JSON text; any other error describes itself.
package func describe(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    func place(_ path: [any CodingKey]) -> String {
        if path.isEmpty { return "the top level" }
        return path.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
    }
    switch error {
    case .typeMismatch(let type, let context): return "at \(place(context.codingPath)): expected \(jsonName(type))"
    case .valueNotFound(let type, let context):
        return "at \(place(context.codingPath)): expected \(jsonName(type)), found null"
    case .keyNotFound(let key, let context):
        return "at \(place(context.codingPath)): the member \"\(key.stringValue)\" is missing"
    case .dataCorrupted(let context):
        let cause = context.underlyingError.map { " (\($0))" } ?? ""
        return "at \(place(context.codingPath)): \(context.debugDescription)\(cause)"
    @unknown default: return "\(error)"
    }
}

/// Returns the name in JSON of the values that a type is decoded from.
private func jsonName(_ type: any Any.Type) -> String {
    switch type {
    case is String.Type: "text"
    case is Bool.Type: "true or false"
    case is any BinaryInteger.Type, is any BinaryFloatingPoint.Type: "a number"
    case is [Any].Type: "an array"
    default: "\(type)".hasPrefix("Array") ? "an array" : "an object"
    }
}
