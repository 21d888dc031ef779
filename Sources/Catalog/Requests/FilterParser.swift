/// Reads filters, such as `language:=[zh, en] && price:10..50 && !(author:=X || year:<1990)`.
///
/// Grammar: filter = and ("||" and)*; and = part ("&&" part)*; part = "!" part | "(" filter ")" | field ":" condition;
/// condition = "=" values | "!=" values | (">" | ">=" | "<" | "<=") value | value? ".." value? | "*"; values = value |
/// "[" value ("," value)* "]". A value with blanks at its ends, or with one of `& | , [ ] ( )` or two dots in it, stands
/// between backticks; inside them a backslash escapes a backtick or a backslash.
struct FilterParser {
    /// Longest filter, in bytes.
    static let longest = 8000
    /// Most tests of a filter, and most values of a list.
    static let most = 100
    /// Most parentheses and exclamation marks inside each other.
    static let deepest = 20

    private let text: [Character]
    private var at = 0
    private var tests = 0
    private var depth = 0

    /// The filter that a text means; nil for blanks.
    static func parse(_ text: String) throws(RequestProblem) -> Filter? {
        guard text.utf8.count <= longest else {
            throw RequestProblem(
                "filter_too_long", "filter", "the filter has \(text.utf8.count) bytes", hint: "use at most \(longest)")
        }
        var parser = FilterParser(text: Array(text))
        parser.skipBlanks()
        if parser.at == parser.text.count { return nil }
        let filter = try parser.alternatives()
        guard parser.at == parser.text.count else { throw parser.problem("expected && or || between parts") }
        return filter
    }

    private mutating func alternatives() throws(RequestProblem) -> Filter {
        var parts = [try conjunction()]
        while take("||") { parts.append(try conjunction()) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func conjunction() throws(RequestProblem) -> Filter {
        var parts = [try part()]
        while take("&&") { parts.append(try part()) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func part() throws(RequestProblem) -> Filter {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw problem("more than \(Self.deepest) levels") }
        skipBlanks()
        defer { skipBlanks() }
        if take("!") { return .not(try part()) }
        guard take("(") else { return try test() }
        let inner = try alternatives()
        guard take(")") else { throw problem("expected )") }
        return inner
    }

    private mutating func test() throws(RequestProblem) -> Filter {
        tests += 1
        guard tests <= Self.most else { throw problem("more than \(Self.most) tests") }
        let start = at
        while at < text.count, text[at].isLetter || text[at].isNumber || "_-.".contains(text[at]) { at += 1 }
        let field = String(text[start..<at])
        guard !field.isEmpty else { throw problem("expected a field's name") }
        skipBlanks()
        guard take(":") else { throw problem("expected a colon behind \"\(field)\"") }
        if take("=") { return .test(field: field, .values(try values())) }
        if take("!=") { return .not(.test(field: field, .values(try values()))) }
        skipBlanks()
        if take("*") { return .test(field: field, .exists) }
        for (sign, isLower, isIncluded) in Self.comparisons where take(sign) {
            let bound = Filter.Bound(try value(), isIncluded: isIncluded)
            return .test(field: field, isLower ? .range(lower: bound, upper: nil) : .range(lower: nil, upper: bound))
        }
        return .test(field: field, try range(field))
    }

    private static let comparisons = [
        (">=", true, true), (">", true, false), ("<=", false, true), ("<", false, false),
    ]

    private mutating func range(_ field: String) throws(RequestProblem) -> Filter.Condition {
        let lower = next("..") ? nil : Filter.Bound(try value())
        guard take("..") else { throw problem("expected = or a range such as 10..20 behind \"\(field):\"") }
        skipBlanks()
        let isOpen = at == text.count || "&|)".contains(text[at])
        let upper = isOpen ? nil : Filter.Bound(try value())
        guard lower != nil || upper != nil else { throw problem("expected a bound before or behind ..") }
        return .range(lower: lower, upper: upper)
    }

    private mutating func values() throws(RequestProblem) -> [String] {
        skipBlanks()
        guard take("[") else { return [try value()] }
        var values: [String] = []
        while true {
            skipBlanks()
            values.append(try value())
            guard values.count <= Self.most else { throw problem("more than \(Self.most) values in a list") }
            skipBlanks()
            if take("]") { return values }
            guard take(",") else { throw problem("expected a comma or ] in the list") }
        }
    }

    private mutating func value() throws(RequestProblem) -> String {
        skipBlanks()
        if take("`") { return try quotedValue() }
        let start = at
        while at < text.count, !"&|,[]()`".contains(text[at]), !next("..") { at += 1 }
        let value = String(text[start..<at]).trimmed
        guard !value.isEmpty else { throw problem("expected a value") }
        guard !value.contains(":=") else { throw problem("expected && or || between parts") }
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

    private func next(_ token: String) -> Bool {
        var place = at
        for character in token {
            guard place < text.count, text[place] == character else { return false }
            place += 1
        }
        return true
    }

    private mutating func take(_ token: String) -> Bool {
        guard next(token) else { return false }
        at += token.count
        return true
    }

    private mutating func skipBlanks() {
        while at < text.count, text[at] == " " || text[at] == "\t" { at += 1 }
    }

    private func problem(_ what: String) -> RequestProblem {
        RequestProblem(
            "bad_filter", "filter", "at character \(at + 1): \(what)",
            hint: "write field:=value, field:=[a, b], field:10..50 or field:>10, joined by && or ||, values with signs "
                + "in backticks")
    }
}
