import Foundation

/// A JSON value. Members and elements that are not there are null.
///
/// ```swift
/// let change: JSON = ["id": "n1", "title": "量子小猫", "price": 38, "_version": 1]
/// reply["hits"][0]["document"]["title"].text
/// ```
public enum JSON: Sendable, Hashable, Codable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case list([JSON])
    case object([String: JSON])

    /// Reads a value. Errors: those of `JSONDecoder`.
    public init(bytes: some Sequence<UInt8>) throws { self = try JSONDecoder().decode(JSON.self, from: Data(bytes)) }

    /// The value as JSON in one line, members in the order of their names.
    public var encoded: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
    }

    /// Reads a value of any kind.
    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let list = try? value.decode([JSON].self) {
            self = .list(list)
        } else {
            self = .object(try value.decode([String: JSON].self))
        }
    }

    /// Writes the value; whole numbers without a fraction.
    public func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .null: try value.encodeNil()
        case .bool(let bool): try value.encode(bool)
        case .number(let number):
            if let whole = Int64(exactly: number) { try value.encode(whole) } else { try value.encode(number) }
        case .text(let text): try value.encode(text)
        case .list(let list): try value.encode(list)
        case .object(let members): try value.encode(members)
        }
    }

    /// The text; nil for values of another kind.
    public var text: String? { if case .text(let text) = self { text } else { nil } }
    /// The number; nil for values of another kind. Whole numbers are exact up to 2^53.
    public var number: Double? { if case .number(let number) = self { number } else { nil } }

    /// The value of a parameter of a URL; nil for null.
    var parameter: String? {
        switch self {
        case .null: nil
        case .text(let text): text
        case .list(let list): list.compactMap(\.parameter).joined(separator: ", ")
        default: encoded
        }
    }

    /// The member of an object.
    public subscript(_ name: String) -> JSON {
        get { if case .object(let members) = self { members[name] ?? .null } else { .null } }
        set {
            guard case .object(var members) = self else { return }
            members[name] = newValue
            self = .object(members)
        }
    }

    /// The element of a list.
    public subscript(_ index: Int) -> JSON {
        if case .list(let list) = self, list.indices.contains(index) { list[index] } else { .null }
    }
}

/// The elements of a list; none of any other value.
extension JSON: Sequence {
    /// Iterates over the elements.
    public func makeIterator() -> IndexingIterator<[JSON]> {
        if case .list(let list) = self { list.makeIterator() } else { [].makeIterator() }
    }
}

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    /// A null.
    public init(nilLiteral: ()) { self = .null }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A whole number.
    public init(integerLiteral value: Int) { self = .number(Double(value)) }
    /// A number.
    public init(floatLiteral value: Double) { self = .number(value) }
    /// A text.
    public init(stringLiteral value: String) { self = .text(value) }
    /// A list.
    public init(arrayLiteral elements: JSON...) { self = .list(elements) }
    /// An object; of members with one name the last counts.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(Dictionary(elements) { _, last in last })
    }
}

extension JSON: CustomStringConvertible {
    /// A text as it is, any other value as JSON.
    public var description: String { text ?? encoded }
}
