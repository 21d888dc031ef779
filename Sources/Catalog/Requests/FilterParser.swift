/// A field and the values one of which a document must have.
public struct FilterGroup: Sendable, Equatable {
    /// The field.
    public var field: String
    /// Any of these.
    public var values: [String]
}

/// Reads filters: `field:=value && field:=[value, value]`.
///
/// A value with blanks, commas or brackets stands between backticks; inside them a backslash escapes a backtick or a
/// backslash. Groups are joined by `&&`: each must hold; of the values of a list any will do.
struct FilterParser {
    /// Most groups, and most values of a list.
    static let most = 100

    private let text: [Character]
    private var at = 0

    static func parse(_ text: String) throws(RequestProblem) -> [FilterGroup] {
        guard text.utf8.count <= 8000 else {
            throw RequestProblem(
                "filter_too_long", "filter", "the filter has \(text.utf8.count) bytes", hint: "use at most 8000")
        }
        var parser = FilterParser(text: Array(text))
        return try parser.groups()
    }

    private mutating func groups() throws(RequestProblem) -> [FilterGroup] {
        var groups: [FilterGroup] = []
        skipBlanks()
        if at == text.count { return [] }
        while true {
            groups.append(try group())
            guard groups.count <= Self.most else { throw problem("more than \(Self.most) groups") }
            skipBlanks()
            if at == text.count { return groups }
            guard take("&&") else { throw problem("expected && between groups") }
            skipBlanks()
        }
    }

    private mutating func group() throws(RequestProblem) -> FilterGroup {
        let start = at
        while at < text.count, text[at].isLetter || text[at].isNumber || "_-.".contains(text[at]) { at += 1 }
        let field = String(text[start..<at])
        guard !field.isEmpty else { throw problem("expected a field's name") }
        skipBlanks()
        guard take(":=") else { throw problem("expected := behind \"\(field)\"") }
        skipBlanks()
        guard take("[") else { return FilterGroup(field: field, values: [try value()]) }
        var values: [String] = []
        while true {
            skipBlanks()
            values.append(try value())
            guard values.count <= Self.most else { throw problem("more than \(Self.most) values in a list") }
            skipBlanks()
            if take("]") { return FilterGroup(field: field, values: values) }
            guard take(",") else { throw problem("expected a comma or ] in the list") }
        }
    }

    private mutating func value() throws(RequestProblem) -> String {
        if take("`") { return try quotedValue() }
        let start = at
        while at < text.count, !"&,[]`".contains(text[at]) { at += 1 }
        let value = String(text[start..<at]).trimmed
        guard !value.isEmpty else { throw problem("expected a value") }
        guard !value.contains(":=") else { throw problem("expected && between groups") }
        return value
    }

    private mutating func quotedValue() throws(RequestProblem) -> String {
        var value = ""
        while at < text.count {
            let character = text[at]
            at += 1
            if character == "`" { return value }
            if character == "\\", at < text.count, text[at] == "`" || text[at] == "\\" {
                value.append(text[at])
                at += 1
            } else {
                value.append(character)
            }
        }
        throw problem("the backtick that opens the value is not closed")
    }

    private mutating func take(_ token: String) -> Bool {
        let wanted = Array(token)
        guard at + wanted.count <= text.count, Array(text[at..<(at + wanted.count)]) == wanted else { return false }
        at += wanted.count
        return true
    }

    private mutating func skipBlanks() {
        while at < text.count, text[at] == " " || text[at] == "\t" { at += 1 }
    }

    private func problem(_ what: String) -> RequestProblem {
        RequestProblem(
            "bad_filter", "filter", "at character \(at + 1): \(what)",
            hint: "write field:=value or field:=[a, b], joined by &&, values with blanks in backticks")
    }
}
