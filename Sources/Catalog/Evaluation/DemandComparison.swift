/// Two rankings of a catalog weighed by what shoppers ask: which results move, and whether what they clicked rises.
///
/// The queries are those that the log has most often, each as heavy as its searches. Documents that were clicked are
/// taken for relevant (grade 1), those put into a cart more (2), those ordered most (3). That favors the ranking that
/// shoppers saw: what it did not show could not be clicked.
package struct DemandComparison: Sendable {
    /// The first ten documents of one query by each ranking.
    struct Outcome: Sendable {
        var query: QueryDemand
        var rankings: [[String]]
        /// The nDCG@10 by each ranking; nil for a query without events.
        var ndcg: [Double]?

        /// The number of the first ten places that hold another document by the second ranking.
        var moved: Int {
            guard let first = rankings.first, let last = rankings.last else { return 0 }
            return (0..<DemandComparison.depth).count { place in
                (place < first.count ? first[place] : nil) != (place < last.count ? last[place] : nil)
            }
        }
    }

    /// The names of the rankings, one or two.
    package let names: [String]
    /// The outcomes, by the number of searches.
    let outcomes: [Outcome]
    private let window: DemandWindow

    private static let depth = 10
    /// The number of queries that are compared.
    package static let queries = 1000
    /// The number of places of which events are known.
    private static let places = 100_000

    /// Ranks the queries of some days with each searcher, one after the other.
    ///
    /// Errors: those of a search.
    package init(
        _ window: DemandWindow, _ rankings: [(name: String, searcher: CatalogSearcher)], limit: Int = queries
    ) throws(CatalogError) {
        self.window = window
        names = rankings.map(\.name)
        let queries = window.queries(limit) { Double($0.searches) }
        var grades: [UInt64: [String: Int]] = [:]
        for place in window.places(Self.places, among: Set(queries.map(\.hash))) {
            let grade = place.events.orders > 0 ? 3 : place.events.carts > 0 ? 2 : 1
            let known = grades[place.place.query]?[place.place.document] ?? 0
            grades[place.place.query, default: [:]][place.place.document] = max(grade, known)
        }
        var outcomes: [Outcome] = []
        for query in queries {
            var keys: [[String]] = []
            for (_, searcher) in rankings {
                // As the API searches: the last word may be unfinished.
                keys.append(try searcher.ranking(query.text, isUnfinished: true, limit: Self.depth).keys)
            }
            let ndcg = grades[query.hash].map { grades in keys.map { Measures($0, grades).ndcg10 } }
            outcomes.append(Outcome(query: query, rankings: keys, ndcg: ndcg))
        }
        self.outcomes = outcomes
    }

    /// The number of searches of the queries that were compared.
    private var searches: Int { outcomes.reduce(0) { $0 + $1.query.searches } }

    /// The mean nDCG@10 of each ranking over all searches of queries with events; empty without any.
    private var ndcg: [Double] {
        let judged = outcomes.filter { $0.ndcg != nil }
        let weight = judged.reduce(0) { $0 + $1.query.searches }
        guard weight > 0 else { return [] }
        return names.indices.map { ranking in
            judged.reduce(0) { $0 + Double($1.query.searches) * ($1.ndcg?[ranking] ?? 0) } / Double(weight)
        }
    }

    /// The outcomes whose first ten places differ, by the number of searches times that of the places.
    private var moving: [Outcome] {
        outcomes.enumerated().filter { $0.element.moved > 0 }
            .sorted { left, right in
                let weights = [left, right].map { $0.element.query.searches * $0.element.moved }
                return (weights[1], left.offset) < (weights[0], right.offset)
            }.map(\.element)
    }

    /// Returns the share of the searches for whose outcomes something holds.
    private func share(_ isMeant: (Outcome) -> Bool) -> Double {
        let all = searches
        return all == 0 ? 0 : Double(outcomes.filter(isMeant).reduce(0) { $0 + $1.query.searches }) / Double(all)
    }

    /// Returns the comparison as text for a terminal, with the `count` queries that move most.
    package func table(listing count: Int) -> String {
        let total = window.totals.searches
        var lines = [
            "\(window.days.lowerBound) to \(window.days.upperBound): \(total) searches; "
                + "\(outcomes.count) queries with \(searches) of them"
        ]
        let judged = outcomes.count { $0.ndcg != nil }
        if ndcg.isEmpty {
            lines.append("no events: nothing says which results are right")
        } else {
            let figures = zip(names, ndcg).map { "\(printable($0)) \(fixed($1, 4))" }.joined(separator: ", ")
            lines.append("nDCG@10 by clicks, \(judged) queries, weighted by searches: \(figures)")
        }
        guard names.count > 1 else { return lines.joined(separator: "\n") }
        lines.append(
            "first ten differ for \(fixed(share { $0.moved > 0 } * 100, 1)) % of the searches, "
                + "the first one for \(fixed(share { $0.rankings[0].first != $0.rankings[1].first } * 100, 1)) %")
        for outcome in moving.prefix(count) {
            lines.append(
                "  \(outcome.query.searches) × \(printable(outcome.query.text)): \(outcome.moved) of 10 places")
            for change in outcome.changes { lines.append("    " + printable(change)) }
        }
        return lines.joined(separator: "\n")
    }

    /// The comparison for programs.
    package struct Summary: Encodable, Sendable {
        struct Moved: Encodable, Sendable {
            var query: String
            var searches: Int
            var places: Int
            var rankings: [[String]]
        }

        var from: String
        var to: String
        var searches: Int
        var compared: Int
        var queries: Int
        var names: [String]
        var ndcg10: [Double]
        var judged: Int
        var differing: Double
        var moved: [Moved]
    }

    /// Returns the comparison for programs, with the `count` queries that move most.
    package func figures(listing count: Int) -> Summary {
        Summary(
            from: window.days.lowerBound.description, to: window.days.upperBound.description,
            searches: window.totals.searches, compared: searches, queries: outcomes.count, names: names,
            ndcg10: ndcg.map { $0.rounded(toPlaces: 4) }, judged: outcomes.count { $0.ndcg != nil },
            differing: share { $0.moved > 0 }.rounded(toPlaces: 4),
            moved: moving.prefix(count).map {
                Summary.Moved(
                    query: $0.query.text, searches: $0.query.searches, places: $0.moved, rankings: $0.rankings)
            })
    }
}

extension DemandComparison.Outcome {
    /// The documents that stand elsewhere by the second ranking, as `document: from → to`.
    fileprivate var changes: [String] {
        let (first, last) = (rankings[0], rankings[1])
        var keys = last
        for key in first where !keys.contains(key) { keys.append(key) }
        return keys.compactMap { key in
            let places = [first, last].map { ranking in ranking.firstIndex(of: key).map { "\($0 + 1)" } ?? "–" }
            return places[0] == places[1] ? nil : "\(key): \(places[0]) → \(places[1])"
        }
    }
}
