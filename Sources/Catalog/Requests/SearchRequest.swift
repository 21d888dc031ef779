import Analyzer
import Kernels
import Searching

/// A search request, as it comes from HTTP or the command line.
///
/// ```swift
/// let request = try SearchRequest(parameters: [
///     ("q", "三体"), ("filter", "language:=zh && year:2000.."), ("facets", "author(size 10)"), ("sort", "year:desc"),
/// ])
/// let reply = try store.search("books", request)
/// ```
package struct SearchRequest: Sendable, Equatable {
    /// The query string; empty to browse everything. `ParsedQuery` has its syntax.
    package var q = ""
    /// The liberties that the search takes with the words of the query.
    package var matching = Matching()
    /// The number of the page, from 1.
    package var page = 1
    /// The maximum number of hits on a page, from 1 to `maxPerPage`.
    package var perPage = 20
    /// The filter that hits must match besides the query; nil for none.
    package var filter: Filter?
    /// The filter of the request's key: nothing outside it is found or counted. Nil for none. It is no parameter.
    package var scope: Filter?
    /// The facets to count; nil for those of the profile.
    package var facets: [RequestedFacet]?
    /// The sort keys of the hits, the first one decides; empty for the best score first.
    package var sort: [Sort] = []
    /// The cursor to continue after, instead of a page.
    package var after: SearchCursor?
    /// True if the reply needs a cursor, for which its snapshot is kept.
    package var wantsCursor = false
    /// The members that the documents of the reply have.
    package var members = RequestedMembers.all
    /// The members to highlight.
    package var highlight = RequestedHighlights.usual
    /// True to explain the scores of the first `maxExplained` hits.
    package var explain = false
    /// The keyword field to collapse by: only the best hit for each of its values is shown. Nil to show all hits.
    package var collapse: String?
    /// False to search as if there were no rules of merchandising.
    package var appliesRules = true
    /// The maximum time of the search, after which the reply is partial; nil for no limit.
    package var timeout: Duration?

    /// A sort key.
    package struct Sort: Sendable, Equatable {
        /// The name of the field; nil for the score.
        package var field: String?
        /// True if the smallest value comes first.
        package var ascending: Bool
        /// True if hits without a value come first, whatever the direction.
        package var missingFirst = false

        /// Creates a sort key for a field, or for the score if it is nil.
        package init(_ field: String?, ascending: Bool, missingFirst: Bool = false) {
            self.field = field
            self.ascending = ascending
            self.missingFirst = missingFirst
        }
    }

    /// The maximum length of a query string in units: words, and characters of scripts without blanks.
    package static let maxQueryUnits = 400
    /// The maximum length of a query string in bytes, whatever it consists of.
    package static let maxQueryBytes = 8192
    /// The maximum number of hits on a page.
    package static let maxPerPage = 100
    /// The maximum rank of a hit that can be reached by page numbers; cursors reach all of them.
    package static let maxDepth = 10_000
    /// The names of the parameters.
    package static let parameters = [
        "q", "page", "per_page", "after", "filter", "facets", "sort", "collapse", "highlight", "explain", "timeout_ms",
        "prefix", "typo", "match", "tiers", "fields", "rules",
    ]
    /// The maximum number of hits of a page whose scores are explained.
    package static let maxExplained = 10
    /// The maximum timeout that a request may have, in milliseconds.
    package static let maxTimeoutMilliseconds = 60_000

    /// Creates a request for the first page of a query, with the defaults for everything else.
    package init(_ q: String = "") { self.q = q }

    /// Parses the parameters of a request. Each may be given once; fields are checked later, by the search.
    ///
    /// Errors: the problem of the first parameter that is unknown, repeated or not valid.
    package init(parameters: [(name: String, value: String)]) throws(RequestProblem) {
        var seen: Set<String> = []
        matching.isUnfinished = parameters.first { $0.name == "q" }?.value.last.map { !$0.isWhitespace } ?? false
        for (name, value) in parameters {
            guard Self.parameters.contains(name) else {
                let isPartOfFilter = name.contains(":")
                throw .unknownParameter(
                    name, known: Self.parameters,
                    hint: isPartOfFilter ? "if it is part of a filter, write && as %26%26 in the URL" : nil)
            }
            guard seen.insert(name).inserted else { throw .repeatedParameter(name) }
            try set(name, value)
        }
        guard !wantsCursor || page == 1 else {
            throw RequestProblem(
                "bad_value", "after", "a cursor and a page cannot be combined", hint: "remove \"page\"")
        }
        guard page <= Self.maxDepth / perPage else {
            throw RequestProblem(
                "page_too_deep", "page", "hits beyond \(Self.maxDepth) cannot be paged to",
                hint: "request at most page \(Self.maxDepth / perPage), or narrow the search with a filter")
        }
    }

    /// Parses the value of one parameter.
    private mutating func set(_ name: String, _ value: String) throws(RequestProblem) {
        switch name {
        case "q":
            guard value.utf8.count <= Self.maxQueryBytes else {
                throw RequestProblem(
                    "query_too_long", "q", "the query has \(value.utf8.count) bytes",
                    hint: "use at most \(Self.maxQueryBytes) bytes")
            }
            let units = Self.units(value)
            guard units <= Self.maxQueryUnits else {
                throw RequestProblem(
                    "query_too_long", "q", "the query has \(units) words and characters",
                    hint: "use at most \(Self.maxQueryUnits)")
            }
            q = value
        case "page": page = try RequestProblem.wholeNumber(value, name, in: 1...Self.maxDepth)
        case "per_page": perPage = try RequestProblem.wholeNumber(value, name, in: 1...Self.maxPerPage)
        case "after":
            wantsCursor = true
            if value == "*" { return }
            guard let cursor = SearchCursor(value) else {
                throw RequestProblem(
                    "bad_value", "after", "the value is not a cursor",
                    hint: "start with after=*, then pass \"next\" of the previous reply unchanged")
            }
            after = cursor
        case "filter": filter = try FilterParser.parse(value)
        case "facets": facets = try FacetParser.parse(value)
        case "sort": sort = try Self.sort(value)
        case "fields": members = try MembersParser.parse(value)
        case "highlight": highlight = try HighlightParser.parse(value)
        case "prefix", "typo", "match", "tiers": try matching.set(name, value)
        case "rules":
            guard let choice = ["auto": true, "off": false][value] else {
                throw RequestProblem(
                    "bad_value", name, "\"\(value.prefix(40))\" is neither auto nor off", hint: "use auto or off")
            }
            appliesRules = choice
        case "collapse": collapse = value.trimmed.isEmpty ? nil : value.trimmed
        case "timeout_ms":
            timeout = .milliseconds(try RequestProblem.wholeNumber(value, name, in: 1...Self.maxTimeoutMilliseconds))
        default:
            guard let choice = ["true": true, "false": false][value] else {
                throw RequestProblem(
                    "bad_value", name, "\"\(value.prefix(40))\" is neither true nor false", hint: "use true or false")
            }
            explain = choice
        }
    }

    /// The number of words, and of characters of scripts without blanks, of a query string.
    static func units(_ q: String) -> Int {
        var units = 0
        var isInWord = false
        for scalar in q.unicodeScalars {
            let isPartOfWord = TextAnalyzer.isPartOfWord(scalar)
            let isSeparate = !isPartOfWord && !scalar.properties.isWhitespace && scalar.value >= 0x80
            if isPartOfWord && !isInWord || isSeparate { units += 1 }
            isInWord = isPartOfWord
        }
        return units
    }

    /// Parses sort keys, such as `year:desc, title:asc:missing_first, relevance`.
    private static func sort(_ value: String) throws(RequestProblem) -> [Sort] {
        var keys: [Sort] = []
        for key in value.split(separator: ",").map(String.init) where !key.trimmed.isEmpty {
            let parts = key.split(separator: ":", omittingEmptySubsequences: false).map { String($0).trimmed }
            if parts == ["relevance"] {
                keys.append(Sort(nil, ascending: false))
                continue
            }
            let hasValidPlacement = parts.count < 3 || ["missing_first", "missing_last"].contains(parts[2])
            guard parts.count <= 3, !parts[0].isEmpty, parts.count == 1 || ["asc", "desc"].contains(parts[1]),
                hasValidPlacement
            else {
                throw RequestProblem(
                    "bad_value", "sort", "\"\(key.prefix(40))\" is not a sort key",
                    hint: "use field:asc, field:desc, field:desc:missing_first or relevance, separated by commas")
            }
            let missingFirst = parts.count == 3 && parts[2] == "missing_first"
            keys.append(Sort(parts[0], ascending: parts.count == 1 || parts[1] == "asc", missingFirst: missingFirst))
        }
        guard keys.count <= SortField.maxFields else {
            throw RequestProblem(
                "bad_value", "sort", "the request has \(keys.count) sort keys",
                hint: "use at most \(SortField.maxFields)")
        }
        // The score alone is the default order.
        return keys == [Sort(nil, ascending: false)] ? [] : keys
    }
}

extension SearchRequest {
    /// A hash of everything that decides which hits the request has, and in which order. Requests with the same
    /// identity can share a cursor; what is shown of the hits may differ.
    var identity: UInt64 {
        let order = sort.map { "\($0.field ?? "")\u{1}\($0.ascending)\u{1}\($0.missingFirst)" }
        let parts = [
            "\(matching) \(appliesRules)", q, filter.map { "\($0)" } ?? "", order.joined(separator: "\u{2}"),
            collapse ?? "", scope.map { "\($0)" } ?? "",
        ]
        let bytes = Array(parts.joined(separator: "\u{0}").utf8)
        return bytes.withUnsafeBufferPointer { $0.baseAddress.map { hash64($0, bytes.count) } ?? 0 }
    }
}
