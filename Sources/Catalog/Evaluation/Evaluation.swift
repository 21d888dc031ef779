import Indexer

/// What a catalog's rankings are worth on judged queries.
public struct Evaluation: Sendable {
    /// One query's ranking and what it is worth.
    public struct Outcome: Sendable {
        /// The query.
        public var query: JudgedQueries.Query
        /// The keys of the best documents, at most a hundred.
        public var ranking: [String]
        /// Documents found.
        public var found: Int
        /// What the ranking is worth.
        public var measures: Measures
        /// Milliseconds that the search took.
        public var milliseconds: Double
    }

    /// In the order of the queries.
    public let outcomes: [Outcome]
    /// The mean over the queries.
    public let mean: Measures
    /// Queries that were not asked, as nothing is known to answer them.
    public let leftOut: Int

    /// Asks a catalog all queries.
    ///
    /// Errors: those of a search.
    public init(_ searcher: CatalogSearcher, _ judged: JudgedQueries) throws(CatalogError) {
        var outcomes: [Outcome] = []
        let clock = ContinuousClock()
        for query in judged.queries {
            let start = clock.now
            let (ranking, found) = try searcher.ranking(query.text, limit: 100)
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

    /// The middle number of documents found; between two, their mean, rounded down.
    public var medianFound: Int { Self.median(outcomes.map(\.found)) }

    static func median(_ values: [Int]) -> Int {
        let sorted = values.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }

    /// Milliseconds within which a share of the searches ended: the least of their times that is enough.
    public func latency(_ share: Double) -> Double { Self.percentile(outcomes.map(\.milliseconds), share) }

    static func percentile(_ values: [Double], _ share: Double) -> Double {
        // A product of a round share is a hair off.
        let rank = Int((Double(values.count) * share - 1e-9).rounded(.up))
        return values.sorted()[min(max(rank, 1), values.count) - 1]
    }

    /// Compares the nDCG of two evaluations of the same queries.
    public func compared(with other: Evaluation) -> PairedTest {
        PairedTest(zip(outcomes, other.outcomes).map { $0.measures.ndcg10 - $1.measures.ndcg10 })
    }
}
