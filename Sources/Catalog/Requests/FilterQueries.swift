import Searching
import Segments

/// The queries of a request's filter. Parts on the same field are one query of their own, which a facet on that field
/// can leave out (drill-sideways).
struct FilterQueries {
    /// The queries that a document must match, all of them; they do not score.
    private(set) var queries: [Query] = []
    /// The field of each query, aligned with `queries`; nil if it has tests on several fields.
    private var fields: [String?] = []
    /// The filter of each query, aligned with `queries`.
    private var parts: [Filter] = []
    private let schema: Schema

    /// Converts a filter to queries.
    ///
    /// Errors: `unknown_filter` for a field that cannot be filtered by, `bad_filter` for a value that does not fit its
    /// field.
    init(_ filter: Filter?, _ schema: Schema) throws(RequestProblem) {
        self.schema = schema
        for part in filter?.parts ?? [] {
            let field = part.onlyField
            if let field, let index = fields.firstIndex(of: field) {
                parts[index] = .all([parts[index], part])
            } else {
                fields.append(field)
                parts.append(part)
            }
        }
        for part in parts { queries.append(try query(part)) }
    }

    /// The index of the query that has tests on this field only; nil if there is none.
    func number(of field: String) -> Int? { fields.firstIndex(of: field) }

    /// The values of a field that the filter selects, in their order and without duplicates.
    func selected(_ field: String) -> [String] {
        var seen: Set<String> = []
        return number(of: field).map { parts[$0].namedValues.filter { seen.insert($0).inserted } } ?? []
    }

    private func query(_ filter: Filter) throws(RequestProblem) -> Query {
        switch filter {
        case .all(let parts): return .boolean(.init(filter: try queries(parts)))
        case .any(let parts): return .or(try queries(parts))
        case .not(let inner): return .boolean(.init(mustNot: [try query(inner)], filter: [.all]))
        case .test(let name, let condition): return try query(name, condition)
        }
    }

    private func queries(_ parts: [Filter]) throws(RequestProblem) -> [Query] {
        var queries: [Query] = []
        for part in parts { queries.append(try query(part)) }
        return queries
    }

    private func query(_ name: String, _ condition: Filter.Condition) throws(RequestProblem) -> Query {
        guard let field = schema.field(name)?.field, Self.canFilter(field) else {
            let filterable = schema.fields.filter(Self.canFilter).map(\.name).joined(separator: ", ")
            throw RequestProblem(
                "unknown_filter", "filter", "cannot filter by \"\(name)\"", hint: "fields to filter by: \(filterable)")
        }
        switch condition {
        case .exists: return .exists(field: name)
        case .wildcard(let text): return try Self.query(.wildcard(text), text, field)
        case .expression(let text): return try Self.query(.expression(text), text, field)
        case .range(let lower, let upper):
            return .range(field: name, try Self.range(lower, upper, field, parameter: "filter"))
        case .values(let values):
            if field.type == .keyword {
                return values.count == 1 ? .term(field: name, values[0]) : .pattern(field: name, .any(values))
            }
            var queries: [Query] = []
            for value in values {
                let bound = try Self.bound(Filter.Bound(value), field, "filter")
                queries.append(.range(field: name, ValueRange(lower: bound, upper: bound)))
            }
            return queries.count == 1 ? queries[0] : .or(queries)
        }
    }

    /// True for keyword fields and fields of numbers, dates and Booleans.
    private static func canFilter(_ field: Field) -> Bool { field.type == .keyword || field.hasNumbers }

    /// The query for a pattern of the values of a keyword field, as it was written.
    ///
    /// Errors: `bad_filter` for other fields, and for an expression that is not valid.
    private static func query(
        _ pattern: TermPattern, _ text: String, _ field: Field
    ) throws(RequestProblem) -> Query {
        guard field.type == .keyword else {
            throw problem(
                "filter", text, "a pattern, and \"\(field.name)\" has no texts",
                "use \(field.name):=value, or \(field.name):10..50 for numbers and dates")
        }
        if let problem = pattern.problem {
            throw RequestProblem(
                "bad_filter", "filter", "the pattern of \"\(field.name)\" is not valid: \(problem)",
                hint: "use \(field.name):ab-* or a regular expression of the whole value, "
                    + "\(field.name):~`ab-[0-9]{4}(-x)?`")
        }
        return .pattern(field: field.name, pattern)
    }

    /// Returns a range of a field's values.
    ///
    /// Errors: a problem of `parameter`, the parameter that has the range, if a bound does not fit the field.
    static func range(
        _ lower: Filter.Bound?, _ upper: Filter.Bound?, _ field: Field, parameter: String
    ) throws(RequestProblem) -> ValueRange {
        ValueRange(lower: try bound(lower, field, parameter), upper: try bound(upper, field, parameter))
    }

    private static func bound(
        _ bound: Filter.Bound?, _ field: Field, _ parameter: String
    ) throws(RequestProblem) -> ValueRange.Bound? {
        guard let bound else { return nil }
        return ValueRange.Bound(try value(bound.text, field, parameter), isIncluded: bound.isIncluded)
    }

    /// A value in the type of a field.
    private static func value(
        _ text: String, _ field: Field, _ parameter: String
    ) throws(RequestProblem) -> ValueRange.Value {
        switch field.type {
        case .keyword, .text, .stored, .suggestion, .vocabulary: return .text(text)
        case .date:
            if Field.isDate(text) { return .text(text) }
            throw problem(
                parameter, text, "not a date that \"\(field.name)\" can be compared with",
                "use dates such as 2021, 2021-03 or 2021-03-04")
        case .boolean:
            if let isTrue = ["true": true, "false": false][text] { return .integer(isTrue ? 1 : 0) }
            throw problem(
                parameter, text, "neither true nor false, the values of \"\(field.name)\"", "use true or false")
        case .integer, .float, .price:
            if let whole = Int64(text) { return .integer(whole) }
            if let number = Double(text), number.isFinite { return .float(number) }
            throw problem(
                parameter, text, "not a number that \"\(field.name)\" can be compared with",
                "use numbers such as 12 or 3.5")
        }
    }

    /// The problem of a value of `parameter`: `"text" is description`.
    private static func problem(
        _ parameter: String, _ text: String, _ description: String, _ hint: String
    ) -> RequestProblem {
        RequestProblem(
            parameter == "filter" ? "bad_filter" : "bad_facet", parameter, "\"\(text.prefix(40))\" is \(description)",
            hint: hint)
    }
}
