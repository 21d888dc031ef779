/// A shopper's search, as it comes from HTTP or the command line.
public struct SearchRequest: Sendable, Equatable {
    /// The words; empty to browse everything.
    public var q = ""
    /// Page to show, from 1.
    public var page = 1
    /// Hits on a page.
    public var perPage = 20
    /// What hits must have besides; nil for nothing.
    public var filter: Filter?
    /// Facets to count; nil for those of the profile.
    public var facets: [String]?
    /// Number field to order by, and whether upwards; nil for the best first.
    public var sort: Sort?
    /// Whether matched words are marked.
    public var highlight = true

    /// An order by a field.
    public struct Sort: Sendable, Equatable {
        /// The field.
        public var field: String
        /// Whether the least comes first.
        public var ascending: Bool
    }

    /// Longest query, in bytes.
    public static let longestQuery = 1000
    /// Most hits on a page.
    public static let mostPerPage = 100
    /// Hits beyond this cannot be paged to.
    public static let deepest = 10_000
    /// The parameters there are.
    public static let parameters = ["q", "page", "per_page", "filter", "facets", "sort", "highlight"]

    /// A search for words.
    public init(_ q: String = "") { self.q = q }

    /// Reads parameters; each may be given once.
    ///
    /// Errors: the first parameter that cannot be used.
    public init(parameters: [(name: String, value: String)]) throws(RequestProblem) {
        var seen: Set<String> = []
        for (name, value) in parameters {
            guard Self.parameters.contains(name) else {
                throw RequestProblem(
                    "unknown_parameter", name, "there is no parameter \"\(name)\"",
                    hint: "use: " + Self.parameters.joined(separator: ", "))
            }
            guard seen.insert(name).inserted else {
                throw RequestProblem("repeated_parameter", name, "\"\(name)\" is given twice", hint: "give it once")
            }
            try set(name, value)
        }
        guard page <= Self.deepest / perPage else {
            throw RequestProblem(
                "page_too_deep", "page", "hits beyond \(Self.deepest) cannot be paged to",
                hint: "ask for page \(Self.deepest / perPage) at most, or narrow the search with a filter")
        }
    }

    private mutating func set(_ name: String, _ value: String) throws(RequestProblem) {
        switch name {
        case "q":
            guard value.utf8.count <= Self.longestQuery else {
                throw RequestProblem(
                    "query_too_long", "q", "the query has \(value.utf8.count) bytes",
                    hint: "use at most \(Self.longestQuery)")
            }
            q = value
        case "page": page = try number(name, value, 1...Self.deepest)
        case "per_page": perPage = try number(name, value, 1...Self.mostPerPage)
        case "filter": filter = try FilterParser.parse(value)
        case "facets":
            facets = value.split(separator: ",").map { String($0).trimmed }.filter { !$0.isEmpty }
        case "sort": sort = try Self.sort(value)
        default:
            guard let choice = ["true": true, "false": false][value] else {
                throw RequestProblem(
                    "bad_value", name, "\"\(value.prefix(40))\" is neither true nor false", hint: "use true or false")
            }
            highlight = choice
        }
    }

    private func number(_ name: String, _ value: String, _ range: ClosedRange<Int>) throws(RequestProblem) -> Int {
        guard let number = Int(value), range.contains(number) else {
            throw RequestProblem(
                "bad_value", name,
                "\"\(value.prefix(40))\" is no whole number from \(range.lowerBound) to \(range.upperBound)",
                hint: "use a number in that range")
        }
        return number
    }

    private static func sort(_ value: String) throws(RequestProblem) -> Sort? {
        let parts = value.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if value.isEmpty || value == "relevance" { return nil }
        guard parts.count <= 2, !parts[0].isEmpty, parts.count == 1 || ["asc", "desc"].contains(parts[1]) else {
            throw RequestProblem(
                "bad_value", "sort", "\"\(value.prefix(40))\" is no order",
                hint: "use field:asc, field:desc or relevance")
        }
        return Sort(field: parts[0], ascending: parts.count == 1 || parts[1] == "asc")
    }
}

extension String {
    /// Without blanks at both ends.
    var trimmed: String {
        let blanks: Set<Character> = [" ", "\t", "\n", "\r", "\u{3000}"]
        guard let first = firstIndex(where: { !blanks.contains($0) }),
            let last = lastIndex(where: { !blanks.contains($0) })
        else { return "" }
        return String(self[first...last])
    }
}
