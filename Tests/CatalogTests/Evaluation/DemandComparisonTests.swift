import Foundation
import Segments
import Storage
import TestSupport
import Testing

@testable import Catalog

/// Profiles weighed by the demand in a log.
@Suite struct DemandComparisonTests {
    private func log(
        _ folder: DemandFolder, _ searches: [(query: String, count: Int)],
        _ events: [(query: String, kind: DemandEvent.EventKind, document: String)]
    ) throws -> DemandWindow {
        let key = try QueryIDKey(folder)
        let writers = DemandFolder.LogKind.allCases.map { LogFileWriter(folder, "books", $0, maxBytes: 1 << 20) }
        for (query, count) in searches {
            let line = #"{"at":1,"query":"\#(query)","page":1,"found":2}"# + "\n"
            for _ in 0..<count { try writers[0].append(Array(line.utf8), LogDay(number: 20_000), sync: false) }
        }
        for (query, kind, document) in events {
            let id = key.id(of: "books", query: QueryID.hash(query), reply: 1).text
            let line =
                #"{"at":1,"type":"\#(kind.rawValue)","query_id":"\#(id)","id":"\#(document)","position":1}"# + "\n"
            try writers[1].append(Array(line.utf8), LogDay(number: 20_000), sync: false)
        }
        return try DemandReports(folder, writes: false).window(of: "books", days: 1, now: TestClock.noon(20_000))
    }

    @Test func demandWeighsWhichResultsMove() throws {
        let lines = [
            #"{"id": "t", "title": "python snakes", "description": "animals"}"#,
            #"{"id": "d", "title": "animals", "description": "python python python"}"#,
            #"{"id": "o", "title": "dune", "description": "desert"}"#,
        ]
        let schema = try Schema(
            key: "id", fields: [Field("id", .keyword), Field("title", .text), Field("description", .text)])
        let (shelf, searcher) = try BookShelf.searcher(
            lines, schema, profile: #"{"weights": {"title": 5, "description": 0.1}}"#)
        let other = #"{"weights": {"title": 0.1, "description": 5}}"#
        let profile = try SearchProfile(json: Array(other.utf8), path: "other.json", schema: searcher.reader.schema)
        let window = try log(
            DemandFolder(shelf.path + "/log"), [("python", 30), ("dune", 10), ("nothing", 5)],
            [("python", .click, "d"), ("python", .order, "d"), ("python", .click, "t"), ("dune", .click, "o")])
        let comparison = try DemandComparison(window, [("now", searcher), ("new", searcher.with(profile))])
        let figures = comparison.figures(listing: 5)
        #expect(figures.searches == 45)
        #expect(figures.compared == 45)
        #expect(figures.queries == 3)
        #expect(figures.judged == 2)
        #expect(figures.moved.map(\.query) == ["python"])
        #expect(figures.moved.first?.rankings == [["t", "d"], ["d", "t"]])
        #expect(figures.moved.first?.places == 2)
        #expect(figures.differing == 0.6667)
        // Ordered is grade 3, clicked 1: gains 7 and 1, ideal 7 + 1 / log2(3), which is 1.585.
        let discount = 1 / 1.584962500721156
        let worse = (1 + 7 * discount) / (7 + discount)
        #expect(abs(figures.ndcg10[0] - (30 * worse + 10) / 40) < 1e-4)
        #expect(figures.ndcg10[1] == 1)
        let table = comparison.table(listing: 5)
        #expect(table.contains("2024-10-04 to 2024-10-04: 45 searches; 3 queries with 45 of them"))
        #expect(table.contains("30 × python: 2 of 10 places"))
        #expect(table.contains("d: 2 → 1"))
        withExtendedLifetime(shelf) {}
    }

    @Test func aLogWithoutEventsStillTellsWhatMoves() throws {
        let (shelf, searcher) = try BookShelf.searcher()
        let window = try log(DemandFolder(shelf.path + "/log"), [("python", 3)], [])
        let one = try DemandComparison(window, [("books", searcher)])
        #expect(one.table(listing: 5).contains("no events"))
        #expect(!one.table(listing: 5).contains("differ"))
        let same = try DemandComparison(window, [("a", searcher), ("b", searcher)])
        #expect(same.figures(listing: 5).moved.isEmpty)
        #expect(same.table(listing: 5).contains("differ for 0.0 %"))
        let nothing = try DemandComparison(
            try log(DemandFolder(shelf.path + "/empty"), [], []), [("a", searcher), ("b", searcher)])
        #expect(nothing.figures(listing: 5).queries == 0)
        withExtendedLifetime(shelf) {}
    }
}
