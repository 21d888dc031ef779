import Indexer

/// A request's facets as the engine counts them, and its answers as they go over the wire.
struct FacetQuestions {
    /// Values listed of a facet.
    static let usualSize = 50

    /// What to count, each without its own filter, so that its other values stay selectable.
    private(set) var requests: [FacetRequest] = []
    private let filters: FilterQueries

    /// Errors: a facet that does not fit the schema.
    init(_ facets: [RequestedFacet], _ filters: FilterQueries, _ schema: Schema) throws(RequestProblem) {
        self.filters = filters
        for facet in facets {
            guard let field = schema.field(facet.field)?.field, field.name != schema.key,
                field.type == .keyword || field.hasNumbers
            else { throw Self.unknown(facet.field, schema) { $0.type == .keyword || $0.hasNumbers } }
            let kind = try kind(facet, field, schema)
            requests.append(FacetRequest(facet.field, kind, without: filters.number(of: facet.field)))
        }
    }

    private static func unknown(_ name: String, _ schema: Schema, _ fits: (Field) -> Bool) -> RequestProblem {
        let known = schema.fields.filter { $0.name != schema.key && fits($0) }.map(\.name)
        return RequestProblem(
            "unknown_facet", "facets", "\"\(name)\" is no facet of that kind",
            hint: "facets: \(known.joined(separator: ", "))")
    }

    private func kind(
        _ facet: RequestedFacet, _ field: Field, _ schema: Schema
    ) throws(RequestProblem) -> FacetRequest.Kind {
        switch facet.kind {
        case .usual where field.hasNumbers: return .statistics
        case .usual: return .values(.init(size: Self.usualSize, including: filters.selected(field.name)))
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
        case .histogram(let width):
            guard field.hasNumbers else { throw Self.unknown(field.name, schema, \.hasNumbers) }
            guard width > 0 else {
                throw RequestProblem(
                    "bad_facet", "facets", "a width of \(width) for \"\(field.name)\"", hint: "give one above 0")
            }
            return .histogram(width: width)
        }
    }

    private func listed(_ values: RequestedFacet.Values, _ field: Field) throws(RequestProblem)
        -> FacetRequest.ValueFacet
    {
        var listed = FacetRequest.ValueFacet(
            size: values.size ?? Self.usualSize, including: filters.selected(field.name),
            order: values.isAlphabetic ? .value : .count, prefix: values.starting)
        if let under = values.under {
            guard let separator = field.separator else {
                throw RequestProblem(
                    "bad_facet", "facets", "\"\(field.name)\" is no hierarchy",
                    hint: "only fields with a \"separator\" have places under others")
            }
            listed.prefix = under.isEmpty ? "" : under + separator
            listed.separator = separator
            listed.including = listed.including.filter { $0.hasPrefix(listed.prefix) }
        }
        return listed
    }

    /// The engine's counts as a reply has them.
    func replies(_ counts: [FacetCounts]) -> [SearchReply.Facet] {
        zip(requests, counts).map { request, counts in
            let selected = Set(filters.selected(counts.field))
            var reply = SearchReply.Facet(field: counts.field)
            switch request.kind {
            case .values:
                reply.values = counts.values.map {
                    .init(value: $0.value, count: $0.count, selected: selected.contains($0.value))
                }
                reply.other = counts.other
            case .ranges(let ranges):
                reply.ranges = zip(ranges, counts.ranges).map { range, count in
                    .init(from: range.lower.map(Self.text), to: range.upper.map(Self.text), count: count)
                }
            case .histogram(let width):
                reply.histogram = counts.buckets.map { .init(from: $0.from, to: $0.from + width, count: $0.count) }
            case .statistics:
                reply.stats = counts.statistics.map {
                    .init(
                        count: $0.count, min: $0.least, max: $0.greatest, sum: $0.sum,
                        avg: $0.count == 0 ? nil : $0.sum / Double($0.count))
                }
            case .distinct: reply.distinct = counts.distinct
            }
            return reply
        }
    }

    private static func text(_ bound: ValueRange.Bound) -> String {
        switch bound.value {
        case .integer(let number): "\(number)"
        case .float(let number): "\(number)"
        case .text(let text): text
        }
    }
}
