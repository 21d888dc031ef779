import Indexer
import Testing

@testable import Catalog

@Suite struct CursorTests {
    @Test func aCursorComesBack() {
        let values: [[SortValue]] = [
            [], [.missing], [.integer(.min), .integer(.max)], [.float(-0.1), .float(1e300), .float(.infinity)],
            [.score(0), .score(1.5)], [.text(Array("书\"\u{0}".utf8)), .text([])],
        ]
        for (number, some) in values.enumerated() {
            let cursor = SearchCursor(
                view: .max - UInt64(number), search: UInt64(number),
                place: SearchPlace(some, document: number * 1_000_000))
            #expect(SearchCursor(cursor.text) == cursor)
            #expect(
                cursor.text.utf8.allSatisfy {
                    $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "=")
                })
            for length in 0..<cursor.text.count { #expect(SearchCursor(String(cursor.text.prefix(length))) == nil) }
        }
        for text in ["", "x", "*", "e30", "bnVsbA", String(repeating: "A", count: 70_000)] {
            #expect(SearchCursor(text) == nil)
        }
    }

    /// Pages go on in the view they began in, whatever becomes of the catalog.
    @Test(arguments: [nil, "year:desc", "author,relevance", "language:desc,year"])
    func pagesGoOnInTheirView(_ sort: String?) throws {
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
        #expect(Set(seen).count == 6 && seen.count == 6)
        // A new search sees what has been written.
        #expect(try store.search("books", SearchRequest("")).found == 1)
    }

    @Test func cursorsThatDoNotFitAreRefused() throws {
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
        // What is shown of hits may change.
        for other in [("per_page", "1"), ("facets", "author"), ("highlight", "false"), ("explain", "true")] {
            let request = try SearchRequest(parameters: [("after", next), ("sort", "year"), other])
            #expect(throws: Never.self) { try store.search("books", request) }
        }
        // A page that was cut short is asked for again.
        var late = try SearchRequest(parameters: [("after", next), ("sort", "year"), ("per_page", "2")])
        late.timeout = .zero
        #expect(try store.search("books", late).next == next)
        late = try SearchRequest(parameters: [("after", "*")])
        late.timeout = .zero
        #expect(try store.search("books", late).next == "*")
        // Another server, or this one much later.
        let other = CatalogStore(shelf.folder, lookEvery: .zero)
        let request = try SearchRequest(parameters: [("after", next), ("sort", "year")])
        #expect {
            try other.search("books", request)
        } throws: { "\($0)".contains("after") }
        // Nobody has asked for a cursor.
        #expect(try store.search("books", SearchRequest(parameters: [("per_page", "2")])).next == nil)
    }

    @Test func viewsAreForgotten() throws {
        let (_, searcher) = try BookShelf.searcher()
        let views = PinnedViews()
        let start = ContinuousClock.now
        let name = views.pin(searcher, now: start)
        #expect(views.pin(searcher, now: start + .seconds(100)) == name)
        #expect(views.view(name, of: "books", now: start + .seconds(200)) != nil)
        #expect(views.view(name, of: "films", now: start + .seconds(200)) == nil)
        #expect(views.view(name, of: "books", now: start + .seconds(330)) == nil)
        weak var kept: IndexReader?
        do {
            let (_, other) = try BookShelf.searcher()
            kept = other.reader
            _ = views.pin(other, now: start)
        }
        #expect(kept != nil)
        views.sweep(now: start + .seconds(121))
        #expect(kept == nil)
        // The one that was not used for longest makes room.
        let others = try (0..<PinnedViews.most).map { number in
            let (_, other) = try BookShelf.searcher()
            return views.pin(other, now: start + .seconds(400 + number))
        }
        let (_, last) = try BookShelf.searcher()
        let newest = views.pin(last, now: start + .seconds(450))
        #expect(views.view(others[0], of: "books", now: start + .seconds(451)) == nil)
        #expect(views.view(others[1], of: "books", now: start + .seconds(451)) != nil)
        #expect(views.view(newest, of: "books", now: start + .seconds(451)) != nil)
    }
}
