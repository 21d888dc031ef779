import TestSupport
import Testing

@testable import Searching
@testable import Segments

/// The threshold from a sample of documents, against the scores of all documents.
@Suite struct ScoreSampleTests {
    private static func term(_ word: String) -> Query { .term(field: "t", word) }

    private static let frequent = Query.or(["most", "run", "w0"].map(term))

    private static let queries: [Query] = [
        .or(["most", "w0", "burst"].map(term)),
        .boolean(.init(must: [frequent], should: [.constant(term("seldom"), 4), term("w69")])),
        .boolean(.init(must: [term("most")], should: [term("burst")], mustNot: [term("w1")])),
        .boolean(.init(should: [term("burst"), term("w5"), term("w45")], filter: [frequent])),
        .functionScore(
            .boolean(.init(must: [frequent], should: [term("seldom"), term("w45")])), by: [.weight(2, term("tide"))]),
        .and([term("most"), term("seldom")]),
    ]

    @Test(arguments: [1, 2] as [UInt64])
    func enoughDocumentsReachTheThreshold(_ seed: UInt64) throws {
        let corpus = SkewedCorpus(seed: SplitMix64.varied(seed), count: 12_000)
        let reader = try TemporaryIndex(corpus).reader()
        var raised = 0
        for query in Self.queries {
            let all = try reader.search(Search(query, limit: corpus.count)).hits
            for limit in [1, 10, 100] {
                let plan = try SearchPlan(query, reader, BM25(), isScored: true)
                let stream = try #require(try plan.stream(0, SegmentScope(documents: corpus.count)))
                stream.chooseWindowForScoring()
                var top = TopScores(limit: limit)
                let sample = ScoreSample(stream, limit: limit, nil, SearchBudget())
                top.raise(to: sample)
                for hit in sample.hits {
                    #expect(all.first { $0.document == hit.document }?.score == hit.score, "\(query)")
                }
                raised += top.least > -.infinity ? 1 : 0
                #expect(all.count { $0.score >= top.least } >= min(limit, all.count), "\(query), \(limit)")
            }
        }
        #expect(raised > Self.queries.count, "of \(3 * Self.queries.count) samples")
    }

    @Test func deletedDocumentsDoNotRaiseTheThreshold() throws {
        let corpus = SkewedCorpus(seed: 5, count: 12_000)
        let reader = try TemporaryIndex(corpus).reader()
        let query = Self.queries[1]
        let best = try reader.search(Search(query, limit: 20)).hits
        var top = TopScores(limit: 10)
        let plan = try SearchPlan(query, reader, BM25(), isScored: true)
        let stream = try #require(try plan.stream(0, SegmentScope(documents: corpus.count)))
        stream.chooseWindowForScoring()
        let live = LiveDocuments(
            documents: corpus.count, deleted: DocumentSet(best.prefix(10).map(\.document)))
        let sample = ScoreSample(stream, limit: 10, live, SearchBudget())
        top.raise(to: sample)
        #expect(top.least > 0)
        #expect(top.least <= best[19].score)
        #expect(!sample.hits.contains { hit in best.prefix(10).contains { $0.document == hit.document } })
    }

    @Test func noDocumentIsSampledWhenTheTimeIsOver() throws {
        let corpus = SkewedCorpus(seed: 5, count: 12_000)
        let reader = try TemporaryIndex(corpus).reader()
        let plan = try SearchPlan(Self.queries[1], reader, BM25(), isScored: true)
        let stream = try #require(try plan.stream(0, SegmentScope(documents: corpus.count)))
        stream.chooseWindowForScoring()
        let budget = SearchBudget(SearchLimits(deadline: .now))
        #expect(ScoreSample(stream, limit: 10, nil, budget).hits.isEmpty)
        #expect(budget.isOutOfTime)
    }

    /// Each level rounds its sum to a float: the sum of all clauses may be lower than the score by as many roundings.
    @Test func nestedOptionalClausesHideNoHit() throws {
        let corpus = SkewedCorpus(seed: 5, count: 12_000)
        let reader = try TemporaryIndex(corpus).reader()
        let best = try #require((10_000..<12_000).first { corpus.texts[$0].hasSuffix("most") })
        let step: Float = 0x1p-23
        var query = Query.constant(Self.term("most"), 1)
        for _ in 0..<40 {
            query = .boolean(.init(must: [query], should: [.constant(Self.term("most"), 0.6 * step)]))
        }
        query = .boolean(.init(must: [query], should: [.documents([.init(best, score: 2 * step)])]))
        #expect(try reader.search(Search(query, limit: 1)).hits.map(\.document) == [best])
    }
}
