import Foundation
import Indexer
import Segments
import Testing

@testable import Catalog

@Suite struct ReopeningTests {
    /// Changes from JSON objects.
    private func changes(_ writer: CatalogWriter, _ json: String) throws -> CollectedChanges {
        let collector = try writer.collector()
        Array(json.utf8).withUnsafeBufferPointer { collector.add(line: $0) }
        return collector.drain()
    }

    /// True for the errors of a writer without its folder, which may turn up until it has tried to open that again.
    private static func hasNoFolder(_ failure: CatalogError?) -> Bool {
        switch failure {
        case .index(.storage), .index(.empty): true
        default: false
        }
    }

    /// A catalog that was rebuilt with another schema while its writer had failed gets a new writer with the next
    /// request.
    @Test func rebuiltCatalogsGetANewWriter() async throws {
        let (shelf, _) = try BookShelf.searcher()
        var options = LiveOptions()
        options.retryAfter = .zero
        let store = CatalogStore(shelf.folder, lookEvery: .zero, writing: options)
        let writer = try store.writer("books")
        let index = try shelf.folder.index("books")
        let other = DataFolder(shelf.path + ".input/data")
        let schema = try Schema(key: "id", fields: [Field("id", .keyword), Field("pages", .integer)])
        try IndexJob.create("books", in: other, schema: schema)
        // Without its folder the writer fails; then there is another index in its place.
        let late = try changes(writer, #"{"id": "1", "title": "late"}"#)
        try FileManager.default.moveItem(atPath: index.path, toPath: shelf.path + ".input/old")
        #expect(await writer.write(late, refresh: false).failure != nil)
        try FileManager.default.moveItem(atPath: try other.index("books").path, toPath: index.path)
        let refusal = CatalogError.index(.rebuilt(path: index.path))
        var failure: CatalogError?
        repeat { failure = await writer.write(late, refresh: false).failure } while Self.hasNoFolder(failure)
        #expect(failure == refusal)
        #expect(failure?.writeFailure == .stopped)
        #expect(store.openWriter("books") == nil)
        let next = try store.writer("books")
        #expect(next !== writer)
        #expect(next.schema == schema)
        let results = await next.write(try changes(next, #"{"id": "1", "pages": 5}"#), refresh: true)
        #expect(results.failure == nil)
        #expect(try store.searcher("books").reader.documents == 1)
        try store.close()
    }
}
