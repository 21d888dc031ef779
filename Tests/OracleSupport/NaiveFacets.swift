import Indexer

/// Facets counted by looking at each document.
enum NaiveFacets {
    /// The counts over some documents.
    static func count(_ request: FacetRequest, _ documents: [NaiveDocument]) -> NaiveResult.Facet {
        var facet = NaiveResult.Facet(field: request.field)
        let numbers = documents.compactMap { $0.numbers[request.field] }
        let plain = numbers.map(\.plain)
        switch request.kind {
        case .values(let listed): list(request, listed, documents, &facet)
        case .distinct: facet.distinct = counts(request.field, documents).count
        case .ranges(let ranges):
            facet.ranges = ranges.map { range in numbers.count { NaiveValues.contains(range, $0) } }
        case .histogram(let width):
            var buckets: [Double: Int] = [:]
            for number in plain { buckets[(number / width).rounded(.down) * width, default: 0] += 1 }
            facet.buckets = buckets.sorted { $0.key < $1.key }.map { .init(from: $0.key, count: $0.value) }
        case .statistics:
            var sum = plain.reduce(0, +)
            let units = numbers.compactMap(\.units)
            if !units.isEmpty { sum = Double(units.reduce(0) { $0 + Int128($1) }) }
            if case .hundredths? = numbers.first { sum /= 100 }
            facet.statistics = .init(count: plain.count, least: plain.min(), greatest: plain.max(), sum: sum)
        }
        return facet
    }

    private static func counts(_ field: String, _ documents: [NaiveDocument]) -> [TermBytes: Int] {
        var counts: [TermBytes: Int] = [:]
        for document in documents {
            for value in Set(document.keywords[field] ?? []) where !value.isEmpty { counts[value, default: 0] += 1 }
        }
        return counts
    }

    private static func list(
        _ request: FacetRequest, _ listed: FacetRequest.ValueFacet, _ documents: [NaiveDocument],
        _ facet: inout NaiveResult.Facet
    ) {
        let counts = counts(request.field, documents).filter { value, _ in
            let text = String(decoding: value, as: UTF8.self).unicodeScalars
            guard value.starts(with: listed.prefix.utf8) else { return false }
            guard let separator = listed.separator else { return true }
            let rest = text.dropFirst(listed.prefix.unicodeScalars.count)
            return !rest.indices.contains { rest[$0...].starts(with: separator.unicodeScalars) }
        }
        let all = counts.sorted {
            listed.order == .count && $0.value != $1.value
                ? $0.value > $1.value : $0.key.lexicographicallyPrecedes($1.key)
        }
        facet.values = all.prefix(listed.size).map { NaiveResult.Value(value: $0.key, count: $0.value) }
        for value in listed.including.map({ Array($0.utf8) }) where !facet.values.contains(where: { $0.value == value })
        {
            facet.values.append(NaiveResult.Value(value: value, count: counts[value] ?? 0))
        }
        let sum = counts.values.reduce(0, +)
        facet.other = sum - facet.values.reduce(0) { $0 + $1.count }
    }
}
