import Testing

@testable import Searching

/// The upper bound of a query's scores.
@Suite struct GreatestScoreTests {
    @Test func disjunctionMaxAddsAShareOfTheOthers() {
        let scores: [PreparedQuery] = [.all(score: 2), .all(score: 5), .none]
        #expect(PreparedQuery.disjunctionMax(scores, tieBreaker: 0).greatestScore == 5)
        #expect(PreparedQuery.disjunctionMax(scores, tieBreaker: 0.5).greatestScore == 5 * 0.5 + 7 * 0.5)
        #expect(PreparedQuery.disjunctionMax([], tieBreaker: 0).greatestScore == 0)
    }

    /// Each clause is evaluated once; twice per level would never end.
    @Test func deepQueriesAreBoundedInLinearTime() {
        var query = PreparedQuery.all(score: 3)
        for _ in 0..<100 { query = .disjunctionMax([query, .all(score: 1)], tieBreaker: 0) }
        #expect(query.greatestScore == 3)
        for _ in 0..<100 { query = .disjunctionMax([query, .none], tieBreaker: 0.5) }
        #expect(query.greatestScore == 3)
    }
}
