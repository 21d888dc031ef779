import Indexer
import Kernels

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
    public var facets: [RequestedFacet]?
    /// What hits are ordered by; empty for the best first.
    public var sort: [Sort] = []
    /// Where to go on, instead of a page.
    public var after: SearchCursor?
    /// Whether the reply tells where to go on: its view is kept for that.
    public var wantsCursor = false
    /// Where matched words are marked.
    public var highlight = RequestedHighlights.usual
    /// Whether the first hits tell what their scores are made of.
    public var explain = false
    /// A keyword field of which each value shows its best hit alone; nil to show all.
    public var collapse: String?
    /// How long the search may take; nil for as long as it does. Behind that it answers with what it has.
    public var timeout: Duration?

    /// An order by a field.
    public struct Sort: Sendable, Equatable {
        /// The field; nil for the score.
        public var field: String?
        /// Whether the least comes first.
        public var ascending: Bool
        /// Whether hits without a value come first.
        public var missingFirst = false

        /// An order by a field.
        public init(_ field: String?, ascending: Bool, missingFirst: Bool = false) {
            self.field = field
            self.ascending = ascending
            self.missingFirst = missingFirst
        }
    }

    /// Longest query, in bytes.
    public static let longestQuery = 1000
    /// Most hits on a page.
    public static let mostPerPage = 100
    /// Hits beyond this cannot be paged to.
    public static let deepest = 10_000
    /// The parameters there are.
    public static let parameters = [
        "q", "page", "per_page", "after", "filter", "facets", "sort", "collapse", "highlight", "explain", "timeout_ms",
    ]
    /// Most hits of a page whose scores are explained.
    public static let mostExplained = 10
    /// The longest a search may ask to take, in milliseconds.
    public static let longestTimeout = 60_000

    /// A search for words.
    public init(_ q: String = "") { self.q = q }

    /// Reads parameters; each may be given once.
    ///
    /// Errors: the first parameter that cannot be used.
    public init(parameters: [(name: String, value: String)]) throws(RequestProblem) {
        var seen: Set<String> = []
        for (name, value) in parameters {
            guard Self.parameters.contains(name) else {
                let isPartOfFilter = name.contains(":")
                throw RequestProblem(
                    "unknown_parameter", String(name.prefix(40)), "there is no parameter \"\(name.prefix(40))\"",
                    hint: isPartOfFilter
                        ? "if it is a part of a filter, write && as %26%26 in the address"
                        : "use: " + Self.parameters.joined(separator: ", "))
            }
            guard seen.insert(name).inserted else {
                throw RequestProblem("repeated_parameter", name, "\"\(name)\" is given twice", hint: "give it once")
            }
            try set(name, value)
        }
        guard !wantsCursor || page == 1 else {
            throw RequestProblem(
                "bad_value", "after", "a cursor and a page exclude each other", hint: "leave out \"page\"")
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
        case "after":
            wantsCursor = true
            if value == "*" { return }
            guard let cursor = SearchCursor(value) else {
                throw RequestProblem(
                    "bad_value", "after", "it is no cursor",
                    hint: "begin with after=*, go on with \"next\" of the reply before, as it is")
            }
            after = cursor
        case "filter": filter = try FilterParser.parse(value)
        case "facets": facets = try FacetParser.parse(value)
        case "sort": sort = try Self.sort(value)
        case "highlight": highlight = try HighlightParser.parse(value)
        case "collapse": collapse = value.trimmed.isEmpty ? nil : value.trimmed
        case "timeout_ms": timeout = .milliseconds(try number(name, value, 1...Self.longestTimeout))
        default:
            guard let choice = ["true": true, "false": false][value] else {
                throw RequestProblem(
                    "bad_value", name, "\"\(value.prefix(40))\" is neither true nor false", hint: "use true or false")
            }
            explain = choice
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

    /// Reads an order, such as `year:desc, title:asc:missing_first, relevance`.
    private static func sort(_ value: String) throws(RequestProblem) -> [Sort] {
        var all: [Sort] = []
        for key in value.split(separator: ",").map(String.init) where !key.trimmed.isEmpty {
            let parts = key.split(separator: ":", omittingEmptySubsequences: false).map { String($0).trimmed }
            if parts == ["relevance"] {
                all.append(Sort(nil, ascending: false))
                continue
            }
            let isMissingKnown = parts.count < 3 || ["missing_first", "missing_last"].contains(parts[2])
            guard parts.count <= 3, !parts[0].isEmpty, parts.count == 1 || ["asc", "desc"].contains(parts[1]),
                isMissingKnown
            else {
                throw RequestProblem(
                    "bad_value", "sort", "\"\(key.prefix(40))\" is no order",
                    hint: "use field:asc, field:desc, field:desc:missing_first or relevance, separated by commas")
            }
            let isFirst = parts.count == 3 && parts[2] == "missing_first"
            all.append(Sort(parts[0], ascending: parts.count == 1 || parts[1] == "asc", missingFirst: isFirst))
        }
        guard all.count <= SortField.most else {
            throw RequestProblem(
                "bad_value", "sort", "\(all.count) orders", hint: "give \(SortField.most) at most")
        }
        // The best first is what nobody has to ask for.
        return all == [Sort(nil, ascending: false)] ? [] : all
    }
}

extension SearchRequest {
    /// A number that tells requests apart whose hits or order differ: what a cursor goes on in.
    var identity: UInt64 {
        let order = sort.map { "\($0.field ?? "")\u{1}\($0.ascending)\u{1}\($0.missingFirst)" }
        let parts = [q, filter.map { "\($0)" } ?? "", order.joined(separator: "\u{2}"), collapse ?? ""]
        let bytes = Array(parts.joined(separator: "\u{0}").utf8)
        return bytes.withUnsafeBufferPointer { $0.baseAddress.map { hash64($0, bytes.count) } ?? 0 }
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
