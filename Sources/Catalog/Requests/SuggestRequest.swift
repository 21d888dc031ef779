import Segments

/// The kind of a suggestion, by which a page groups and labels it.
package enum SuggestedKind: String, Sendable, CaseIterable {
    case title, author, series, category
    /// A query that many clients search for.
    case query

    /// Creates the kind of the texts of a field.
    init(_ kind: SuggestionKind) {
        switch kind {
        case .title: self = .title
        case .author: self = .author
        case .series: self = .series
        case .category: self = .category
        }
    }
}

/// A request for suggestions, as it comes from HTTP or the command line.
///
/// ```swift
/// let request = try SuggestRequest(parameters: [("q", "harr"), ("kinds", "title,author"), ("limit", "5")])
/// let reply = try searcher.suggest(request)
/// ```
package struct SuggestRequest: Sendable, Equatable {
    /// The text that was typed so far.
    package var q = ""
    /// The maximum number of suggestions, from 1 to `maxLimit`.
    package var limit = maxLimit
    /// The kinds of suggestions.
    package var kinds = Set(SuggestedKind.allCases)
    /// The filter that a document of each suggestion must match; nil for none.
    package var filter: Filter?
    /// The time after which the reply has what was found by then; nil for no limit.
    package var timeout: Duration?

    /// The maximum number of suggestions.
    package static let maxLimit = 10
    /// The maximum length of the typed text that is used, in characters; nothing is suggested for a longer one.
    package static let maxCharacters = 200
    /// The names of the parameters.
    package static let parameters = ["q", "limit", "kinds", "filter", "timeout_ms"]

    /// Creates a request for all kinds.
    package init(_ q: String = "") { self.q = q }

    /// Parses the parameters of a request. Each may be given once.
    ///
    /// Errors: the problem of the first parameter that is unknown, repeated or not valid.
    package init(parameters: [(name: String, value: String)]) throws(RequestProblem) {
        for (index, (name, value)) in parameters.enumerated() {
            if parameters[..<index].contains(where: { $0.name == name }) { throw .repeatedParameter(name) }
            switch name {
            case "q": q = value
            case "limit": limit = try RequestProblem.wholeNumber(value, name, in: 1...Self.maxLimit)
            case "kinds": kinds = try Self.kinds(value)
            case "filter": filter = try FilterParser.parse(value)
            case "timeout_ms":
                let range = 1...SearchRequest.maxTimeoutMilliseconds
                timeout = .milliseconds(try RequestProblem.wholeNumber(value, name, in: range))
            default: throw .unknownParameter(name, known: Self.parameters)
            }
        }
    }

    private static func kinds(_ value: String) throws(RequestProblem) -> Set<SuggestedKind> {
        var kinds: Set<SuggestedKind> = []
        for name in value.split(separator: ",") {
            guard let kind = SuggestedKind(rawValue: String(name).trimmed) else {
                throw RequestProblem(
                    "bad_value", "kinds", "\"\(name.prefix(40))\" is no kind of suggestions",
                    hint: "use \(SuggestedKind.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            kinds.insert(kind)
        }
        return kinds
    }
}
