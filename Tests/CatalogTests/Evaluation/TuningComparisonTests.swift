import Foundation
import Searching
import Segments
import Testing

@testable import Catalog

/// Judged queries by two drafts of a tuning.
@Suite struct TuningComparisonTests {
    private static let body = #"""
        {"after": {"rules": [{"id": "r", "query": {"is": "python"}, "hide": ["3"]}]},
         "queries": [{"query": "python", "grades": {"3": 1}}, {"query": "银行", "grades": {}}]}
        """#

    private struct Outcomes: Decodable {
        struct Query: Decodable {
            var query: String
            var ndcg10: [Double]
        }
        var partial: Bool
        var queries: [Query]
    }

    private static func evaluate(_ limits: SearchLimits) throws -> Outcomes {
        let (shelf, searcher) = try BookShelf.searcher()
        defer { withExtendedLifetime(shelf) {} }
        let tuning = CatalogTuning(try shelf.folder.existingIndex("books"))
        var json = JSONWriter()
        try TuningComparison(json: Array(body.utf8)).evaluate(searcher, tuning, limits: limits).write(to: &json)
        return try json.withBytes { try JSONDecoder().decode(Outcomes.self, from: Data($0)) }
    }

    @Test func bothDraftsAreMeasured() throws {
        let outcomes = try Self.evaluate(SearchLimits())
        #expect(!outcomes.partial)
        #expect(outcomes.queries.map(\.query) == ["python", "银行"])
        #expect(outcomes.queries[0].ndcg10[0] > 0)
        #expect(outcomes.queries[0].ndcg10[1] == 0)
        #expect(outcomes.queries[1].ndcg10 == [0, 0])
    }

    @Test func searchesThatWereCutShortDoNotCount() throws {
        let outcomes = try Self.evaluate(SearchLimits(deadline: .now))
        #expect(outcomes.partial)
        #expect(outcomes.queries.isEmpty)
    }
}
