import Foundation
import Segments
import Testing

@testable import Catalog

/// End-to-end evaluations of the judged queries in `Fixtures/judged`.
@Suite struct JudgedFixturesTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/judged").path

    /// The evaluation of a fixture with the default ranking options, or changed ones.
    private static func evaluate(
        _ set: String, _ change: (inout RankingOptions) -> Void = { _ in }
    ) throws -> Evaluation {
        let shelf = BookShelf()
        defer { withExtendedLifetime(shelf) {} }
        let schema = try Schema(json: Array(try Data(contentsOf: URL(filePath: "\(folder)/schema.json"))))
        let job = IndexJob(files: ["\(folder)/\(set)/docs.jsonl.gz"], schema: schema)
        _ = try job.run("judged", in: shelf.folder)
        let searcher = try shelf.folder.open("judged")
        var profile = searcher.profile
        change(&profile.ranking)
        let judged = try JudgedQueries(
            queries: "\(folder)/\(set)/queries.tsv", judgments: "\(folder)/\(set)/qrels.tsv")
        return try Evaluation(searcher.with(profile), judged)
    }

    /// In both languages the right paragraph is first for 19 of 20 questions. A change that lowers these figures must
    /// give a reason.
    @Test(arguments: [("xquad-en", 0.968), ("xquad-zh", 0.971)])
    func rankingQualityDoesNotRegress(set: String, minimum: Double) throws {
        let evaluation = try Self.evaluate(set)
        #expect(evaluation.outcomes.count == 592)
        #expect(evaluation.mean.ndcg10 >= minimum)
        #expect(evaluation.mean.recall100 >= 0.995)
        #expect(evaluation.mean.empty == 0)
    }

    /// Single characters beside pairs improve the ranking of Chinese questions most.
    @Test func theReportComparesTwoProfiles() throws {
        let all = try Self.evaluate("xquad-zh")
        let pairsOnly = try Self.evaluate("xquad-zh") { $0.characters = 0 }
        let test = all.compared(with: pairsOnly)
        #expect(test.difference > 0)
        #expect(test.wins > test.losses)
        let report = EvaluationReport(
            catalog: "xquad <zh>", names: ["all & more", "pairs"], evaluations: [all, pairsOnly])
        let figures = report.figures(listing: 7)
        #expect(figures.profiles.count == 2)
        #expect(figures.queries.count == 7)
        #expect(figures.wins == test.wins)
        #expect(report.table(listing: 3).split(separator: "\n").count == 1 + 3 + 1 + 3)
        let page = report.page(listing: 12)
        // The page loads nothing, its text is escaped, and it has four charts: three of both rankings, one of
        // differences.
        #expect(!page.contains("src="))
        #expect(!page.contains("href="))
        #expect(!page.contains("<script"))
        #expect(page.contains("xquad &lt;zh&gt;"))
        #expect(page.contains("all &amp; more"))
        #expect(!page.contains("all & more"))
        #expect(page.components(separatedBy: "<svg ").count == 5)
        #expect(page.components(separatedBy: "<rect ").count == 1 + 2 * (5 + 10 + 5) + test.wins + test.losses)
        #expect(page.components(separatedBy: "class=\"rank\"").count == 1 + 12)
    }
}
