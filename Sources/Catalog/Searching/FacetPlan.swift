import Searching
import Segments

/// The facets of a request: the engine's facet requests for them, and the engine's counts as a reply has them.
struct FacetPlan {
    /// The number of values of a facet that does not specify a size.
    static let defaultSize = 50

    /// The engine's requests, in the order of the facets. Each is counted without the filter on its own field
    /// (drill-sideways), so that the other values stay selectable.
    private(set) var requests: [FacetRequest] = []
    /// The requested facets with their fields, aligned with `requests`.
    private var facets: [(requested: RequestedFacet, field: Field)] = []
    private let filters: FilterQueries
    /// The facets that the profile offers, with labels.
    private let offered: [SearchProfile.LabeledField]

    /// Plans the facets of a request. Those that the profile offers have its labels.
    ///
    /// Errors: the first facet that does not fit the schema.
    init(
        _ facets: [RequestedFacet], _ filters: FilterQueries, _ schema: Schema, _ offered: [SearchProfile.LabeledField]
    ) throws(RequestProblem) {
        self.filters = filters
        self.offered = offered
        for facet in facets {
            guard let field = schema.field(facet.field)?.field, field.name != schema.key,
                field.type == .keyword || field.hasNumbers
            else { throw Self.unknown(facet.field, schema) { $0.type == .keyword || $0.hasNumbers } }
            let kind = try kind(facet, field, schema)
            requests.append(FacetRequest(facet.field, kind, without: filters.number(of: facet.field)))
            self.facets.append((facet, field))
        }
    }

    /// The problem of a facet whose field does not fit its kind; the hint lists the fields that do.
    private static func unknown(_ name: String, _ schema: Schema, _ fits: (Field) -> Bool) -> RequestProblem {
        let fitting = schema.fields.filter { $0.name != schema.key && fits($0) }.map(\.name)
        return RequestProblem(
            "unknown_facet", "facets", "\"\(name)\" is not a facet of that kind",
            hint: "facets of that kind: \(fitting.joined(separator: ", "))")
    }

    /// The engine's kind of a facet, after checking that it fits the field.
    private func kind(
        _ facet: RequestedFacet, _ field: Field, _ schema: Schema
    ) throws(RequestProblem) -> FacetRequest.Kind {
        switch facet.kind {
        case .usual where field.type == .boolean:
            return .ranges([1, 0].map { ValueRange(lower: .init(.integer($0)), upper: .init(.integer($0))) })
        case .usual where field.hasNumbers: return .statistics
        case .usual: return .values(.init(size: Self.defaultSize, including: filters.selected(field.name)))
        case .values(let values):
            guard field.type == .keyword else { throw Self.unknown(field.name, schema) { $0.type == .keyword } }
            return .values(try listed(values, field))
        case .distinct:
            guard field.type == .keyword else { throw Self.unknown(field.name, schema) { $0.type == .keyword } }
            return .distinct
        case .ranges(let conditions):
            guard field.hasNumbers else { throw Self.unknown(field.name, schema, \.hasNumbers) }
            var ranges: [ValueRange] = []
            for condition in conditions {
                guard case .range(let lower, let upper) = condition else { continue }
                ranges.append(try FilterQueries.range(lower, upper, field, parameter: "facets"))
            }
            return .ranges(ranges)
        case .calendar(let unit):
            guard field.type == .date else { throw Self.unknown(field.name, schema) { $0.type == .date } }
            return .calendar(unit)
        case .histogram(let width):
            guard field.hasNumbers, field.type != .date else {
                throw field.type == .date
                    ? RequestProblem(
                        "bad_facet", "facets", "\"\(field.name)\" has dates, which cannot be divided by a width",
                        hint: "count dates by day, month or year: \(field.name)(by month)")
                    : Self.unknown(field.name, schema, \.hasNumbers)
            }
            guard width > 0 else {
                throw RequestProblem(
                    "bad_facet", "facets", "\"\(field.name)\" has the width \(width)", hint: "use a width above 0")
            }
            return .histogram(width: width)
        }
    }

    /// The engine's request for a list of values.
    private func listed(_ values: RequestedFacet.Values, _ field: Field) throws(RequestProblem)
        -> FacetRequest.ValueFacet
    {
        var listed = FacetRequest.ValueFacet(
            size: values.size ?? Self.defaultSize, including: filters.selected(field.name),
            order: values.isAlphabetic ? .value : .count, prefix: values.starting)
        if let under = values.under {
            guard let separator = field.separator else {
                throw RequestProblem(
                    "bad_facet", "facets", "\"\(field.name)\" is not hierarchical",
                    hint: "only fields with a \"separator\" have values under others")
            }
            listed.prefix = under.isEmpty ? "" : under + separator
            listed.separator = separator
        }
        listed.containing = values.containing
        return listed
    }

    /// Returns the facets of a reply for the engine's counts, which are aligned with `requests`.
    func replies(_ counts: [FacetCounts]) -> [SearchReply.Facet] {
        zip(facets, counts).map { facet, counts in
            let field = facet.field
            let selected = Set(filters.selected(field.name))
            let labels = offered.first { $0.field == field.name }
            var reply = SearchReply.Facet(field: field.name)
            reply.label = labels?.label
            switch facet.requested.kind {
            case .usual where field.type == .boolean:
                reply.values = zip(["true", "false"], counts.ranges).map {
                    .init(value: $0, count: $1, selected: selected.contains($0), label: labels?.values?[$0])
                }
                reply.other = 0
            case .values,
                .usual where field.type == .keyword:
                reply.values = counts.values.map {
                    .init(
                        value: $0.value, count: $0.count, selected: selected.contains($0.value),
                        label: labels?.values?[$0.value])
                }
                reply.other = counts.other
            case .ranges(let conditions): reply.ranges = zip(conditions, counts.ranges).map { Self.interval($0, $1) }
            case .histogram, .calendar:
                reply.histogram = counts.buckets.map {
                    .init(from: Self.edge($0.from, field), to: Self.edge($0.to, field), count: $0.count)
                }
            case .usual: reply.stats = counts.statistics.map { Self.stats($0, field) }
            case .distinct: reply.distinct = counts.distinct
            }
            return reply
        }
    }

    /// A number of a field, as a date for a date field.
    private static func edge(_ number: Double, _ field: Field) -> SearchReply.Facet.Edge {
        field.type == .date ? .date(Field.dateText(number)) : .number(number)
    }

    /// Statistics as a reply has them: no sum for dates and for sums that JSON cannot represent.
    private static func stats(_ numbers: FacetCounts.Statistics, _ field: Field) -> SearchReply.Facet.Stats {
        let sum = field.type == .date || !numbers.sum.isFinite ? nil : numbers.sum
        return .init(
            count: numbers.count, min: numbers.least.map { edge($0, field) },
            max: numbers.greatest.map { edge($0, field) },
            sum: sum, avg: numbers.count == 0 ? nil : sum.map { $0 / Double(numbers.count) })
    }

    /// A counted range with its bounds as they were written.
    private static func interval(_ condition: Filter.Condition, _ count: Int) -> SearchReply.Facet.Interval {
        guard case .range(let lower, let upper) = condition else { return .init(range: "..", count: count) }
        let end = upper.map { ($0.isIncluded ? "" : "<") + $0.text } ?? ""
        return .init(range: (lower?.text ?? "") + ".." + end, from: lower?.text, to: upper?.text, count: count)
    }
}
