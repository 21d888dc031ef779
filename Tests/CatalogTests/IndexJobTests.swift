import Foundation
import Searching
import Segments
import Testing

@testable import Catalog

@Suite struct IndexJobTests {
    @Test func rebuildsReplaceAndAppendingAdds() throws {
        let (shelf, first) = try BookShelf.searcher()
        #expect(first.reader.documents == 6)
        _ = try shelf.job([#"{"id": "7", "title": "Seven"}"#], appending: true).run("books", in: shelf.folder)
        let second = try shelf.folder.open("books")
        #expect(second.reader.documents == 7)
        #expect(second.reader.segments.count == 2)
        let summary = try shelf.job([#"{"id": "8", "title": "Eight"}"#]).run("books", in: shelf.folder)
        #expect(summary.documents == 1)
        #expect(summary.generation == 2)
        #expect(try shelf.folder.open("books").reader.documents == 1)
        // Searchers of replaced generations still work.
        #expect(try first.search(SearchRequest("银行")).found == 2)
        #expect(try second.search(SearchRequest("seven")).found == 1)
    }

    @Test func updatesReplaceDocumentsWithTheSameKey() throws {
        let (shelf, first) = try BookShelf.searcher()
        let lines = [
            #"{"id": "1", "title": "Onlynew"}"#, #"{"id": "7", "title": "Seven"}"#, #"{"id": "7", "title": "Eight"}"#,
        ]
        #expect(throws: CatalogError.self) { try shelf.job(lines, appending: true).run("books", in: shelf.folder) }
        var job = try shelf.job(lines, appending: true)
        job.updates = true
        let summary = try job.run("books", in: shelf.folder)
        #expect(summary.added == 1)
        #expect(summary.updated == 2)
        #expect(summary.documents == first.reader.documents + 1)
        let second = try shelf.folder.open("books")
        #expect(second.reader.liveDocuments == 7)
        #expect(try second.search(SearchRequest("onlynew")).hits.map(\.id) == ["1"])
        #expect(try second.search(SearchRequest("seven")).found == 0)
        #expect(try second.search(SearchRequest("eight")).hits.map(\.id) == ["7"])
        #expect(try shelf.folder.index("books").check().problems == [])
        // A record that is not valid leaves the catalog unchanged.
        var bad = try shelf.job([#"{"id": "2", "title": "Gone"}"#, "nonsense"], appending: true)
        bad.updates = true
        #expect(throws: CatalogError.self) { try bad.run("books", in: shelf.folder) }
        #expect(try shelf.folder.open("books").search(SearchRequest("gone")).found == 0)
    }

    @Test func catalogsCanBeCreatedWithoutDocuments() throws {
        let (shelf, first) = try BookShelf.searcher()
        let schema = first.reader.schema
        try IndexJob.create("empty", in: shelf.folder, schema: schema)
        #expect(try shelf.folder.open("empty").search(SearchRequest("anything")).found == 0)
        for name in ["empty", "books"] {
            let error = #expect(throws: CatalogError.self) {
                try IndexJob.create(name, in: shelf.folder, schema: schema)
            }
            #expect(error?.description.contains("the catalog \"\(name)\" exists already") == true)
        }
        #expect(try shelf.folder.open("books").reader.documents == 6)
        #expect(throws: CatalogError.self) {
            try IndexJob.create(
                "other", in: shelf.folder, schema: schema,
                profile: (Array(#"{"weights": {"titel": 1}}"#.utf8), "p.json"))
        }
        #expect(try shelf.folder.catalogs() == ["books", "empty"])
    }

    @Test func recordsThatAreNotValidLeaveTheCatalogUnchanged() throws {
        let (shelf, _) = try BookShelf.searcher()
        let lines = [
            #"{"id": "9", "title": "Nine"}"#, #"{"id": "10", "title": 10}"#, "{", #"{"title": "no key"}"#,
            #"{"id": "9"}"#,
        ]
        let error = #expect(throws: CatalogError.self) { try shelf.job(lines).run("books", in: shelf.folder) }
        guard case .badRecords(let problems, let count, true)? = error else {
            Issue.record("expected bad records, got \(String(describing: error))")
            return
        }
        #expect(count == 4)
        for (problem, line) in zip(problems, 2...5) { #expect(problem.contains(".jsonl, line \(line): ")) }
        let searcher = try shelf.folder.open("books")
        #expect(searcher.reader.documents == 6)
        #expect(try FileManager.default.contentsOfDirectory(atPath: shelf.path + "/books/generations") == ["1"])
    }

    @Test func skippedRecordsAreCountedAndDescribed() throws {
        let shelf = BookShelf()
        var job = try shelf.job([#"{"id": "1", "title": "One"}"#, "nonsense", #"{"id": "2", "titel": "Two"}"#])
        job.skipsBadRecords = true
        let summary = try job.run("books", in: shelf.folder)
        #expect(summary.documents == 1)
        #expect(summary.skipped == 2)
        #expect(summary.problems.count == 2)
    }

    @Test func theJobStopsAfterTwentyBadRecords() throws {
        let shelf = BookShelf()
        let error = #expect(throws: CatalogError.self) {
            try shelf.job(Array(repeating: "nonsense", count: 100)).run("books", in: shelf.folder)
        }
        guard case .badRecords(let problems, 20, false)? = error else {
            Issue.record("expected to stop after 20")
            return
        }
        #expect(problems.count == 20)
        #expect(try shelf.folder.catalogs().isEmpty)
    }

    @Test(
        "profiles that do not fit the schema are refused before any work",
        arguments: [
            #"{"weights": {"titel": 1}}"#, #"{"weights": {"language": 1}}"#, #"{"weights": {}}"#,
            #"{"weights": {"title": 0}}"#,
            #"{"weights": {"title": 1}, "facets": [{"field": "title", "label": {}}]}"#,
            #"{"weights": {"title": 1}, "browse": "title"}"#,
            #"{"weights": {"title": 1}, "wieghts": {}}"#, "[]", "",
        ])
    func refusesProfile(_ json: String) throws {
        let shelf = BookShelf()
        var job = try shelf.job(BookShelf.books)
        job.profile = (Array(json.utf8), "p.json")
        let error = #expect(throws: CatalogError.self) { try job.run("books", in: shelf.folder) }
        guard case .profile("p.json", _)? = error else {
            Issue.record("expected a profile error, got \(String(describing: error))")
            return
        }
        #expect(!FileManager.default.fileExists(atPath: shelf.path))
    }

    @Test func profilesAreCommittedWithTheIndex() throws {
        let (shelf, first) = try BookShelf.searcher()
        #expect(first.profile.browse == "year")
        // Appending and rebuilding without a profile keep it.
        var job = try shelf.job([#"{"id": "7", "title": "Seven"}"#], appending: true)
        job.profile = nil
        _ = try job.run("books", in: shelf.folder)
        job = try shelf.job(BookShelf.books)
        job.profile = nil
        _ = try job.run("books", in: shelf.folder)
        #expect(try shelf.folder.open("books").profile == first.profile)
        // A profile that no longer fits is reported before anything is read.
        job.schema = try Schema(key: "id", unknown: .ignore, fields: [Field("id", .keyword), Field("title", .text)])
        let error = #expect(throws: CatalogError.self) { try job.run("books", in: shelf.folder) }
        #expect(error?.description.contains("--profile") == true)
        job.profile = (Array(#"{"weights": {"title": 1}}"#.utf8), "new.json")
        _ = try job.run("books", in: shelf.folder)
        #expect(try shelf.folder.open("books").profile.weights == ["title": 1])
    }

    @Test func emptyInputChangesNothing() throws {
        let (shelf, _) = try BookShelf.searcher()
        #expect(throws: CatalogError.self) { try shelf.job([]).run("books", in: shelf.folder) }
        #expect(try shelf.folder.open("books").reader.documents == 6)
        // Appending to a catalog that does not exist creates no folder for it.
        #expect(throws: CatalogError.self) {
            try shelf.job(BookShelf.books, appending: true).run("boks", in: shelf.folder)
        }
        #expect(!FileManager.default.fileExists(atPath: shelf.path + "/boks"))
    }

    @Test func storesFollowNewCommits() throws {
        let (shelf, _) = try BookShelf.searcher()
        let store = CatalogStore(shelf.folder, lookEvery: .zero)
        #expect(try store.searcher("books").reader.documents == 6)
        _ = try shelf.job([#"{"id": "8", "title": "Eight"}"#]).run("books", in: shelf.folder)
        #expect(try store.searcher("books").reader.documents == 1)
        // A catalog that was removed and recreated has the same generation, but other documents.
        try FileManager.default.removeItem(atPath: shelf.path)
        #expect(throws: CatalogError.unknown("books", known: [])) { try store.searcher("books") }
        _ = try shelf.job(BookShelf.books).run("books", in: shelf.folder)
        #expect(try store.searcher("books").reader.documents == 6)
        try FileManager.default.removeItem(atPath: shelf.path)
        _ = try shelf.job([#"{"id": "9", "title": "Nine"}"#]).run("books", in: shelf.folder)
        #expect(try store.searcher("books").reader.documents == 1)
        #expect(throws: CatalogError.unknown("films", known: ["books"])) { try store.searcher("films") }
        #expect(throws: CatalogError.name("../books")) { try store.searcher("../books") }
    }
}
