/// The demand for one query over some days.
package struct QueryDemand: Sendable, Equatable {
    /// The hash of the text.
    let hash: UInt64
    /// The text.
    package var text = ""
    /// The number of searches.
    package var searches = 0
    /// The number of searches without a filter that found nothing.
    package var empty = 0
    /// The number of hits of the last search without a filter; nil if it is not known.
    package var found: Int?
    /// The most distinct clients on one day: at least so many asked for it.
    package var clients = 0
    /// The most distinct clients on one day that could see all documents, and found some that have all of the words.
    var finders = 0
    /// The number of events of each kind.
    var events = DayCounts.EventCounts()
    /// The sum of the positions of the clicks that have one, and their number.
    var positions = 0
    var positioned = 0
    /// The times of the searches that were made.
    var times = TimeCounts()

    init(_ hash: UInt64) { self.hash = hash }

    /// The number of clicks for each search.
    var clickThrough: Double { searches == 0 ? 0 : Double(events.clicks) / Double(searches) }
    /// The mean position of the clicks; nil if none is known.
    var meanPosition: Double? { positioned == 0 ? nil : Double(positions) / Double(positioned) }
}

/// The events of one document at one position among the hits of a query, over some days.
package struct PlaceDemand: Sendable, Equatable {
    /// The text of the query.
    package var query = ""
    let place: DayCounts.Place
    /// The number of events of each kind.
    var events = DayCounts.EventCounts()
}

/// The demand of a catalog over some days, of which the last may still go on.
///
/// Memory: what a caller keeps. The days are walked in step, as each is sorted.
package struct DemandWindow: Sendable {
    /// The days, ascending.
    package let days: ClosedRange<LogDay>
    /// The counts of the days on which something was asked, ascending.
    private let summaries: [DaySummary]
    /// The sums over all queries and days.
    let totals: DayCounts.Totals

    init(_ days: ClosedRange<LogDay>, _ summaries: [DaySummary]) {
        self.days = days
        self.summaries = summaries
        var totals = DayCounts.Totals()
        for summary in summaries { totals += summary.totals }
        self.totals = totals
    }

    /// Calls `body` with each query whose text is known, ascending by hash.
    ///
    /// Complexity: O(queries of all days · days).
    func forEachQuery(_ body: (QueryDemand) -> Void) {
        merge(summaries.map(\.queries), key: { summaries[$0].queryHash($1) }) { hash, rows in
            var demand = QueryDemand(hash)
            var text: String?
            for (day, row) in rows {
                summaries[day].add(row, to: &demand)
                text = text ?? summaries[day].queryText(row)
            }
            guard let text else { return }
            demand.text = text
            body(demand)
        }
    }

    /// Returns the `limit` queries with the highest positive ranks, highest first; equal ones by more searches and then
    /// by their texts.
    package func queries(_ limit: Int, by rank: (QueryDemand) -> Double) -> [QueryDemand] {
        var best = Best<QueryDemand>(limit) { left, right in
            (left.searches, right.text) > (right.searches, left.text)
        }
        forEachQuery { query in
            let value = rank(query)
            if value > 0 { best.add(query, value) }
        }
        return best.sorted()
    }

    /// Returns the texts that are worth suggesting to others: those of queries for which enough clients found documents
    /// on one day, of the most clients first.
    package func popularQueries() -> [String] {
        let popular = queries(PopularQueries.maxQueries) { query in
            let isPopular = query.finders >= Self.leastFinders && query.text.utf8.count <= Self.maxSuggestedBytes
            return isPopular ? Double(query.finders) : 0
        }
        return popular.map(\.text)
    }

    /// The minimum number of clients of a suggested query: what fewer ask for may say who they are.
    private static let leastFinders = 5
    /// The maximum length of a suggested query, in bytes.
    private static let maxSuggestedBytes = 120

    /// Returns the `limit` places with the most events, most first; with `among`, only those of queries with these
    /// hashes.
    package func places(_ limit: Int, among hashes: Set<UInt64>? = nil) -> [PlaceDemand] {
        var best = Best<PlaceDemand>(limit) { left, right in
            (left.place.query, left.place.document, left.place.position)
                < (right.place.query, right.place.document, right.place.position)
        }
        merge(summaries.map(\.places), key: { summaries[$0].placeQuery($1) }) { hash, rows in
            guard hashes?.contains(hash) ?? true else { return }
            var events: [DayCounts.Place: DayCounts.EventCounts] = [:]
            for (day, row) in rows {
                let (place, counts) = summaries[day].place(row)
                events[place, default: DayCounts.EventCounts()] += counts
            }
            for (place, counts) in events { best.add(PlaceDemand(place: place, events: counts), Double(counts.all)) }
        }
        var found = best.sorted()
        let texts = texts(Set(found.map(\.place.query)))
        for i in found.indices { found[i].query = texts[found[i].place.query] ?? "" }
        return found.filter { !$0.query.isEmpty }
    }

    /// Returns the texts of queries by their hashes; those of which only events are known have none.
    private func texts(_ hashes: Set<UInt64>) -> [UInt64: String] {
        var texts: [UInt64: String] = [:]
        for summary in summaries {
            for hash in hashes where texts[hash] == nil { texts[hash] = summary.text(of: hash) }
        }
        return texts
    }

    /// Walks the rows of all days in step, ascending by key, and calls `body` with the rows of each key.
    private func merge(
        _ counts: [Int], key: (_ day: Int, _ row: Int) -> UInt64,
        _ body: (UInt64, [(day: Int, row: Int)]) -> Void
    ) {
        var next = counts.map { _ in 0 }
        var keys = counts.enumerated().map { day, count in count > 0 ? key(day, 0) : 0 }
        var rows: [(day: Int, row: Int)] = []
        while true {
            var smallest: UInt64?
            for day in counts.indices where next[day] < counts[day] { smallest = min(smallest ?? .max, keys[day]) }
            guard let smallest else { return }
            rows.removeAll(keepingCapacity: true)
            for day in counts.indices {
                while next[day] < counts[day], keys[day] == smallest {
                    rows.append((day, next[day]))
                    next[day] += 1
                    if next[day] < counts[day] { keys[day] = key(day, next[day]) }
                }
            }
            body(smallest, rows)
        }
    }
}

/// The elements with the highest values. Complexity: O(log limit) for each that is added, amortized.
private struct Best<Element> {
    private let limit: Int
    private let isBefore: (Element, Element) -> Bool
    private var elements: [(value: Double, element: Element)] = []
    /// The last of the best ones, when there were enough: what does not precede it is none of them.
    private var last: (value: Double, element: Element)?

    /// Keeps `limit` elements; `isBefore` orders those with equal values.
    init(_ limit: Int, _ isBefore: @escaping (Element, Element) -> Bool) {
        self.limit = limit
        self.isBefore = isBefore
    }

    mutating func add(_ element: Element, _ value: Double) {
        if let last, !Self.precedes((value, element), last, isBefore) { return }
        elements.append((value, element))
        if elements.count >= 2 * limit + 64 { trim() }
    }

    /// Returns the best elements, the highest first.
    mutating func sorted() -> [Element] {
        trim()
        return elements.map(\.element)
    }

    private mutating func trim() {
        elements.sort { [isBefore] in Self.precedes($0, $1, isBefore) }
        guard elements.count >= limit else { return }
        elements.removeLast(elements.count - limit)
        last = elements.last
    }

    private static func precedes(
        _ left: (value: Double, element: Element), _ right: (value: Double, element: Element),
        _ isBefore: (Element, Element) -> Bool
    ) -> Bool {
        left.value > right.value || left.value == right.value && isBefore(left.element, right.element)
    }
}
