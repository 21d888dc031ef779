import Foundation
import Searching

/// Facets counted document by document.
enum NaiveFacets {
    /// The counts of a facet over some documents.
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
            facet.buckets = histogram(numbers) { number in
                // A date is its number of milliseconds here.
                var number = number
                if case .timestamp(let value) = number { number = .integer(value) }
                // Beyond the last bucket edges would not be exact.
                let digits = "\(width)".filter { $0 != "." }
                let last =
                    width < 1e15
                    ? (0x1p53 / (width.rounded() == width ? width : Double(digits)!)).rounded(.down) : 0x1p52
                if abs(number.plain / width) >= last {
                    let greatest = Double.greatestFiniteMagnitude
                    let written = Decimal(string: "\(width)")!
                    func edge(_ bucket: Double) -> Double { double(Decimal(Int(bucket)) * written) }
                    return number.plain > 0 ? (edge(last), greatest) : (-greatest, edge(1 - last))
                }
                var bucket = Decimal(Int((number.plain / width).rounded(.down)))
                let width = Decimal(string: "\(width)")!
                // By trial, because the division may have been rounded over an edge.
                while NaiveValues.contains(.below(bucket * width), number) { bucket -= 1 }
                while !NaiveValues.contains(.below((bucket + 1) * width), number) { bucket += 1 }
                return (double(bucket * width), double((bucket + 1) * width))
            }
        case .calendar(let unit):
            facet.buckets = histogram(numbers) { number in
                let date = Date(timeIntervalSince1970: number.plain / 1000)
                let component: Calendar.Component = unit == .day ? .day : unit == .month ? .month : .year
                let period = NaiveValues.calendar.dateInterval(of: component, for: date)!
                return (period.start.timeIntervalSince1970 * 1000, period.end.timeIntervalSince1970 * 1000)
            }
        case .statistics:
            var sum = plain.reduce(0, +)
            let units = numbers.compactMap(\.units)
            if !units.isEmpty { sum = Double(units.reduce(0) { $0 + Int128($1) }) }
            if case .hundredths? = numbers.first { sum /= 100 }
            facet.statistics = .init(count: plain.count, least: plain.min(), greatest: plain.max(), sum: sum)
        }
        return facet
    }

    /// The buckets with at least one number, ascending; `edges` returns the bucket of a number.
    private static func histogram(
        _ numbers: [NaiveNumber], _ edges: (NaiveNumber) -> (from: Double, to: Double)
    ) -> [FacetCounts.Bucket] {
        var buckets: [Double: FacetCounts.Bucket] = [:]
        for number in numbers {
            let (from, to) = edges(number)
            buckets[from, default: .init(from: from, to: to, count: 0)].count += 1
        }
        return buckets.values.sorted { $0.from < $1.from }
    }

    /// The floating-point number nearest to a decimal.
    fileprivate static func double(_ decimal: Decimal) -> Double { Double("\(decimal)")! }

    /// The number of documents of each value of a keyword field.
    private static func counts(_ field: String, _ documents: [NaiveDocument]) -> [TermBytes: Int] {
        var counts: [TermBytes: Int] = [:]
        for document in documents {
            for value in Set(document.keywords[field] ?? []) where !value.isEmpty { counts[value, default: 0] += 1 }
        }
        return counts
    }

    /// Fills in the listed values of a facet and the sum of the others.
    private static func list(
        _ request: FacetRequest, _ listed: FacetRequest.ValueFacet, _ documents: [NaiveDocument],
        _ facet: inout NaiveResult.Facet
    ) {
        let allCounts = counts(request.field, documents)
        let counts = allCounts.filter { value, _ in
            guard value.starts(with: listed.prefix.utf8) else { return false }
            guard let separator = listed.separator else { return true }
            // A value is directly below the prefix if no other level is between.
            let above = RandomCorpus.levels(value, Array(separator.utf8)).dropLast()
            return !above.contains { $0.count > listed.prefix.utf8.count }
        }
        let ordered = counts.sorted {
            listed.order == .count && $0.value != $1.value
                ? $0.value > $1.value : $0.key.lexicographicallyPrecedes($1.key)
        }
        facet.values = ordered.prefix(listed.size).map { NaiveResult.Value(value: $0.key, count: $0.value) }
        for value in listed.including.map({ Array($0.utf8) }) where !facet.values.contains(where: { $0.value == value })
        {
            facet.values.append(NaiveResult.Value(value: value, count: allCounts[value] ?? 0))
        }
        let sum = counts.values.reduce(0, +)
        facet.other = sum - facet.values.reduce(0) { $0 + (counts[$1.value] ?? 0) }
    }
}

extension ValueRange {
    /// The range of the values below a number.
    fileprivate static func below(_ number: Decimal) -> ValueRange {
        ValueRange(upper: .init(.float(NaiveFacets.double(number)), isIncluded: false))
    }
}
