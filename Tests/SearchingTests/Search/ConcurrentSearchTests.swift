import Searching
import TestSupport
import Testing

/// Any number of tasks may search one reader at the same time.
@Suite struct ConcurrentSearchTests {
    @Test func concurrentSearchesReturnTheSameResults() async throws {
        let corpus = SkewedCorpus(seed: 111, count: 5000)
        let reader = try TemporaryIndex(corpus, segments: 3, seed: 111).reader()
        var queries = RandomQueries(corpus.naive, textFields: ["t"], keywordFields: ["k"], seed: 112)
        var searches: [Search] = []
        for number in 0..<40 {
            searches.append(
                Search(
                    queries.next(), limit: [1, 10, 1000][number % 3], facets: number % 4 == 0 ? [FacetRequest("k")] : []
                ))
        }
        let alone = try searches.map { try reader.search($0) }
        let shared = searches
        let different = try await withThrowingTaskGroup(of: Int.self) { group in
            for seed in 0..<8 {
                group.addTask {
                    var random = SplitMix64(seed: UInt64(seed))
                    var different = 0
                    for number in shared.indices.shuffled(using: &random) {
                        if try reader.search(shared[number]) != alone[number] { different += 1 }
                    }
                    return different
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(different == 0)
    }
}
