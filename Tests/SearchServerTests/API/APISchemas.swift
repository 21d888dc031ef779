import Foundation

extension APIDescription {
    /// The problems of a JSON value by a schema: as much of JSON Schema as the document uses.
    func problems(_ value: Any, _ schema: Any?, at place: String) -> [String] {
        guard let schema = schema as? [String: Any] else { return [] }
        if schema["$ref"] != nil { return problems(value, resolved(schema), at: place) }
        var problems: [String] = []
        if let types = schema["type"] as? [String] ?? (schema["type"] as? String).map({ [$0] }),
            !types.contains(where: { Self.has(value, $0) })
        {
            return ["\(place): \(value) is not of the type \(types)"]
        }
        if let known = schema["enum"] as? [String], !known.contains(value as? String ?? "") {
            problems.append("\(place): \(value) is none of \(known)")
        }
        for part in schema["allOf"] as? [Any] ?? [] { problems += self.problems(value, part, at: place) }
        if let choices = schema["oneOf"] as? [Any] {
            let tried = choices.map { self.problems(value, $0, at: place) }
            let count = tried.count { $0.isEmpty }
            if count != 1 { problems.append("\(place): fits \(count) of \(choices.count) choices: \(tried)") }
        }
        if let object = value as? [String: Any] { problems += self.problems(object: object, schema, at: place) }
        if let list = value as? [Any] {
            for (index, element) in list.enumerated() {
                problems += self.problems(element, schema["items"], at: "\(place)[\(index)]")
            }
        }
        return problems
    }

    private func problems(object: [String: Any], _ schema: [String: Any], at place: String) -> [String] {
        let properties = schema["properties"] as? [String: Any] ?? [:]
        let required = schema["required"] as? [String] ?? []
        var problems = required.filter { object[$0] == nil }.map { "\(place) has no \($0)" }
        for (name, value) in object {
            if let property = properties[name] {
                problems += self.problems(value, property, at: "\(place).\(name)")
            } else if let others = schema["additionalProperties"] as? [String: Any] {
                problems += self.problems(value, others, at: "\(place).\(name)")
            } else if schema["additionalProperties"] as? Bool == false {
                problems.append("\(place).\(name) is not described")
            }
        }
        return problems
    }

    private static func has(_ value: Any, _ type: String) -> Bool {
        switch type {
        case "object": value is [String: Any]
        case "array": value is [Any]
        case "string": value is String
        case "null": value is NSNull
        case "boolean": isBoolean(value)
        case "number": value is NSNumber && !isBoolean(value)
        case "integer": value is NSNumber && !isBoolean(value) && (value as? Double).map { $0 == $0.rounded() } ?? false
        default: false
        }
    }

    /// True for true and false, which are numbers to Foundation.
    private static func isBoolean(_ value: Any) -> Bool {
        (value as? NSNumber).map { $0.objCType.pointee == 0x63 || type(of: value) == Bool.self } ?? false
    }
}
