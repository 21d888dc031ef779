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
