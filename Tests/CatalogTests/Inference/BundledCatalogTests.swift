import Foundation
import Segments
import Testing

@testable import Catalog

/// The schema that the bundled catalog suggests, compared with the one that ships with it.
@Suite struct BundledCatalogTests {
    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/catalog").path
    private let shelf = BookShelf()

    private var job: IndexJob {
        let names = ["zh-books", "en-goodbooks", "cbeta", "edge-cases"]
        var job = IndexJob(files: names.map { Self.fixtures + "/\($0).jsonl" }, schema: nil)
        job.infersSchema = true
        return job
    }

    @Test func theFieldsAreThoseOfTheShippedSchema() throws {
        let inferred = try job.inferredSchema()
        let shipped = try Schema(contentsOf: Self.fixtures + "/schema.json")
        let expected = Set(summary(shipped))
        let found = Set(summary(inferred.schema))
        #expect(inferred.records > 2000)
        // The series is a choice as well.
        #expect(expected.subtracting(found) == ["series: text english"])
        #expect(
            found.subtracting(expected) == [
                "series: keyword", "series_text: text english",
                "original_title_words: vocabulary", "publisher_words: vocabulary",
                "author_characters: text characters multiple", "author_initials: text initials multiple",
                "category_characters: text characters multiple", "category_pinyin: text pinyin multiple",
                "category_initials: text initials multiple", "category_words: vocabulary multiple",
            ])
        #expect(inferred.schema.key == "id")
        for field in inferred.schema.fields where field.type == .suggestion {
            #expect(field.weight == "sales")
            #expect(shipped.field(field.name)?.field.kind == field.kind)
        }
    }

    @Test func theProfileHasTheWeightsOfTheShippedOne() throws {
        let schema = try job.inferredSchema().schema
        let shippedSchema = try Schema(contentsOf: Self.fixtures + "/schema.json")
        let path = Self.fixtures + "/profile.json"
        let shipped = try SearchProfile(json: try readFile(path), path: path, schema: shippedSchema)
        let profile = SearchProfile(roles: schema)
        var expected = shipped.weights
        expected["series_text"] = expected.removeValue(forKey: "series")
        #expect(profile.weights == expected)
        #expect(profile.browse == shipped.browse)
        #expect(profile.display.title == shipped.display.title)
        #expect(profile.display.by == shipped.display.by)
        #expect(profile.display.price == shipped.display.price)
        #expect(profile.display.description == shipped.display.description)
    }

    /// Queries of every kind find what they find with the shipped schema.
    @Test func searchesFindTheSameBooks() throws {
        _ = try job.run("inferred", in: shelf.folder)
        let inferred = try shelf.folder.open("inferred")
        var given = job
        given.infersSchema = false
        given.schema = try Schema(contentsOf: Self.fixtures + "/schema.json")
        let path = Self.fixtures + "/profile.json"
        given.profile = (try readFile(path), path)
        _ = try given.run("given", in: shelf.folder)
        let shipped = try shelf.folder.open("given")
        #expect(inferred.documents == shipped.documents)
        for query in ["三体", "hongloumeng", "harry potter", "9780439023481", "作者：老舍", "refrigirator", "tolkien"] {
            let found = try inferred.search(SearchRequest(query))
            let expected = try shipped.search(SearchRequest(query))
            #expect(found.hits.first?.id == expected.hits.first?.id, "\(query)")
            #expect(found.found >= expected.found, "\(query)")
        }
        #expect(try shelf.folder.index("inferred").check().problems == [])
    }
}
