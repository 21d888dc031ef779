import Searching
import Segments
import TestSupport
import Testing

/// Deleted documents are neither hits nor counted, but still contribute to statistics and thereby to scores.
@Suite struct DeletedOracleTests {
    private static let shares = [0, 1, 10, 50, 99, 100]

    /// A random percentage of the documents.
    private static func deleted(_ share: Int, of count: Int, _ random: inout SplitMix64) -> Set<Int> {
        let shuffled = (0..<count).shuffled(using: &random)
        return Set(shuffled.prefix(share == 100 ? count : max(count * share / 100, share == 0 ? 0 : 1)))
    }

    @Test(arguments: shares)
    func randomDocumentsMayBeDeleted(_ share: Int) throws {
        for count in [40, 1200] {
            let testCase = OracleTests.Case(
                seed: SplitMix64.varied(30), count: count, alphabet: .mixed, queries: 60)
            let corpus = testCase.corpus
            let naive = corpus.naive
            var random = SplitMix64(seed: UInt64(share))
            let deleted = Self.deleted(share, of: count, &random)
            let comparison = OracleComparison(testCase.searches(naive, corpus), naive, without: deleted)
            try comparison.compareShapes(of: corpus, seed: 31)
        }
    }

    @Test func documentsOfLongListsMayBeDeleted() throws {
        let corpus = SkewedCorpus(seed: SplitMix64.varied(32), count: 12_000)
        let naive = corpus.naive
        var random = SplitMix64(seed: SplitMix64.varied(33))
        var queries = RandomQueries(naive, textFields: ["t"], keywordFields: ["k"], seed: random.next())
        func term(_ word: String) -> Query { .term(field: "t", word) }
        let allQueries: [Query] =
            ["most", "tide", "w0", "once"].map(term) + [
                .or([term("w0"), term("tide"), term("w5")]), .and([term("run"), term("w1")]), .all,
                .boolean(.init(should: [term("w0"), term("w1"), term("run")], minimumShould: 2)),
                .phrase(field: "t", [.init("w0", at: 0), .init("w1", at: 1)]), .term(field: "k", "red"),
            ] + (0..<6).map { _ in queries.next() }
        let searches = allQueries.enumerated().map { number, query in
            Search(
                query, limit: [1, 10, 100, 1000][number % 4], facets: number % 3 == 0 ? [FacetRequest("k")] : [],
                countsMatches: number % 5 != 4)
        }
        let scores = searches.map { naive.scores($0.query) }
        let readers = try [1, 7].map { try TemporaryIndex(corpus, segments: $0, seed: 34).reader() }
        for share in Self.shares {
            let deleted = Self.deleted(share, of: corpus.count, &random)
            let comparison = OracleComparison(searches, scores, naive, without: deleted)
            for reader in readers { try comparison.compare(reader, "\(share) per cent of \(reader.segments.count)") }
        }
        // Whole blocks and windows, the first documents, the last ones.
        for deleted in [0..<5000, 4096..<8192, 256..<512, 11_000..<12_000] {
            let comparison = OracleComparison(searches, scores, naive, without: Set(deleted))
            for reader in readers { try comparison.compare(reader, "\(deleted) of \(reader.segments.count)") }
        }
    }

    /// Deletions add to earlier ones; ids that do not exist are ignored.
    @Test func deletionsAddUp() throws {
        let corpus = RandomCorpus(seed: 35, count: 90)
        let reader = try TemporaryIndex(corpus, segments: 3, seed: 35).reader()
        let first = try reader.deleting([3, 50, 3])
        let second = try first.deleting([4, 89, 90, -1, Int.max])
        #expect(reader.liveDocuments == 90)
        #expect(first.liveDocuments == 88)
        #expect(second.liveDocuments == 86)
        func found(_ reader: IndexReader) throws -> Set<Int> {
            Set(try reader.search(Search(.all, limit: 100)).hits.map(\.document))
        }
        #expect(try found(reader) == Set(0..<90))
        #expect(try found(first) == Set(0..<90).subtracting([3, 50]))
        #expect(try found(second) == Set(0..<90).subtracting([3, 50, 4, 89]))
        #expect(try second.deleting([]).liveDocuments == 86)
        #expect(try second.deleting(0..<90).liveDocuments == 0)
        #expect(try second.search(Search(.all, limit: 0)).total == 86)
        // A deleted document can still be read until its segment is merged.
        #expect(corpus.documents[3].equals(try first.document(3)))
    }
}
