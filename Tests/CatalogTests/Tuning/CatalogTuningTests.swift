import Foundation
import Segments
import Testing

@testable import Catalog

@Suite struct CatalogTuningTests {
    /// A shelf of six books, and their tuning.
    private static func shelf() throws -> (BookShelf, CatalogTuning) {
        let (shelf, _) = try BookShelf.searcher()
        return (shelf, CatalogTuning(try shelf.folder.existingIndex("books")))
    }

    private static func json(_ value: some JSONWritable) -> String {
        var json = JSONWriter()
        value.write(to: &json)
        return json.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    private static let pythons = #"[{"words":["snake","python"]}]"#

    @discardableResult
    private static func put(_ tuning: CatalogTuning, _ part: CatalogTuning.Part, _ json: String) throws -> Int {
        try tuning.put(part, json: Array(json.utf8), expecting: nil, who: "editor").revision
    }

    @Test func synonymsAreInForceInTheNextSearcher() throws {
        let (shelf, tuning) = try Self.shelf()
        defer { withExtendedLifetime(shelf) {} }
        #expect(try shelf.folder.open("books").search(SearchRequest("snake")).found == 0)
        #expect(try Self.put(tuning, .synonyms, Self.pythons) == 1)
        let searcher = try shelf.folder.open("books")
        #expect(try searcher.search(SearchRequest("snake")).found == 3)
        #expect(searcher.tuning.revision == 1)
        #expect(Self.json(try tuning.current(.synonyms)) == Self.pythons)
        #expect(try tuning.current(.synonyms).revision == 1)
    }

    @Test func whatIsReadCanBePutAgain() throws {
        let (shelf, tuning) = try Self.shelf()
        defer { withExtendedLifetime(shelf) {} }
        try Self.put(tuning, .synonyms, Self.pythons)
        let before = try shelf.folder.open("books").profile
        let profile = Self.json(try tuning.current(.profile))
        try Self.put(tuning, .profile, profile)
        #expect(try shelf.folder.open("books").profile == before)
        #expect(Self.json(try tuning.current(.profile)) == profile)
    }

    @Test func aProfileWithoutSynonymsKeepsThem() throws {
        let (shelf, tuning) = try Self.shelf()
        defer { withExtendedLifetime(shelf) {} }
        try Self.put(tuning, .synonyms, Self.pythons)
        try Self.put(tuning, .profile, #"{"weights": {"title": 2.5}}"#)
        var profile = try shelf.folder.open("books").profile
        #expect(profile.weights == ["title": 2.5])
        #expect(profile.synonyms.count == 1)
        try Self.put(tuning, .profile, #"{"weights": {"title": 1}, "synonyms": []}"#)
        profile = try shelf.folder.open("books").profile
        #expect(profile.synonyms == [])
    }

    @Test func theDefaultProfileCanHaveSynonyms() throws {
        let (shelf, _) = try BookShelf.searcher(titles: [("1", "python")])
        let tuning = CatalogTuning(try shelf.folder.existingIndex("lines"))
        try Self.put(tuning, .synonyms, Self.pythons)
        let searcher = try shelf.folder.open("lines")
        #expect(try searcher.search(SearchRequest("snake")).found == 1)
        #expect(searcher.profile.weights == SearchProfile(for: searcher.reader.schema).weights)
        #expect(Self.json(try tuning.current(.profile)).contains(#""weights":{"title":4}"#))
        // A rebuild keeps them.
        var job = IndexJob(files: [try shelf.write("b.jsonl", #"{"id": "2", "title": "python"}"#)], schema: nil)
        job.schema = searcher.reader.schema
        _ = try job.run("lines", in: shelf.folder)
        let rebuilt = try shelf.folder.open("lines")
        #expect(rebuilt.generation == 2)
        #expect(try rebuilt.search(SearchRequest("snake")).found == 1)
    }

    @Test(arguments: [
        ("profile", "{", "line 1, column 2"), ("profile", "{\n \"weights\": {\"title\" 1}}", "line 2, column 22"),
        ("profile", #"{"weights": {"title": "x"}}"#, ".weights.title"),
        ("profile", #"{"weights": {"titel": 1}}"#, "rebuild the catalog"),
        ("profile", #"{"weights": {"title": 1}, "colour": 2}"#, "colour"),
        ("profile", #"{"weights": {"title": 1}, "synonyms": [{"words": ["a"]}]}"#, "two or more"),
        ("synonyms", "{}", "expected an array"),
        ("synonyms", #"[{"words": ["a", "b"]}, {"words": ["a", " "]}]"#, "[1]"),
    ])
    func wrongOnesNameThePlaceAndChangeNothing(_ part: String, _ json: String, _ expected: String) throws {
        let (shelf, tuning) = try Self.shelf()
        defer { withExtendedLifetime(shelf) {} }
        try Self.put(tuning, .synonyms, Self.pythons)
        let error = #expect(throws: CatalogError.self) {
            try Self.put(tuning, try #require(CatalogTuning.Part(rawValue: part)), json)
        }
        let text = try #require(error?.description)
        #expect(text.contains(expected), "\(text)")
        #expect(text.contains("nothing was changed"), "\(text)")
        #expect(try tuning.revisions().count == 1)
    }

    @Test func aChangeOfAnOlderRevisionIsRefused() throws {
        let (shelf, tuning) = try Self.shelf()
        defer { withExtendedLifetime(shelf) {} }
        func put(_ expected: Int?) throws -> Int {
            try tuning.put(.synonyms, json: Array("[]".utf8), expecting: expected, who: "editor").revision
        }
        #expect(try put(0) == 1)
        #expect(throws: CatalogError.outdatedRevision(newest: 1)) { try put(0) }
        #expect(try put(1) == 2)
        #expect(try put(nil) == 3)
        #expect(throws: CatalogError.outdatedRevision(newest: 3)) {
            try tuning.restore(1, expecting: 2, who: "editor")
        }
    }

    @Test func theNewestTwentyAreKept() throws {
        let (shelf, tuning) = try Self.shelf()
        defer { withExtendedLifetime(shelf) {} }
        for i in 1...25 { try Self.put(tuning, .synonyms, #"[{"words":["a","b\#(i)"]}]"#) }
        let revisions = try tuning.revisions()
        #expect(revisions.map(\.revision) == (6...25).reversed())
        #expect(Set(revisions.map(\.who)) == ["editor"])
        #expect(Set(revisions.map(\.change)) == ["synonyms"])
        #expect(throws: CatalogError.unknownRevision(5, known: Array(6...25))) { try tuning.revision(5) }
        #expect(try tuning.restore(6, expecting: 25, who: "chief").revision == 26)
        #expect(Self.json(try tuning.current(.synonyms)) == #"[{"words":["a","b6"]}]"#)
        #expect(try tuning.revision(26).change == "restore 6")
    }

    /// A rebuild switches the profile with the generation; the synonyms stay.
    @Test func aRebuildWithAProfileReplacesTheTunedOne() throws {
        let (shelf, tuning) = try Self.shelf()
        defer { withExtendedLifetime(shelf) {} }
        try Self.put(tuning, .synonyms, Self.pythons)
        try Self.put(tuning, .profile, #"{"weights": {"title": 2}}"#)
        var job = try shelf.job(BookShelf.books)
        _ = try job.run("books", in: shelf.folder)
        var profile = try shelf.folder.open("books").profile
        #expect(profile.weights == ["title": 3, "author_text": 1, "description": 1])
        #expect(profile.synonyms.count == 1)
        // Without a profile it takes over the tuned one.
        try Self.put(tuning, .profile, #"{"weights": {"title": 7}}"#)
        job.profile = nil
        _ = try job.run("books", in: shelf.folder)
        let rebuilt = try shelf.folder.open("books")
        #expect(rebuilt.generation == 3)
        #expect(rebuilt.tuning.revision == 3)
        profile = rebuilt.profile
        #expect(profile.weights == ["title": 7])
        #expect(profile.synonyms.count == 1)
        // A profile with synonyms of its own replaces them.
        job.profile = (Array(#"{"weights": {"title": 1}, "synonyms": []}"#.utf8), "p.json")
        _ = try job.run("books", in: shelf.folder)
        #expect(try shelf.folder.open("books").profile.synonyms == [])
    }

    @Test func appendingWithAProfileReplacesTheTunedOne() throws {
        let (shelf, tuning) = try Self.shelf()
        defer { withExtendedLifetime(shelf) {} }
        try Self.put(tuning, .profile, #"{"weights": {"title": 2}}"#)
        _ = try shelf.job([#"{"id": "7", "title": "Seven"}"#], appending: true).run("books", in: shelf.folder)
        let searcher = try shelf.folder.open("books")
        #expect(searcher.profile.weights["description"] == 1)
        #expect(searcher.tuning.revision == 2)
        #expect(try tuning.revision(2).who == TuningRevision.commandLine)
    }

    @Test func aRestoredProfileMustFitTheSchema() throws {
        let (shelf, tuning) = try Self.shelf()
        defer { withExtendedLifetime(shelf) {} }
        try Self.put(tuning, .profile, #"{"weights": {"description": 2}}"#)
        var job = IndexJob(
            files: [try shelf.write("t.jsonl", #"{"id": "1", "title": "one"}"#)], schema: try BookShelf.titleSchema)
        job.profile = (Array(#"{"weights": {"title": 5}}"#.utf8), "p.json")
        _ = try job.run("books", in: shelf.folder)
        let error = #expect(throws: CatalogError.self) { try tuning.restore(1, expecting: nil, who: "editor") }
        #expect(error?.description.contains("rebuild the catalog") == true)
        #expect(try shelf.folder.open("books").profile.weights == ["title": 5])
    }

    @Test func backupsHaveTheTuning() throws {
        let (shelf, tuning) = try Self.shelf()
        defer { withExtendedLifetime(shelf) {} }
        for _ in 0..<3 { try Self.put(tuning, .synonyms, Self.pythons) }
        let index = try shelf.folder.index("books")
        #expect(try index.check().problems == [])
        _ = try index.backUp(to: shelf.path + "/copy")
        let copy = try shelf.folder.open("copy")
        #expect(copy.tuning.revision == 3)
        #expect(try copy.search(SearchRequest("snake")).found == 3)
        #expect(try IndexFolder(shelf.path + "/copy").check().problems == [])
    }

    @Test func damagedRevisionsAreFoundAndNotUsed() throws {
        let (shelf, tuning) = try Self.shelf()
        defer { withExtendedLifetime(shelf) {} }
        try Self.put(tuning, .synonyms, Self.pythons)
        try Self.put(tuning, .synonyms, "[]")
        let index = try shelf.folder.index("books")
        let path = index.tuningPath(2)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
        #expect(try index.check().problems.count == 1)
        #expect(throws: CatalogError.self) { try shelf.folder.open("books") }
        #expect(try tuning.revisions().map(\.revision) == [1])
        try tuning.restore(1, expecting: 2, who: "editor")
        #expect(try shelf.folder.open("books").search(SearchRequest("snake")).found == 3)
    }

    @Test func onlyItsOwnFilesAreInTheFolder() throws {
        let (shelf, tuning) = try Self.shelf()
        defer { withExtendedLifetime(shelf) {} }
        try Self.put(tuning, .synonyms, "[]")
        let index = try shelf.folder.index("books")
        #expect(try index.check().problems == [])
        for name in ["07.json", "notes.txt"] {
            try Data("x".utf8).write(to: URL(fileURLWithPath: index.tuningPath + "/" + name))
        }
        #expect(try index.check().problems.count == 2)
    }
}
