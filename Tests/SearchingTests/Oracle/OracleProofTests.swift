import Foundation
import Indexer
import TestSupport
import Testing

/// Random searches over random documents in indexes of random schemas: hundreds with all tests, a hundred thousand with
/// `QUIRE_PROOF=1`. They cover queries of every class, filters, facets with and without drill-sideways, orders,
/// search-after positions and collapsed hits, over any number of segments, merged or not, with deleted documents.
@Suite struct OracleProofTests {
    private static let isProof = ProcessInfo.processInfo.environment["QUIRE_PROOF"] != nil

    @Test func randomSearchesEqualTheNaiveIndex() throws {
        let target = Self.isProof ? 100_000 : 600
        var random = SplitMix64(seed: SplitMix64.varied(500))
        var requests = 0
        var corpora = 0
        while requests < target {
            corpora += 1
            let testCase = OracleTests.Case(
                seed: random.next(), count: random.pick([1, 40, 300, 300, 900, 2500]),
                alphabet: random.pick([.ascii, .cjk, .marks, .mixed]), queries: 200, hasRandomSchema: random.chance(70))
            let corpus = testCase.corpus
            let naive = corpus.naive
            let share = random.pick([0, 0, 5, 60])
            let deleted = Set((0..<corpus.count).filter { _ in random.chance(share) })
            let index = try TemporaryIndex(corpus, segments: 1 + random.below(7), seed: random.next())
            if random.chance(30) { try index.merge(to: 1 + random.below(3)) }
            let comparison = OracleComparison(testCase.searches(naive, corpus), naive, without: deleted)
            try comparison.compare(index.reader(), "corpus \(corpora), \(testCase)")
            requests += testCase.queries
            if requests % 10_000 == 0 { print("oracle: \(requests) of \(target)") }
        }
        print("oracle: \(requests) random requests over \(corpora) corpora")
    }
}
