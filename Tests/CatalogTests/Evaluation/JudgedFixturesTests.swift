import Foundation
import Indexer
import Testing

@testable import Catalog

/// The judged queries of `Fixtures/judged`, from the files to the figures.
@Suite struct JudgedFixturesTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/judged").path

    private static func evaluate(_ set: String, _ change: (inout Ranking) -> Void = { _ in }) throws -> Evaluation {
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

    /// Both languages rank the right paragraph first for 19 of 20 questions. A change that lowers these has to say why.
    @Test(arguments: [("xquad-en", 0.968), ("xquad-zh", 0.971)])
    func rankingsAreAsGoodAsTheyWere(set: String, least: Double) throws {
        let evaluation = try Self.evaluate(set)
        #expect(evaluation.outcomes.count == 592)
        #expect(evaluation.mean.ndcg10 >= least)
        #expect(evaluation.mean.recall100 >= 0.995)
        #expect(evaluation.mean.empty == 0)
    }

    /// Characters beside pairs of them are what Chinese questions gain most by.
    @Test func theReportTellsTwoRankingsApart() throws {
        let all = try Self.evaluate("xquad-zh")
        let pairsOnly = try Self.evaluate("xquad-zh") { $0.characters = 0 }
        let test = all.compared(with: pairsOnly)
        #expect(test.difference > 0 && test.wins > test.losses)
        let report = EvaluationReport(
            catalog: "xquad <zh>", names: ["all & more", "pairs"], evaluations: [all, pairsOnly])
        let figures = report.figures(listing: 7)
        #expect(figures.profiles.count == 2 && figures.queries.count == 7 && figures.wins == test.wins)
        #expect(report.table(listing: 3).split(separator: "\n").count == 1 + 3 + 1 + 3)
        let page = report.page(listing: 12)
        // It loads nothing, everything is escaped, and each chart is there: three of both rankings, one of differences.
        #expect(!page.contains("src=") && !page.contains("href=") && !page.contains("<script"))
        #expect(page.contains("xquad &lt;zh&gt;") && page.contains("all &amp; more") && !page.contains("all & more"))
        #expect(page.components(separatedBy: "<svg ").count == 5)
        #expect(page.components(separatedBy: "<rect ").count == 1 + 2 * (5 + 10 + 5) + test.wins + test.losses)
        #expect(page.components(separatedBy: "class=\"rank\"").count == 1 + 12)
    }
}
