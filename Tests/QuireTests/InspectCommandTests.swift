import Foundation
import Testing

/// `quire inspect`.
extension CommandTests {
    @Test func inspectShowsTheCostOfEachFeature() throws {
        defer { cleanUp() }
        let names = ["zh-books", "cbeta"].map { Self.fixtures.appendingPathComponent($0 + ".jsonl").path }
        #expect(try quire(["index", "--data", data] + names).code == 0)
        let outcome = try quire(["inspect", "--data", data, "--json"])
        let report = try #require(JSONSerialization.jsonObject(with: Data(outcome.out.utf8)) as? [String: Any])
        let features = try #require(report["features"] as? [[String: Any]])
        let total = features.reduce(0) { $0 + ($1["bytes"] as? Int ?? 0) }
        #expect(total == report["bytes"] as? Int)
        let shares = features.reduce(0) { $0 + ($1["share"] as? Double ?? 0) }
        #expect(abs(shares - 1) < 1e-9)
        let purposes = features.filter { $0["member"] as? String == "author" }.compactMap { $0["purpose"] as? String }
        #expect(
            purposes == ["words", "characters", "pinyin", "initials", "vocabulary", "suggestions", "keyword", "column"])
        let titles = try #require(
            features.first { $0["member"] as? String == "title" && $0["purpose"] as? String == "whole" })
        #expect(titles["fields"] as? [String] == ["title_whole"])
        #expect(titles["bytes"] as? Int ?? 0 > 1000)
        let others = features.filter { $0["member"] == nil }.compactMap { $0["purpose"] as? String }
        #expect(Set(others) == ["stored rows", "frame"])
        let table = try quire(["inspect", "--data", data]).out
        #expect(table.contains("\nmember\tpurpose\tbytes\tshare\nid\tkeyword\t"))
        #expect(table.contains("\n\tstored rows\t"))
    }
}
