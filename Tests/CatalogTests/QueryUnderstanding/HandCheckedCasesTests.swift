import Foundation
import Segments
import Testing

@testable import Catalog

/// Queries whose first three hits were checked by hand, in `Fixtures/relevance/cases.tsv`.
@Suite struct HandCheckedCasesTests {
    /// A query with the keys that must be among its first three hits, those that must not be, and those that must not
    /// come before the first.
    struct Case: Sendable, CustomTestStringConvertible {
        var catalog: String
        var query: String
        var first: [String]
        var others: [String]
        var later: [String]
        var testDescription: String { "\(catalog): \(query)" }
    }

    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures").path

    static let cases: [Case] = {
        let text = (try? String(contentsOfFile: fixtures + "/relevance/cases.tsv", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            let keys = cells.dropFirst(2).map { $0.split(separator: " ").map(String.init) }
            return Case(
                catalog: cells[0], query: cells[1], first: keys[0], others: keys.count > 1 ? keys[1] : [],
                later: keys.count > 2 ? keys[2] : [])
        }
    }()

    /// The catalogs by name, built once.
    static let catalogs: [String: Result<(shelf: BookShelf, searcher: CatalogSearcher), any Error>] = [
        "bundled": Result { try bundled() }, "editions": Result { try editions() },
    ]

    private static func bundled() throws -> (BookShelf, CatalogSearcher) {
        let shelf = BookShelf()
        let names = ["zh-books", "en-goodbooks", "cbeta", "edge-cases"]
        let schema = try Schema(contentsOf: fixtures + "/catalog/schema.json")
        var job = IndexJob(files: names.map { fixtures + "/catalog/\($0).jsonl" }, schema: schema)
        job.profile = (try readFile(fixtures + "/catalog/profile.json"), "profile.json")
        _ = try job.run("books", in: shelf.folder)
        return (shelf, try shelf.folder.open("books"))
    }

    /// Books in several editions and volumes, by an inferred schema.
    private static func editions() throws -> (BookShelf, CatalogSearcher) {
        let shelf = BookShelf()
        var job = IndexJob(files: [fixtures + "/relevance/editions.jsonl"], schema: nil)
        job.infersSchema = true
        _ = try job.run("editions", in: shelf.folder)
        return (shelf, try shelf.folder.open("editions"))
    }

    private static func hits(_ one: Case, isUnfinished: Bool) throws -> [String] {
        let catalog = try #require(catalogs[one.catalog]).get()
        var request = SearchRequest(one.query)
        request.matching.isUnfinished = isUnfinished
        return try catalog.searcher.search(request).hits.map(\.id)
    }

    @Test func thereAreAtLeast120() { #expect(Self.cases.count >= 120) }

    @Test(arguments: cases) func theRightDocumentsAreFirst(one: Case) throws {
        let hits = try Self.hits(one, isUnfinished: false)
        for key in one.first { #expect(hits.prefix(3).contains(key), "\(hits.prefix(5))") }
        for key in one.others { #expect(!hits.prefix(3).contains(key), "\(hits.prefix(5))") }
        guard let last = hits.lastIndex(where: one.first.contains) else { return }
        for key in one.later { #expect(hits.firstIndex(of: key) ?? .max > last, "\(hits.prefix(5))") }
    }

    /// The suggestions of the bundled catalog follow its invented sales, which know nothing of these books.
    @Test(arguments: cases.filter { $0.catalog == "editions" })
    func theyAreFirstWhileSomebodyTypes(one: Case) throws {
        let hits = try Self.hits(one, isUnfinished: true)
        for key in one.first { #expect(hits.prefix(3).contains(key), "\(hits.prefix(5))") }
    }
}
