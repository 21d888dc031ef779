import Indexer

/// A request's filter as the engine takes it: a query for each field of its own, so that a facet can leave out its own.
struct FilterQueries {
    /// What must hold, each without scoring.
    private(set) var queries: [Query] = []
    /// The field each speaks of alone; nil where there are several.
    private var fields: [String?] = []
    private var parts: [Filter] = []
    private let schema: Schema

    /// Errors: `request` for fields that cannot be filtered by, and for values that do not fit them.
    init(_ filter: Filter?, _ schema: Schema) throws(RequestProblem) {
        self.schema = schema
        for part in filter?.parts ?? [] {
            let field = part.onlyField
            if let field, let known = fields.firstIndex(of: field) {
                parts[known] = .all([parts[known], part])
            } else {
                fields.append(field)
                parts.append(part)
            }
        }
        for part in parts { queries.append(try query(part)) }
    }

    /// The number of the query that speaks of a field alone; nil when there is none.
    func number(of field: String) -> Int? { fields.firstIndex(of: field) }

    /// The values of a field that are asked for.
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
        var all: [Query] = []
        for part in parts { all.append(try query(part)) }
        return all
    }

    private func query(_ name: String, _ condition: Filter.Condition) throws(RequestProblem) -> Query {
        guard let field = schema.field(name)?.field, Self.canFilter(field) else {
            let known = schema.fields.filter(Self.canFilter).map(\.name).joined(separator: ", ")
            throw RequestProblem(
                "unknown_filter", "filter", "cannot filter by \"\(name)\"", hint: "fields to filter by: \(known)")
        }
        switch condition {
        case .exists: return .exists(field: name)
        case .range(let lower, let upper):
            return .range(field: name, try Self.range(lower, upper, field, parameter: "filter"))
        case .values(let values):
            if field.type == .keyword {
                return values.count == 1 ? .term(field: name, values[0]) : .pattern(field: name, .any(values))
            }
            var all: [Query] = []
            for value in values {
                let bound = try Self.bound(Filter.Bound(value), field, "filter")
                all.append(.range(field: name, ValueRange(lower: bound, upper: bound)))
            }
            return all.count == 1 ? all[0] : .or(all)
        }
    }

    private static func canFilter(_ field: Field) -> Bool { field.type == .keyword || field.hasNumbers }

    /// A range of a field's values.
    ///
    /// Errors: bounds that do not fit the field, by the name of the parameter they come from.
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

    /// A value as a field compares it.
    private static func value(
        _ text: String, _ field: Field, _ parameter: String
    ) throws(RequestProblem) -> ValueRange.Value {
        switch field.type {
        case .keyword, .text, .stored: return .text(text)
        case .date:
            if Field.isDate(text) { return .text(text) }
            throw problem(
                parameter, text, "no date to compare \"\(field.name)\" with",
                "write dates such as 2021, 2021-03 or 2021-03-04")
        case .boolean:
            if let isTrue = ["true": true, "false": false][text] { return .integer(isTrue ? 1 : 0) }
            throw problem(
                parameter, text, "neither true nor false, which is what \"\(field.name)\" has", "write true or false")
        case .integer, .float, .price:
            if let whole = Int64(text) { return .integer(whole) }
            if let number = Double(text), number.isFinite { return .float(number) }
            throw problem(
                parameter, text, "no number to compare \"\(field.name)\" with", "write numbers such as 12 or 3.5")
        }
    }

    private static func problem(
        _ parameter: String, _ text: String, _ what: String, _ hint: String
    ) -> RequestProblem {
        RequestProblem(
            parameter == "filter" ? "bad_filter" : "bad_facet", parameter, "\"\(text.prefix(40))\" is \(what)",
            hint: hint)
    }
}
