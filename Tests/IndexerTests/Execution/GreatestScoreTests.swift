import Testing

@testable import Indexer

@Suite struct GreatestScoreTests {
    @Test func theBestCountsWithAShareOfTheOthers() {
        let scores: [PreparedQuery] = [.all(score: 2), .all(score: 5), .none]
        #expect(PreparedQuery.best(scores, others: 0).greatestScore == 5)
        #expect(PreparedQuery.best(scores, others: 0.5).greatestScore == 5 * 0.5 + 7 * 0.5)
        #expect(PreparedQuery.best([], others: 0).greatestScore == 0)
    }

    /// Each clause is asked once: if it were twice, this would not end.
    @Test func depthCostsNothing() {
        var query = PreparedQuery.all(score: 3)
        for _ in 0..<100 { query = .best([query, .all(score: 1)], others: 0) }
        #expect(query.greatestScore == 3)
        for _ in 0..<100 { query = .best([query, .none], others: 0.5) }
        #expect(query.greatestScore == 3)
    }
}
