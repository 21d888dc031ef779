import Foundation
import Synchronization
import Testing

@testable import Catalog

/// Two stores of one data folder, as two processes have them, and a clock that only the test moves.
@Suite struct TunedStoreTests {
    private final class Shop: Sendable {
        let shelf = BookShelf()
        let time = Mutex(ContinuousClock.now)
        /// The time by which rules count, in milliseconds since 1970.
        let wallTime = Mutex<Int64>(0)
        let failures = Mutex<[CatalogError]>([])

        init() throws { _ = try shelf.job(BookShelf.books).run("books", in: shelf.folder) }

        func store() -> CatalogStore {
            CatalogStore(
                shelf.folder, onFailure: { _, error in self.failures.withLock { $0.append(error) } },
                clock: { self.time.withLock { $0 } }, wallClock: { self.wallTime.withLock { $0 } })
        }

        func advance(_ milliseconds: Int) { time.withLock { $0 += .milliseconds(milliseconds) } }
    }

    @discardableResult
    private static func put(_ store: CatalogStore, _ json: String) throws -> TuningRevision {
        try store.tune("books") { tuning throws(CatalogError) in
            try tuning.put(.synonyms, json: Array(json.utf8), expecting: nil, who: "editor")
        }
    }

    private static func snakes(_ store: CatalogStore) throws -> Int {
        try store.search("books", SearchRequest("snake")).found
    }

    private static let pythons = #"[{"words":["snake","python"]}]"#

    @Test func aChangeIsInForceAtOnceHereAndSoonElsewhere() throws {
        let shop = try Shop()
        let (here, there) = (shop.store(), shop.store())
        #expect(try Self.snakes(here) == 0)
        #expect(try Self.snakes(there) == 0)
        let before = try #require(there.knownView("books")).view
        #expect(try Self.put(here, Self.pythons).revision == 1)
        #expect(try Self.snakes(here) == 3)
        #expect(here.knownView("books")?.view == (try here.searcher("books").view))
        #expect(there.knownView("books")?.view == before)
        // No reply that was kept is used for longer than this.
        shop.advance(249)
        #expect(there.knownView("books") == nil)
        #expect(try Self.snakes(there) == 3)
        #expect(try there.searcher("books").view > before)
    }

    @Test func aCatalogThatIsWrittenFollowsAsWell() async throws {
        let shop = try Shop()
        let (writing, other) = (shop.store(), shop.store())
        let writer = try writing.writer("books")
        #expect(try Self.snakes(writing) == 0)
        try Self.put(other, Self.pythons)
        shop.advance(50)
        #expect(try Self.snakes(writing) == 3)
        let result = try await writer.delete("4", version: nil, refresh: true)
        #expect(result.result == .deleted)
        #expect(try Self.snakes(writing) == 2)
        try Self.put(writing, "[]")
        #expect(try Self.snakes(writing) == 0)
        try writing.close()
    }

    @Test func aDamagedRevisionLeavesTheOneInUse() throws {
        let shop = try Shop()
        let (here, there) = (shop.store(), shop.store())
        try Self.put(here, Self.pythons)
        #expect(try Self.snakes(there) == 3)
        let path = try shop.shelf.folder.index("books").tuningPath(2)
        try Data("no revision".utf8).write(to: URL(fileURLWithPath: path))
        for _ in 0..<3 {
            shop.advance(1000)
            #expect(try Self.snakes(there) == 3)
        }
        #expect(shop.failures.withLock { $0.count } == 1)
        #expect(try there.summaries().map(\.state) == [.outdated])
        let restored = try there.tune("books") { tuning throws(CatalogError) in
            try tuning.restore(1, expecting: 2, who: "editor")
        }
        #expect(restored.revision == 3)
        #expect(try there.summaries().map(\.state) == [.ready])
    }

    /// A cursor goes on with the tuning that it began with, and a new one begins with the new tuning.
    @Test func cursorsKeepTheirTuning() throws {
        let shop = try Shop()
        let store = shop.store()
        try Self.put(store, Self.pythons)
        var request = SearchRequest("snake")
        request.perPage = 1
        request.wantsCursor = true
        let first = try store.search("books", request)
        try Self.put(store, "[]")
        #expect(try store.search("books", request).found == 0)
        request.after = SearchCursor(try #require(first.next))
        let second = try store.search("books", request)
        #expect(second.found == 3)
        #expect(second.hits.map(\.id) != first.hits.map(\.id))
    }

    /// A reply of the time before is not used again from the moment on in which a rule begins or ends.
    @Test func rulesBeginAndEndInTheMoment() throws {
        let shop = try Shop()
        let store = shop.store()
        let rules = #"""
            [{"id": "r", "query": {"is": "python"}, "hide": ["4"], "from": "1970-01-02", "until": "1970-01-02"}]
            """#
        _ = try store.tune("books") { tuning throws(CatalogError) in
            try tuning.put(.rules, json: Array(rules.utf8), expecting: nil, who: "editor")
        }
        var views: Set<UInt64> = []
        for (time, found) in [(0, 3), (86_399_999, 3), (86_400_000, 2), (172_799_999, 2), (172_800_000, 3)] {
            shop.wallTime.withLock { $0 = Int64(time) }
            let known = try #require(store.knownView("books")).view
            let reply = try store.search("books", SearchRequest("python"))
            #expect(reply.view == known)
            #expect(reply.found == found, "\(time)")
            views.insert(known)
        }
        #expect(views.count == 3)
    }

    /// Rules stay when a rebuild leaves a field out that they need; they are told, and do not count.
    @Test func rulesOutliveARebuild() throws {
        let shop = try Shop()
        let store = shop.store()
        let rules = #"""
            [{"id": "r", "query": {"is": "python"}, "filter": "language:=en"},
             {"id": "s", "query": {"is": "python"}, "hide": ["4"]}]
            """#
        _ = try store.tune("books") { tuning throws(CatalogError) in
            try tuning.put(.rules, json: Array(rules.utf8), expecting: nil, who: "editor")
        }
        #expect(try store.search("books", SearchRequest("python")).hits.map(\.id) == ["6"])
        let lines = ["4", "5"].map { #"{"id": "\#($0)", "title": "python"}"# }
        let file = try shop.shelf.write("t.jsonl", lines.joined(separator: "\n"))
        var job = IndexJob(files: [file], schema: try BookShelf.titleSchema)
        job.profile = (Array(#"{"weights": {"title": 1}}"#.utf8), "p.json")
        _ = try job.run("books", in: shop.shelf.folder)
        shop.advance(1000)
        let reply = try store.search("books", SearchRequest("python"))
        #expect(reply.hits.map(\.id) == ["5"])
        #expect(reply.applied.rules == ["s"])
        #expect(try store.searcher("books").unfitRules.count == 1)
    }
}
