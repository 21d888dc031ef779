/// Reads filters, such as `language:=[zh, en] && price:10..50 && !(author:=X || year:<1990)`.
///
/// Grammar: filter = and ("||" and)*; and = part ("&&" part)*; part = "!" part | "(" filter ")" | field ":" condition;
/// condition = "=" values | "!=" values | (">" | ">=" | "<" | "<=") value | range | "*"; values = value | "[" value
/// ("," value)* "]". A value with blanks at its ends, or with one of `& | , [ ] ( )` or two dots in it, stands between
/// backticks; inside them a backslash escapes a backtick or a backslash.
struct FilterParser {
    /// Longest filter, in bytes.
    static let longest = 8000
    /// Most tests of a filter, and most values of a list.
    static let most = 100
    /// Most parentheses and exclamation marks inside each other.
    static let deepest = 20

    private var text: RequestScanner
    private var tests = 0
    private var depth = 0

    private init(_ text: String) {
        self.text = RequestScanner(
            text, code: "bad_filter", parameter: "filter",
            hint: "write field:=value, field:=[a, b], field:10..50 or field:>10, joined by && or ||, values with signs "
                + "in backticks", signs: "&|,[]()")
    }

    /// The filter that a text means; nil for blanks.
    static func parse(_ text: String) throws(RequestProblem) -> Filter? {
        guard text.utf8.count <= longest else {
            throw RequestProblem(
                "filter_too_long", "filter", "the filter has \(text.utf8.count) bytes", hint: "use at most \(longest)")
        }
        var parser = FilterParser(text)
        parser.text.skipBlanks()
        if parser.text.isAtEnd { return nil }
        let filter = try parser.alternatives()
        guard parser.text.isAtEnd else { throw parser.text.problem("expected && or || between parts") }
        return filter
    }

    private mutating func alternatives() throws(RequestProblem) -> Filter {
        var parts = [try conjunction()]
        while text.take("||") { parts.append(try conjunction()) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func conjunction() throws(RequestProblem) -> Filter {
        var parts = [try part()]
        while text.take("&&") { parts.append(try part()) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func part() throws(RequestProblem) -> Filter {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw text.problem("more than \(Self.deepest) levels") }
        text.skipBlanks()
        defer { text.skipBlanks() }
        if text.take("!") { return .not(try part()) }
        guard text.take("(") else { return try test() }
        let inner = try alternatives()
        guard text.take(")") else { throw text.problem("expected )") }
        return inner
    }

    private mutating func test() throws(RequestProblem) -> Filter {
        tests += 1
        guard tests <= Self.most else { throw text.problem("more than \(Self.most) tests") }
        let field = try text.name()
        text.skipBlanks()
        guard text.take(":") else { throw text.problem("expected a colon behind \"\(field)\"") }
        if text.take("=") { return .test(field: field, .values(try values())) }
        if text.take("!=") { return .not(.test(field: field, .values(try values()))) }
        text.skipBlanks()
        if text.take("*") { return .test(field: field, .exists) }
        for (sign, isLower, isIncluded) in Self.comparisons where text.take(sign) {
            let bound = Filter.Bound(try text.value(), isIncluded: isIncluded)
            return .test(field: field, isLower ? .range(lower: bound, upper: nil) : .range(lower: nil, upper: bound))
        }
        return .test(field: field, try text.range())
    }

    private static let comparisons = [
        (">=", true, true), (">", true, false), ("<=", false, true), ("<", false, false),
    ]

    private mutating func values() throws(RequestProblem) -> [String] {
        text.skipBlanks()
        guard text.take("[") else { return [try value()] }
        var values: [String] = []
        while true {
            values.append(try value())
            guard values.count <= Self.most else { throw text.problem("more than \(Self.most) values in a list") }
            text.skipBlanks()
            if text.take("]") { return values }
            guard text.take(",") else { throw text.problem("expected a comma or ] in the list") }
        }
    }

    private mutating func value() throws(RequestProblem) -> String {
        text.skipBlanks()
        let isQuoted = text.isNext("`")
        let value = try text.value()
        guard isQuoted || !value.contains(":=") else { throw text.problem("expected && or || between parts") }
        return value
    }
}
