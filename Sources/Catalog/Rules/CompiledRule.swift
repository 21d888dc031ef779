import Searching
import Segments

/// A rule in the terms of a schema.
struct CompiledRule: Sendable {
    /// A factor for the scores of the documents that match a query.
    struct Weight: Sendable {
        var factor: Double
        var query: Query
    }

    /// The rule.
    let rule: Rule
    /// The time in which it counts, in milliseconds since 1970.
    let interval: Range<Int64>
    /// The parts of a filter that the request must have.
    let condition: [Filter]
    /// The factors of scores.
    let weights: [Weight]
    /// The queries that hits must match as well.
    let filters: [Query]

    /// Converts the filters of a rule.
    ///
    /// Errors: the first filter that is not valid or does not fit the schema, with its member as the parameter.
    init(_ rule: Rule, _ schema: Schema) throws(RequestProblem) {
        self.rule = rule
        interval = rule.interval
        condition = try Self.parsed(rule.ifFilter, "if_filter", schema)?.parts ?? []
        var weights: [Weight] = []
        for (name, list) in [("boost", rule.boost), ("bury", rule.bury)] {
            for (i, weight) in (list ?? []).enumerated() {
                let queries = try Self.queries(weight.filter, "\(name)[\(i)].filter", schema)
                let query = queries.count == 1 ? queries[0] : .boolean(.init(filter: queries))
                weights.append(Weight(factor: weight.factor, query: query))
            }
        }
        self.weights = weights
        filters = try rule.filter.map { text throws(RequestProblem) in try Self.queries(text, "filter", schema) } ?? []
    }

    /// Returns the queries of a filter; a blank one is an error.
    private static func queries(_ text: String, _ member: String, _ schema: Schema) throws(RequestProblem) -> [Query] {
        guard let filter = try parsed(text, member, schema) else { return [] }
        return try FilterQueries(filter, schema).queries
    }

    /// Parses a filter and checks that it fits the schema; nil without one.
    private static func parsed(
        _ text: String?, _ member: String, _ schema: Schema
    ) throws(RequestProblem) -> Filter? {
        guard let text else { return nil }
        do throws(RequestProblem) {
            guard let filter = try FilterParser.parse(text) else {
                throw RequestProblem("bad_filter", member, "the filter is blank", hint: "remove it, or write one")
            }
            _ = try FilterQueries(filter, schema)
            return filter
        } catch {
            throw RequestProblem(error.code, member, error.detail, hint: error.hint)
        }
    }

    /// True if the rule counts at a time for a request with some parts of a filter.
    func counts(at time: Int64, _ parts: [Filter]) -> Bool {
        interval.contains(time) && condition.allSatisfy { parts.contains($0) }
    }
}
