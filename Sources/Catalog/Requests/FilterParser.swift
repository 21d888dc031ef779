/// Parses filters, such as `language:=[zh, en] && price:10..50 && !(author:=X || year:<1990)`.
///
/// Grammar: filter = and ("||" and)*; and = part ("&&" part)*; part = "!" part | "(" filter ")" | field ":" condition;
/// condition = "=" values | "!=" values | (">" | ">=" | "<" | "<=") value | range | "*" | value with `*` or `?` in it |
/// "~" regular expression; values = value | "[" value ("," value)* "]". A value with blanks at its ends, or with one of
/// `& | , [ ] ( )` or two dots in it, is quoted by backticks; inside them a backslash escapes a backtick or a
/// backslash.
///
/// ```swift
/// try FilterParser.parse("kind:=`C & C++` && year:>=2010")
/// // .all([.values("kind", ["C & C++"]), .test(field: "year", .range(lower: .init("2010"), upper: nil))])
/// ```
struct FilterParser {
    /// The maximum number of tests of a filter, and of values of a list.
    static let maxTests = 100
    /// The maximum number of patterns of a filter.
    static let maxPatterns = 10
    /// The maximum depth of nested parentheses and exclamation marks.
    static let maxDepth = 20

    private var text: RequestScanner
    private var tests = 0
    private var patterns = 0
    private var depth = 0

    private init(_ text: String) throws(RequestProblem) {
        self.text = try RequestScanner(
            text, code: "bad_filter", parameter: "filter",
            hint:
                "use field:=value, field:=[a, b], field:10..50, field:>10, field:ab* or field:~`expression`, joined by "
                + "&& or ||; put values with special characters in backticks", signs: "&|,[]()")
    }

    /// Parses the filter of a request; nil for an empty or blank text.
    ///
    /// Errors: `filter_too_long`, and `bad_filter` with the position of the first character that is not valid.
    /// Complexity: O(characters).
    static func parse(_ text: String) throws(RequestProblem) -> Filter? {
        var parser = try FilterParser(text)
        parser.text.skipBlanks()
        if parser.text.isAtEnd { return nil }
        let filter = try parser.alternatives()
        guard parser.text.isAtEnd else { throw parser.text.problem("expected && or || between parts") }
        return filter
    }

    private mutating func alternatives() throws(RequestProblem) -> Filter {
        var parts = [try conjunction()]
        while text.consume("||") { parts.append(try conjunction()) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func conjunction() throws(RequestProblem) -> Filter {
        var parts = [try part()]
        while text.consume("&&") { parts.append(try part()) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func part() throws(RequestProblem) -> Filter {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maxDepth else { throw text.problem("more than \(Self.maxDepth) levels") }
        text.skipBlanks()
        defer { text.skipBlanks() }
        if text.consume("!") { return .not(try part()) }
        guard text.consume("(") else { return try test() }
        let inner = try alternatives()
        guard text.consume(")") else { throw text.problem("expected )") }
        return inner
    }

    private mutating func test() throws(RequestProblem) -> Filter {
        tests += 1
        guard tests <= Self.maxTests else { throw text.problem("more than \(Self.maxTests) tests") }
        let field = try text.name()
        text.skipBlanks()
        guard text.consume(":") else { throw text.problem("expected a colon after \"\(field)\"") }
        if text.consume("=") { return .test(field: field, .values(try values())) }
        if text.consume("!=") { return .not(.test(field: field, .values(try values()))) }
        text.skipBlanks()
        for (comparison, isLower, isIncluded) in Self.comparisons where text.consume(comparison) {
            let bound = Filter.Bound(try text.value(), isIncluded: isIncluded)
            return .test(field: field, isLower ? .range(lower: bound, upper: nil) : .range(lower: nil, upper: bound))
        }
        if text.consume("~") { return .test(field: field, .expression(try pattern(try text.value()))) }
        if let wildcard = text.wildcard() {
            return .test(field: field, wildcard == "*" ? .exists : .wildcard(try pattern(wildcard)))
        }
        return .test(field: field, try text.range())
    }

    /// A pattern, of which a filter may have a few: each needs memory of its own.
    private mutating func pattern(_ pattern: String) throws(RequestProblem) -> String {
        patterns += 1
        guard patterns <= Self.maxPatterns else { throw text.problem("more than \(Self.maxPatterns) patterns") }
        return pattern
    }

    /// The comparison operators, longer ones first: whether the operand is the lower bound, and is included.
    private static let comparisons = [(">=", true, true), (">", true, false), ("<=", false, true), ("<", false, false)]

    private mutating func values() throws(RequestProblem) -> [String] {
        text.skipBlanks()
        guard text.consume("[") else { return [try value()] }
        var values: [String] = []
        while true {
            values.append(try value())
            guard values.count <= Self.maxTests else {
                throw text.problem("more than \(Self.maxTests) values in a list")
            }
            text.skipBlanks()
            if text.consume("]") { return values }
            guard text.consume(",") else { throw text.problem("expected a comma or ] in the list") }
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
