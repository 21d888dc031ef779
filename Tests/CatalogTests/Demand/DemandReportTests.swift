import Foundation
import Storage
import TestSupport
import Testing

@testable import Catalog

/// Reports as JSON.
@Suite struct DemandReportTests {
    private let files = FaultyFileSystem()
    private var folder: DemandFolder { DemandFolder("/data", files: files) }

    /// Writes a log of one day: queries with the number of their searches, found documents and time in milliseconds.
    private func write(_ queries: [(text: String, searches: Int, found: Int, took: Double)]) throws -> QueryIDKey {
        let key = try QueryIDKey(folder)
        let writer = LogFileWriter(folder, "books", .searches, maxBytes: 1 << 20)
        var lines = ""
        for query in queries {
            for number in 0..<query.searches {
                lines +=
                    #"{"at":\#(TestClock.noon(20_000) + number),"client":"\#(number % 3 + 1)","took":\#(query.took),"#
                lines += #""query":"\#(query.text)","page":1,"found":\#(query.found)}"# + "\n"
            }
        }
        try writer.append(Array(lines.utf8), LogDay(number: 20_000), sync: false)
        return key
    }

    private func report(_ kind: DemandReport.ReportKind, limit: Int = 10) throws -> [String: Any] {
        let window = try DemandReports(folder, writes: false)
            .window(of: "books", days: 7, now: TestClock.noon(20_000))
        var json = JSONWriter()
        DemandReport(kind, "books", window, limit: limit).write(to: &json)
        let bytes = json.withBytes { Array($0) }
        return try #require(JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }

    private func queries(_ kind: DemandReport.ReportKind, limit: Int = 10) throws -> [String] {
        try #require(try report(kind, limit: limit)["queries"] as? [[String: Any]]).compactMap {
            $0["query"] as? String
        }
    }

    @Test func queriesAreListedByWhatAReportIsAbout() throws {
        _ = try write([
            ("dune", 9, 40, 1), ("三体", 12, 5, 2), ("nothing", 4, 0, 0.5), ("no book", 5, 0, 0.5), ("rare", 3, 2, 80),
            ("few", 6, 4, 3), ("equal", 6, 9, 3),
        ])
        #expect(try queries(.top, limit: 4) == ["三体", "dune", "equal", "few"])
        #expect(try queries(.noResults) == ["no book", "nothing"])
        #expect(try queries(.fewResults) == ["few", "rare"])
        #expect(try queries(.slow, limit: 2) == ["rare", "equal"])
        let report = try report(.top)
        #expect(report["catalog"] as? String == "books")
        #expect(report["days"] as? Int == 7)
        #expect(report["from"] as? String == "2024-09-28")
        #expect(report["to"] as? String == "2024-10-04")
        let totals = try #require(report["totals"] as? [String: Int])
        #expect(totals["searches"] == 45)
        #expect(totals["no_results"] == 9)
        let slow = try #require(try self.report(.slow)["queries"] as? [[String: Any]])
        #expect(slow.first?["made"] as? Int == 3)
        #expect((slow.first?["p99_ms"] as? Double).map { (80...88).contains($0) } == true)
    }

    @Test func clicksAreAttributedToQueriesAndPlaces() throws {
        let key = try write([("dune", 8, 40, 1), ("三体", 12, 5, 2)])
        let events = LogFileWriter(folder, "books", .events, maxBytes: 1 << 20)
        func add(_ kind: DemandEvent.EventKind, _ query: String, _ document: String, _ position: Int?) throws {
            let id = key.id(of: "books", query: QueryID.hash(query), reply: 1).text
            let place = position.map { #","position":\#($0)"# } ?? ""
            let line = #"{"at":1,"type":"\#(kind.rawValue)","query_id":"\#(id)","id":"\#(document)"\#(place)}"# + "\n"
            try events.append(Array(line.utf8), LogDay(number: 20_000), sync: true)
        }
        for position in [1, 1, 3] { try add(.click, "dune", "d1", position) }
        try add(.click, "dune", "d2", nil)
        try add(.order, "dune", "d2", 4)
        try add(.click, "三体", "s1", 2)
        // A search that the log does not have.
        try add(.click, "unknown", "x", 1)
        let top = try #require(try report(.top)["queries"] as? [[String: Any]])
        #expect(top[1]["clicks"] as? Int == 4)
        #expect(top[1]["click_through"] as? Double == 0.5)
        #expect(top[1]["position"] as? Double == 1.67)
        #expect(top[1]["orders"] as? Int == 1)
        #expect(top[1]["clients"] as? Int == 3)
        #expect(top[1]["found"] as? Int == 40)
        let report = try report(.clicks)
        let places = try #require(report["places"] as? [[String: Any]])
        let rows = places.map { row in
            let place = ["query", "document", "position"].compactMap { name in row[name].map { "\($0)" } }
            return place.joined(separator: " ") + ": \(row["clicks"] ?? "") \(row["orders"] ?? "")"
        }
        #expect(rows.first == "dune d1 1: 2 0")
        #expect(
            Set(rows) == [
                "dune d1 1: 2 0", "dune d1 3: 1 0", "dune d2: 1 0", "dune d2 4: 0 1", "三体 s1 2: 1 0",
            ])
        #expect((report["totals"] as? [String: Int])?["clicks"] == 6)
    }

    /// A report is read of many days and queries without their being in memory, in the order of their ranks.
    @Test func theBestOfManyDaysAreChosen() throws {
        var random = SplitMix64(seed: SplitMix64.varied(6))
        var expected: [String: Int] = [:]
        for day in 19_995...20_000 {
            let writer = LogFileWriter(folder, "books", .searches, maxBytes: 1 << 20)
            var lines = ""
            for _ in 0..<500 {
                let query = "q\(random.skewed(below: 300))"
                expected[query, default: 0] += 1
                lines += #"{"at":\#(TestClock.noon(day)),"query":"\#(query)","page":1}"# + "\n"
            }
            try writer.append(Array(lines.utf8), LogDay(number: day), sync: false)
            try writer.close()
        }
        let window = try DemandReports(folder, writes: false).window(of: "books", days: 7, now: TestClock.noon(20_000))
        for limit in [1, 7, 50, 1000] {
            let best = window.queries(limit) { Double($0.searches) }
            let wanted = expected.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(limit)
            #expect(best.map(\.text) == wanted.map(\.key))
            #expect(best.map(\.searches) == wanted.map(\.value))
        }
    }
}
