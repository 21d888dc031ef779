import Foundation
import Indexer
import Synchronization
import Testing

@testable import Catalog

/// Writers that nobody uses give back what they hold, and changes go on as before.
@Suite struct IdleWriterTests {
    private static func changes(_ writer: CatalogWriter, _ line: String) throws -> CollectedChanges {
        let collector = try writer.collector()
        Array(line.utf8).withUnsafeBufferPointer { collector.add(line: $0) }
        return collector.drain()
    }

    @Test func anIdleWriterIsClosedAndOpenedAgain() async throws {
        let shelf = BookShelf()
        _ = try shelf.job(BookShelf.books).run("books", in: shelf.folder)
        let time = Mutex(ContinuousClock.now)
        let store = CatalogStore(shelf.folder, lookEvery: .zero, clock: { time.withLock { $0 } })
        let first = try store.writer("books")
        let written = await first.write(
            try Self.changes(first, #"{"id": "n1", "title": "Sleeper one"}"#), refresh: true)
        #expect(written.failure == nil)
        store.closeIdleWriters()
        #expect(store.openWriter("books") === first)
        time.withLock { $0 += CatalogStore.idleWriterLifetime + .seconds(1) }
        store.closeIdleWriters()
        #expect(store.openWriter("books") == nil)
        // Nothing is lost, and another process may write now.
        #expect(try store.search("books", .init("sleeper")).found == 1)
        let other = CatalogStore(shelf.folder)
        _ = try other.writer("books")
        try other.close()
        // Whoever still has the old writer is told to open the catalog again.
        let late = await first.write(try Self.changes(first, #"{"id": "n2", "title": "Sleeper two"}"#), refresh: true)
        #expect(late.failure == .index(.rebuilt(path: try shelf.folder.index("books").path)))
        let second = try store.writer("books")
        let again = await second.write(
            try Self.changes(second, #"{"id": "n2", "title": "Sleeper two"}"#), refresh: true)
        #expect(again.failure == nil)
        #expect(try store.search("books", .init("sleeper")).found == 2)
        try store.close()
    }

    /// A generation that is kept up has to follow changes, and its writer stays open.
    @Test func aWriterWithTwoGenerationsStaysOpen() async throws {
        let shelf = BookShelf()
        _ = try shelf.job(BookShelf.books).run("books", in: shelf.folder)
        let time = Mutex(ContinuousClock.now)
        let store = CatalogStore(shelf.folder, lookEvery: .zero, clock: { time.withLock { $0 } })
        let writer = try store.writer("books")
        _ = try writer.rebuild(RebuildPlan(json: []), from: .rows)
        time.withLock { $0 += CatalogStore.idleWriterLifetime + .seconds(1) }
        store.closeIdleWriters()
        #expect(store.openWriter("books") === writer)
        #expect(try writer.differences().isEmpty)
        try store.swap("books")
        #expect(try store.search("books", .init("")).found == BookShelf.books.count)
        try store.close()
    }
}
