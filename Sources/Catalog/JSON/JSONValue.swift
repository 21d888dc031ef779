/// Any JSON value. Numbers keep their value, not their notation; members of objects have no order.
package indirect enum JSONValue: Codable, Sendable, Equatable {
    case null
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    /// Decodes a value of any kind.
    package init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let integer = try? value.decode(Int.self) {
            self = .integer(integer)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let isTrue = try? value.decode(Bool.self) {
            self = .boolean(isTrue)
        } else if value.decodeNil() {
            self = .null
        } else if let members = try? value.decode([String: JSONValue].self) {
            self = .object(members)
        } else {
            self = .list(try value.decode([JSONValue].self))
        }
    }

    /// Encodes the value.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .boolean(let isTrue): try container.encode(isTrue)
        case .integer(let number): try container.encode(number)
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        case .list(let values): try container.encode(values)
        case .object(let members): try container.encode(members)
        }
    }
}

extension JSONValue: JSONWritable {
    /// Writes the value; members of objects in the order of their names.
    package func write(to json: inout JSONWriter) {
        switch self {
        case .null: json.null()
        case .boolean(let isTrue): json.value(isTrue)
        case .integer(let number): json.value(number)
        case .number(let number): json.value(number)
        case .text(let text): json.value(text)
        case .list(let values): values.write(to: &json)
        case .object(let members): members.write(to: &json)
        }
    }
}
