import Foundation
import Indexer
import OracleSupport
import Testing

/// Random requests of random documents in indexes of random schemas, by the hundred with all tests and by the hundred
/// thousand when asked for (`QUIRE_PROOF=1`): queries of every class, filters, facets with and without their own
/// filter, orders, places to go on from, collapsed hits, over any number of segments, merged or not, with documents
/// deleted.
@Suite struct OracleProofTests {
    private static let isProof = ProcessInfo.processInfo.environment["QUIRE_PROOF"] != nil

    @Test func randomRequests() throws {
        let wanted = Self.isProof ? 100_000 : 600
        var random = SplitMix64(seed: SplitMix64.varied(500))
        var requests = 0
        var corpora = 0
        while requests < wanted {
            corpora += 1
            let one = OracleTests.Case(
                seed: random.next(), count: random.pick([1, 40, 300, 300, 900, 2500]),
                alphabet: random.pick([.ascii, .cjk, .marks, .mixed]), queries: 200, hasRandomSchema: random.chance(70))
            let corpus = one.corpus
            let naive = corpus.naive
            let share = random.pick([0, 0, 5, 60])
            let deleted = Set((0..<corpus.count).filter { _ in random.chance(share) })
            let index = try TemporaryIndex(corpus, segments: 1 + random.below(7), seed: random.next())
            if random.chance(30) { try index.merge(to: 1 + random.below(3)) }
            let comparison = OracleComparison(one.searches(naive, corpus), naive, without: deleted)
            try comparison.compare(index.reader(), "corpus \(corpora), \(one)")
            requests += one.queries
            if requests % 10_000 == 0 { print("oracle: \(requests) of \(wanted)") }
        }
        print("oracle: \(requests) random requests over \(corpora) corpora")
    }
}
