import Foundation
import Segments
import Synchronization
import Testing

@testable import Catalog

/// Catalogs that cannot be opened, and catalogs that nobody asks.
@Suite struct CatalogStateTests {
    /// Two catalogs of six books, `books` and `films`, with a clock that only the test moves.
    private final class Shop: Sendable {
        let shelf = BookShelf()
        let time = Mutex(ContinuousClock.now)
        let failures = Mutex<[String]>([])

        init() throws {
            for name in ["books", "films"] { _ = try shelf.job(BookShelf.books).run(name, in: shelf.folder) }
        }

        func store() -> CatalogStore {
            CatalogStore(
                shelf.folder, lookEvery: .milliseconds(250),
                onFailure: { name, _ in self.failures.withLock { $0.append(name) } },
                clock: { self.time.withLock { $0 } })
        }

        func advance(_ duration: Duration) { time.withLock { $0 += duration } }

        /// Changes a byte of a file of the films, and again back when it is called twice.
        func damage(_ file: String = "manifest-1", generation: Int = 1) throws {
            let url = URL(fileURLWithPath: "\(shelf.path)/films/generations/\(generation)/\(file)")
            var bytes = try Data(contentsOf: url)
            bytes[bytes.count / 2] ^= 1
            try bytes.write(to: url)
        }
    }

    @Test func aDamagedCatalogDoesNotStopTheOthers() throws {
        let shop = try Shop()
        try shop.damage()
        let store = shop.store()
        try store.openAll()
        #expect(try store.searcher("books").documents == 6)
        #expect(try store.recover().keys.sorted() == ["films"])
        let summaries = try store.summaries()
        #expect(summaries[0] == CatalogSummary(name: "books", documents: 6))
        #expect(summaries[1].state == .unreadable)
        #expect(summaries[1].documents == nil)
        #expect(summaries[1].problem?.contains("quire check") == true)
        #expect(summaries[1].problem?.contains(shop.shelf.path) == false)
    }

    /// A request does not try again what failed a moment ago, and the log has each problem once.
    @Test func aFailureIsRememberedForAnInterval() throws {
        let shop = try Shop()
        try shop.damage()
        let store = shop.store()
        func isUnavailable() -> Bool {
            do throws(CatalogError) { _ = try store.searcher("films") } catch {
                if case .unavailable("films", _, isTemporary: false) = error { return true }
            }
            return false
        }
        #expect(isUnavailable())
        shop.advance(.seconds(1))
        #expect(isUnavailable())
        try shop.damage()
        #expect(isUnavailable())
        #expect(shop.failures.withLock { $0 } == ["films"])
        shop.advance(.milliseconds(250))
        #expect(try store.searcher("films").documents == 6)
        #expect(try store.summaries().map(\.state) == [.ready, .ready])
    }

    @Test func anOlderCommitStaysInUse() throws {
        let shop = try Shop()
        let store = shop.store()
        #expect(try store.searcher("films").documents == 6)
        _ = try shop.shelf.job([#"{"id": "8", "title": "Eight"}"#]).run("films", in: shop.shelf.folder)
        try shop.damage(generation: 2)
        shop.advance(.seconds(1))
        #expect(try store.searcher("films").documents == 6)
        let outdated = try #require(try store.summaries().last)
        #expect(outdated.state == .outdated)
        #expect(outdated.documents == 6)
        #expect(shop.failures.withLock { $0 } == ["films"])
        try shop.damage(generation: 2)
        shop.advance(.seconds(1))
        #expect(try store.summaries().last == CatalogSummary(name: "films", documents: 1))
    }

    /// The list reads manifests only: damage in other files remains unseen until somebody asks for the catalog.
    @Test func listingOpensNothing() throws {
        let shop = try Shop()
        let segment = try #require(
            try FileManager.default.contentsOfDirectory(atPath: shop.shelf.path + "/films/generations/1")
                .first { $0.hasSuffix(".seg") })
        try FileManager.default.removeItem(atPath: "\(shop.shelf.path)/films/generations/1/\(segment)")
        let store = shop.store()
        let films = CatalogSummary(name: "films", documents: 6)
        #expect(try store.summaries().last == films)
        #expect(try store.summaries().last == films)
        #expect(throws: CatalogError.self) { try store.searcher("films") }
        #expect(try store.summaries().last?.state == .unreadable)
    }

    @Test func catalogsThatNobodyAsksAreClosed() throws {
        let shop = try Shop()
        let store = shop.store()
        weak var films: IndexReader?
        weak var books: IndexReader?
        do {
            films = try store.searcher("films").reader
            books = try store.searcher("books").reader
        }
        shop.advance(CatalogStore.idleLifetime - .seconds(1))
        _ = try store.searcher("books")
        // A list does not count as a use.
        _ = try store.summaries()
        #expect(films != nil)
        shop.advance(.seconds(12))
        _ = try store.searcher("books")
        #expect(films == nil)
        #expect(books != nil)
        #expect(try store.searcher("films").documents == 6)
    }
}
