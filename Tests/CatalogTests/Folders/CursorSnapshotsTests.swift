import Indexer
import Segments
import Synchronization
import Testing

@testable import Catalog

/// Snapshots that cursors share, and the room that there is for them.
@Suite struct CursorSnapshotsTests {
    /// Other snapshots of the searcher's catalog, with the same files.
    private func snapshots(of searcher: CatalogSearcher, _ count: Int) throws -> [CatalogSearcher] {
        try (0..<count).map { _ in
            CatalogSearcher(name: searcher.name, reader: try searcher.reader.deleting([]), tuning: searcher.tuning)
        }
    }

    /// However many cursors begin within seconds, none ends another one that is in use.
    @Test func newCursorsDoNotEndThoseInUse() throws {
        let (shelf, searcher) = try BookShelf.searcher()
        defer { withExtendedLifetime(shelf) {} }
        let snapshots = CursorSnapshots()
        let start = ContinuousClock.now
        let ids = try self.snapshots(of: searcher, 40).enumerated().map { i, snapshot in
            let now = start + .milliseconds(160 * i)
            return try snapshots.pin(snapshot, taken: now, newest: snapshot, now: now)
        }
        #expect(Set(ids).count == 40)
        for id in ids { #expect(snapshots.searcher(id, of: "books", now: start + .seconds(7)) != nil) }
    }

    @Test func cursorsOfASecondShareASnapshot() throws {
        let (shelf, searcher) = try BookShelf.searcher()
        let snapshots = CursorSnapshots()
        let start = ContinuousClock.now
        let newer = try self.snapshots(of: searcher, 1)[0]
        #expect(snapshots.recent(newer, now: start) == nil)
        _ = try snapshots.pin(searcher, taken: start, newest: searcher, now: start + .seconds(3))
        func shared(_ newest: CatalogSearcher, changed: ContinuousClock.Instant? = nil, after delay: Duration) -> Bool {
            snapshots.recent(newest, changed: changed, now: start + delay)?.reader === searcher.reader
        }
        #expect(shared(newer, after: .milliseconds(999)))
        #expect(!shared(newer, after: .seconds(1)))
        // Whoever has made a change visible sees it.
        #expect(shared(newer, changed: start - .milliseconds(1), after: .milliseconds(500)))
        #expect(!shared(newer, changed: start + .milliseconds(1), after: .milliseconds(500)))
        // A rebuilt catalog is another one.
        _ = try shelf.job([#"{"id": "8", "title": "Eight"}"#]).run("books", in: shelf.folder)
        #expect(!shared(try shelf.folder.open("books"), after: .milliseconds(500)))
    }

    @Test func cursorsAreRefusedWhenThereIsNoRoom() throws {
        let (shelf, searcher) = try BookShelf.searcher()
        defer { withExtendedLifetime(shelf) {} }
        let snapshots = CursorSnapshots()
        let start = ContinuousClock.now
        let all = try self.snapshots(of: searcher, CursorSnapshots.maxPerCatalog + 1)
        let ids = try all.dropLast().enumerated().map { i, snapshot in
            let now = start + .milliseconds(10 * i)
            return try snapshots.pin(snapshot, taken: now, newest: snapshot, now: now)
        }
        let last = try #require(all.last)
        #expect(throws: CatalogError.tooManyCursors) {
            try snapshots.pin(last, taken: start, newest: last, now: start + .seconds(20))
        }
        // A cursor that is used goes on; the one that was not used for longest makes room.
        let later = start + .seconds(31)
        #expect(snapshots.searcher(ids[0], of: "books", now: later) != nil)
        let id = try snapshots.pin(last, taken: later, newest: last, now: later)
        #expect(snapshots.searcher(id, of: "books", now: later) != nil)
        #expect(snapshots.searcher(ids[0], of: "books", now: later) != nil)
        #expect(snapshots.searcher(ids[1], of: "books", now: later) == nil)
        #expect(snapshots.searcher(ids[2], of: "books", now: later) != nil)
    }

    /// Files that only cursors need are limited by their bytes.
    @Test func filesOfOldSnapshotsAreLimited() throws {
        let (shelf, searcher) = try BookShelf.searcher()
        _ = try shelf.job([#"{"id": "8", "title": "Eight"}"#]).run("books", in: shelf.folder)
        let newest = try shelf.folder.open("books")
        let snapshots = CursorSnapshots(maxBytes: 0)
        let start = ContinuousClock.now
        _ = try snapshots.pin(newest, taken: start, newest: newest, now: start)
        #expect(throws: CatalogError.tooManyCursors) {
            try snapshots.pin(searcher, taken: start, newest: newest, now: start)
        }
        #expect(throws: Never.self) {
            try CursorSnapshots().pin(searcher, taken: start, newest: newest, now: start)
        }
    }

    /// In a store, a cursor begins in the snapshot of another one, and sees what its client has made visible.
    @Test func aCursorSeesARefreshAndOtherwiseASharedSnapshot() async throws {
        let (shelf, _) = try BookShelf.searcher()
        let time = Mutex(ContinuousClock.now)
        let store = CatalogStore(shelf.folder, lookEvery: .zero, clock: { time.withLock { $0 } })
        func found() throws -> Int {
            let parameters = [(name: "per_page", value: "2"), (name: "after", value: "*")]
            return try store.search("books", SearchRequest(parameters: parameters)).found
        }
        #expect(try found() == 6)
        _ = try shelf.job([#"{"id": "8", "title": "Eight"}"#], appending: true).run("books", in: shelf.folder)
        #expect(try found() == 6)
        #expect(try store.search("books", SearchRequest("")).found == 7)
        time.withLock { $0 += .seconds(1) }
        #expect(try found() == 7)
        let writer = try store.writer("books")
        let collector = try writer.collector()
        Array(#"{"id": "9", "title": "Nine"}"#.utf8).withUnsafeBufferPointer { collector.add(line: $0) }
        #expect(await writer.write(collector.drain(), refresh: true).failure == nil)
        #expect(try found() == 8)
        try store.close()
    }
}
