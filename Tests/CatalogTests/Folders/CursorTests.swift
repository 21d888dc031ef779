import Indexer
import Searching
import Segments
import Synchronization
import Testing

@testable import Catalog

@Suite struct CursorTests {
    @Test func cursorsRoundTrip() {
        let values: [[SortValue]] = [
            [], [.missing], [.integer(.min), .integer(.max)], [.float(-0.1), .float(1e300), .float(.infinity)],
            [.score(0), .score(1.5)], [.text(Array("书\"\u{0}".utf8)), .text([])],
        ]
        for (i, values) in values.enumerated() {
            let cursor = SearchCursor(
                snapshot: .max - UInt64(i), search: UInt64(i),
                position: TieredAfter(tier: i & 1, after: SearchAfter(values, document: i * 1_000_000)))
            #expect(SearchCursor(cursor.text) == cursor)
            #expect(!cursor.text.contains { "+/=".contains($0) })
            for length in 0..<cursor.text.count { #expect(SearchCursor(String(cursor.text.prefix(length))) == nil) }
        }
        for text in ["", "x", "*", "e30", "bnVsbA", String(repeating: "A", count: 70_000)] {
            #expect(SearchCursor(text) == nil)
        }
    }

    /// Pages continue in the snapshot of the first page, whatever happens to the catalog.
    @Test(arguments: [nil, "year:desc", "author,relevance", "language:desc,year"])
    func pagesContinueInTheirSnapshot(_ sort: String?) throws {
        let (shelf, _) = try BookShelf.searcher()
        let store = CatalogStore(shelf.folder, lookEvery: .zero)
        var parameters = [(name: "per_page", value: "2"), (name: "after", value: "*")]
        if let sort { parameters.append((name: "sort", value: sort)) }
        var seen: [String] = []
        for _ in 0..<9 {
            let reply = try store.search("books", SearchRequest(parameters: parameters))
            seen += reply.hits.map(\.id)
            #expect(reply.found == 6)
            guard let next = reply.next else { break }
            parameters[1].value = next
            _ = try shelf.job([#"{"id": "8", "title": "Eight"}"#]).run("books", in: shelf.folder)
        }
        #expect(Set(seen).count == 6)
        #expect(seen.count == 6)
        // A new search sees the new documents.
        #expect(try store.search("books", SearchRequest("")).found == 1)
    }

    /// Every hit of the first page's snapshot is visited once while another task adds, replaces and deletes, and the
    /// writer publishes snapshots, commits and merges.
    @Test(arguments: [nil, "year:desc", "author,relevance"])
    func pagesVisitEveryHitOnceWhileOthersWrite(_ sort: String?) async throws {
        let shelf = BookShelf()
        func line(_ number: Int, _ round: Int) -> String {
            #"{"id": "\#(number)", "title": "book \#(number)", "author": ["a\#(number % 7)"], "#
                + #""year": \#(round % 50 + number)}"#
        }
        _ = try shelf.job((0..<300).map { line($0, 0) }).run("books", in: shelf.folder)
        var options = LiveOptions()
        options.commitAfter = .milliseconds(20)
        // A clock of the test's own: on a busy machine the pages may be minutes apart, and cursors would expire.
        let start = ContinuousClock.now
        let ticks = Ticks()
        let store = CatalogStore(
            shelf.folder, lookEvery: .zero, writing: options, clock: { start + .milliseconds(10 * ticks.next()) })
        let writer = try store.writer("books")
        let writes = Task {
            var random = PastedTextTests.RandomSource(seed: 9)
            var rounds = 0
            while !Task.isCancelled {
                rounds += 1
                let collector = try writer.collector()
                for _ in 0..<20 {
                    let number = random.below(400)
                    let change = random.below(3) == 0 ? #"{"_delete": "\#(number)"}"# : line(number, rounds)
                    Array(change.utf8).withUnsafeBufferPointer { collector.add(line: $0) }
                }
                let (results, failure) = await writer.write(collector.drain(), refresh: true)
                #expect(failure == nil)
                #expect(results.count == 20)
            }
            return rounds
        }
        for _ in 0..<8 {
            var parameters = [(name: "q", value: "book"), (name: "per_page", value: "17"), (name: "after", value: "*")]
            if let sort { parameters.append((name: "sort", value: sort)) }
            var seen: [String] = []
            var found: Int?
            while true {
                let reply = try store.search("books", SearchRequest(parameters: parameters))
                found = found ?? reply.found
                #expect(reply.found == found)
                #expect(!reply.partial)
                seen += reply.hits.map(\.id)
                guard let next = reply.next else { break }
                parameters[2].value = next
                await Task.yield()
            }
            #expect(seen.count == found)
            #expect(Set(seen).count == seen.count)
            #expect(seen.count > 100)
        }
        writes.cancel()
        let rounds = try await writes.value
        #expect(rounds > 1)
        try store.close()
    }

    @Test func cursorsOfOtherSearchesAreRefused() throws {
        let (shelf, _) = try BookShelf.searcher()
        let store = CatalogStore(shelf.folder, lookEvery: .zero)
        let first = try store.search(
            "books", SearchRequest(parameters: [("per_page", "2"), ("after", "*"), ("sort", "year")]))
        let next = try #require(first.next)
        for other in [
            [("sort", "year, author")], [("sort", "author")], [("sort", "relevance")], [("sort", "year:desc")],
            [("sort", "year"), ("q", "python")], [("sort", "year"), ("filter", "language:=zh")],
            [("sort", "year"), ("collapse", "language")],
        ] {
            let request = try SearchRequest(parameters: [("after", next)] + other)
            #expect {
                try store.search("books", request)
            } throws: { "\($0)".contains("another search") }
        }
        // Parameters that only change how hits are shown may differ.
        for other in [("per_page", "1"), ("facets", "author"), ("highlight", "false"), ("explain", "true")] {
            let request = try SearchRequest(parameters: [("after", next), ("sort", "year"), other])
            #expect(throws: Never.self) { try store.search("books", request) }
        }
        // After a timeout the cursor stays before the page.
        var late = try SearchRequest(parameters: [("after", next), ("sort", "year"), ("per_page", "2")])
        late.timeout = .zero
        #expect(try store.search("books", late).next == next)
        late = try SearchRequest(parameters: [("after", "*")])
        late.timeout = .zero
        #expect(try store.search("books", late).next == "*")
        // Another server does not have the snapshot, like this one much later.
        let other = CatalogStore(shelf.folder, lookEvery: .zero)
        let request = try SearchRequest(parameters: [("after", next), ("sort", "year")])
        #expect {
            try other.search("books", request)
        } throws: { "\($0)".contains("after") }
        // Without a requested cursor there is none.
        #expect(try store.search("books", SearchRequest(parameters: [("per_page", "2")])).next == nil)
    }

    @Test func unusedSnapshotsAreReleased() throws {
        let (_, searcher) = try BookShelf.searcher()
        let snapshots = CursorSnapshots()
        let start = ContinuousClock.now
        func pin(_ pinned: CatalogSearcher, at seconds: Int) throws -> UInt64 {
            let now = start + .seconds(seconds)
            return try snapshots.pin(pinned, taken: now, newest: pinned, now: now)
        }
        let id = try pin(searcher, at: 0)
        #expect(try pin(searcher, at: 100) == id)
        #expect(snapshots.searcher(id, of: "books", now: start + .seconds(200)) != nil)
        #expect(snapshots.searcher(id, of: "films", now: start + .seconds(200)) == nil)
        #expect(snapshots.searcher(id, of: "books", now: start + .seconds(330)) == nil)
        weak var kept: IndexReader?
        do {
            let (_, other) = try BookShelf.searcher()
            kept = other.reader
            _ = try pin(other, at: 0)
        }
        #expect(kept != nil)
        snapshots.sweep(now: start + .seconds(121))
        #expect(kept == nil)
    }
}

/// A counter for clocks of tests.
private final class Ticks: Sendable {
    private let count = Atomic<Int>(0)

    /// The next number.
    func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}
