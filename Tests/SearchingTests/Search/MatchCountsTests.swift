import Searching
import Segments
import TestSupport
import Testing

/// Counts of documents by the number of queries that they match, against the naive index.
@Suite struct MatchCountsTests {
    @Test(arguments: 1...6)
    func countsAreThoseOfTheNaiveIndex(seed: Int) throws {
        let corpus = RandomCorpus(seed: UInt64(seed), count: 300)
        let naive = corpus.naive
        var random = SplitMix64(seed: UInt64(seed))
        var queries = RandomQueries(
            naive, textFields: ["title", "body"], keywordFields: ["tags"], numberFields: ["year"], seed: random.next())
        let deleted = Set((0..<300).filter { _ in random.chance(seed * 10) })
        for segments in [1, 4] {
            let reader = try TemporaryIndex(corpus, segments: segments, seed: 5).reader().deleting(deleted)
            let memory = SearchMemory()
            for _ in 0..<30 {
                let counted = (0...random.below(6)).map { _ in random.chance(50) ? queries.term() : queries.next() }
                let condition = random.chance(50) ? queries.next() : nil
                let admitted = condition.map { Set(naive.scores($0).keys) }
                var numbers = [Int](repeating: 0, count: 300)
                for query in counted { for document in naive.scores(query).keys { numbers[document] += 1 } }
                let counts = try reader.matchCounts(of: counted, among: condition, sharing: memory)
                #expect(!counts.isPartial)
                let documents = (0..<300).filter { !deleted.contains($0) && admitted?.contains($0) ?? true }
                for minimum in 1...counted.count + 1 {
                    #expect(counts.atLeast(minimum) == documents.count { numbers[$0] >= minimum }, "\(counted)")
                }
                #expect(counts.greatest == documents.map { numbers[$0] }.max() ?? 0)
            }
        }
    }

    @Test func countingEndsOnceEnoughDocumentsMatchAll() throws {
        let corpus = RandomCorpus(seed: 9, count: 2000, vocabulary: 20)
        let reader = try TemporaryIndex(corpus, segments: 8, seed: 9).reader()
        let terms = corpus.naive.terms("title").map { Query.term(field: "title", String(decoding: $0, as: UTF8.self)) }
        let frequent = Array(try terms.sorted { try found($0, reader) > found($1, reader) }.prefix(2))
        let all = try reader.matchCounts(of: frequent, among: nil)
        let enough = all.atLeast(2) / 3
        #expect(enough > 0)
        let some = try reader.matchCounts(of: frequent, among: nil, until: enough)
        #expect(some.atLeast(2) >= enough)
        #expect(some.atLeast(2) < all.atLeast(2))
        #expect(!some.isPartial)
    }

    private func found(_ query: Query, _ reader: IndexReader) throws -> Int {
        try reader.search(Search(query, limit: 0)).total ?? 0
    }

    @Test func countsOutOfTimeArePartial() throws {
        let reader = try TemporaryIndex(RandomCorpus(seed: 9, count: 20), segments: 1, seed: 9).reader()
        let counts = try reader.matchCounts(of: [.all, .all], among: nil, limits: SearchLimits(deadline: .now))
        #expect(counts.isPartial)
        #expect(counts.greatest == 0)
        #expect(throws: IndexError.self) {
            try reader.matchCounts(of: [.all, .all], among: nil, limits: SearchLimits(clauses: 1))
        }
    }
}
