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
        mean = Measures(mean: outcomes.map(\.measures))
    }

    /// The middle number of documents found.
    public var medianFound: Int { outcomes.map(\.found).sorted()[outcomes.count / 2] }

    /// Milliseconds within which a share of the searches ended.
    public func latency(_ share: Double) -> Double {
        let sorted = outcomes.map(\.milliseconds).sorted()
        return sorted[min(Int(Double(sorted.count) * share), sorted.count - 1)]
    }

    /// Compares the nDCG of two evaluations of the same queries.
    public func compared(with other: Evaluation) -> PairedTest {
        PairedTest(zip(outcomes, other.outcomes).map { $0.measures.ndcg10 - $1.measures.ndcg10 })
    }
}
