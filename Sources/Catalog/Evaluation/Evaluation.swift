import Searching

/// The quality of a catalog's rankings, measured with judged queries.
///
/// ```swift
/// let judged = try JudgedQueries(queries: "queries.tsv", judgments: "qrels.tsv")
/// let evaluation = try Evaluation(try DataFolder("quire-data").open("books"), judged)
/// print(evaluation.mean.ndcg10, evaluation.latency(0.95))
/// ```
public struct Evaluation: Sendable {
    /// The ranking of one query with its measures.
    public struct Outcome: Sendable {
        /// The query.
        public var query: JudgedQueries.Query
        /// The keys of the best documents, at most 100, best first.
        public var ranking: [String]
        /// The number of documents found.
        public var found: Int
        /// The measures of the ranking.
        public var measures: Measures
        /// The time of the search, in milliseconds.
        public var milliseconds: Double
    }

    /// The outcomes, in the order of the queries.
    public let outcomes: [Outcome]
    /// The means of the measures over the queries.
    public let mean: Measures
    /// The number of queries that were not run, because they have no relevant document.
    public let leftOut: Int

    /// Runs all queries, one after the other, and measures their rankings; with `isUnfinished` as if somebody were
    /// still typing their last words.
    ///
    /// Errors: those of a search.
    public init(
        _ searcher: CatalogSearcher, _ judged: JudgedQueries, isUnfinished: Bool = false
    ) throws(CatalogError) {
        var outcomes: [Outcome] = []
        let clock = ContinuousClock()
        for query in judged.queries {
            let start = clock.now
            let (ranking, found) = try searcher.ranking(query.text, isUnfinished: isUnfinished, limit: 100)
            let elapsed = (clock.now - start).components
            outcomes.append(
                Outcome(
                    query: query, ranking: ranking, found: found, measures: Measures(ranking, query.grades),
                    milliseconds: Double(elapsed.seconds) * 1e3 + Double(elapsed.attoseconds) / 1e15))
        }
        self.outcomes = outcomes
        leftOut = judged.leftOut
        mean = Measures(mean: outcomes.map(\.measures))
    }

    /// The median of the numbers of documents found; between two, their mean, rounded down.
    public var medianFound: Int { Self.median(outcomes.map(\.found)) }

    /// Returns the median of at least one value; between two, their mean, rounded down.
    static func median(_ values: [Int]) -> Int {
        let sorted = values.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }

    /// Returns a percentile of the times of the searches, in milliseconds; `share` is from 0 to 1.
    public func latency(_ share: Double) -> Double { Self.percentile(outcomes.map(\.milliseconds), share) }

    /// Returns the smallest of the values that at least a share of them does not exceed (nearest rank).
    static func percentile(_ values: [Double], _ share: Double) -> Double {
        // The product is inexact: 100 · 0.95 must not be rounded up to 96.
        let rank = Int((Double(values.count) * share - 1e-9).rounded(.up))
        return values.sorted()[min(max(rank, 1), values.count) - 1]
    }

    /// Compares the nDCG@10 with that of another evaluation of the same queries, query by query.
    public func compared(with other: Evaluation) -> PairedTest {
        PairedTest(zip(outcomes, other.outcomes).map { $0.measures.ndcg10 - $1.measures.ndcg10 })
    }
}
