import Foundation
import Testing

/// `quire measure`.
extension CommandTests {
    /// Makes the catalog `books` of the bundled Chinese books.
    private func indexBooks() throws {
        let books = Self.fixtures.appendingPathComponent("zh-books.jsonl").path
        #expect(try quire(["index", "--data", data, books]).code == 0)
    }

    @Test func measureReportsEachClassOfRequests() throws {
        defer { cleanUp() }
        try indexBooks()
        let requests = try file(
            "requests",
            """
            search\t/v1/books/search?q=%E4%B8%89%E4%BD%93&facets=author&per_page=10
            search\t/v1/books/search?q=history+of%20art
            suggest\t/v1/books/suggest?q=%E4%B8%89

            """)
        let outcome = try quire(["measure", requests, "--data", data, "--rounds", "3"])
        #expect(outcome.code == 0)
        let report = try #require(JSONSerialization.jsonObject(with: Data(outcome.out.utf8)) as? [String: Any])
        #expect(Set(report.keys) == ["search", "suggest"])
        let search = try #require(report["search"] as? [String: Any])
        #expect(search["requests"] as? Int == 2)
        #expect(search["rounds"] as? Int == 3)
        #expect(search["microseconds"] as? Double ?? 0 > 0)
        let understanding = try #require(search["understanding"] as? [String: Double])
        #expect(understanding["p50"] ?? 0 > 0)
        #expect(understanding["p99"] ?? 0 >= understanding["p50"] ?? .infinity)
        #expect((report["suggest"] as? [String: Any])?["understanding"] == nil)
    }

    @Test(arguments: [
        ("/v1/books/search?q=a&facets=nothing", 64), ("/v1/books/search?pages=2", 64), ("/v1/books/documents/1", 64),
    ])
    func measureRefusesWhatTheServerWouldRefuse(target: String, code: Int32) throws {
        defer { cleanUp() }
        try indexBooks()
        #expect(try quire(["measure", try file("requests", target + "\n"), "--data", data]).code == code)
    }
}
