import Foundation
import Synchronization
import Testing

@testable import Catalog

/// The numbers of views, which tell if a reply that was made before is still right.
@Suite struct KnownViewTests {
    /// A catalog of six books and a clock that only the test moves.
    private final class Shop: Sendable {
        let shelf = BookShelf()
        let time = Mutex(ContinuousClock.now)

        init() throws { _ = try shelf.job(BookShelf.books).run("books", in: shelf.folder) }

        func store() -> CatalogStore {
            CatalogStore(shelf.folder, lookEvery: .milliseconds(250), clock: { self.time.withLock { $0 } })
        }

        func advance(_ milliseconds: Int) { time.withLock { $0 += .milliseconds(milliseconds) } }
    }

    @Test func aViewIsKnownForAWhileAfterTheLastLook() throws {
        let shop = try Shop()
        let store = shop.store()
        #expect(store.knownView("books") == nil)
        #expect(store.knownView("films") == nil)
        let view = try store.searcher("books").view
        for _ in 0..<2 {
            let known = try #require(store.knownView("books"))
            #expect(known.view == view)
            #expect(!known.isDue)
        }
        shop.advance(250)
        // One caller in an interval is told to look.
        #expect(store.knownView("books")?.isDue == true)
        #expect(store.knownView("books")?.isDue == false)
        shop.advance(250)
        #expect(store.knownView("books")?.isDue == true)
        #expect(store.knownView("books")?.view == view)
        shop.advance(500)
        #expect(store.knownView("books") == nil)
        #expect(try store.searcher("books").view == view)
        #expect(store.knownView("books")?.view == view)
    }

    @Test func everyCommitAndProfileHasAViewOfItsOwn() throws {
        let shop = try Shop()
        let store = shop.store()
        let first = try store.searcher("books")
        #expect(first.with(first.profile).view != first.view)
        _ = try shop.shelf.job([#"{"id": "8", "title": "Eight"}"#]).run("books", in: shop.shelf.folder)
        shop.advance(250)
        #expect(store.knownView("books")?.view == first.view)
        let second = try store.searcher("books").view
        #expect(second > first.view)
        #expect(store.knownView("books")?.view == second)
        #expect(try store.search("books", .init("eight")).view == second)
        var paged = SearchRequest("eight")
        paged.wantsCursor = true
        #expect(try store.search("books", paged).view == nil)
    }

    @Test func viewsOfAWriterAreKnownAtOnce() async throws {
        let shop = try Shop()
        let store = shop.store()
        let writer = try store.writer("books")
        let before = try store.searcher("books").view
        #expect(store.knownView("books")?.view == before)
        // Another process may have tuned it.
        shop.advance(1000)
        #expect(store.knownView("books") == nil)
        #expect(try store.searcher("books").view == before)
        #expect(store.knownView("books")?.view == before)
        let result = try await writer.delete("1", version: nil, refresh: true)
        #expect(result.result == .deleted)
        // The new view is known when the first search has opened it.
        #expect(store.knownView("books") == nil)
        let after = try store.searcher("books").view
        #expect(after > before)
        #expect(store.knownView("books")?.view == after)
        try store.close()
    }
}
