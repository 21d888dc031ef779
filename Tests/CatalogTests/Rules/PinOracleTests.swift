import Segments
import TestSupport
import Testing

@testable import Catalog

/// Pinned and hidden documents, compared with lists that are made from the search without rules: under filters, sorts,
/// tiers, groups, pages and cursors.
@Suite struct PinOracleTests {
    /// A document as the oracle knows it.
    private struct Book {
        var id: String
        var kind: String
        var year: Int
    }

    private static let words = ["river", "stone", "cloud", "maple"]

    /// Forty books whose titles have some of the words, some of them often.
    private static func books() -> (lines: [String], books: [Book]) {
        var random = SplitMix64(seed: 7)
        var lines: [String] = []
        var books: [Book] = []
        for i in 0..<40 {
            let title = (0..<Int.random(in: 1...4, using: &random)).map { _ in words.randomElement(using: &random)! }
            let book = Book(
                id: "b\(i)", kind: "k\(Int.random(in: 0..<5, using: &random))",
                year: Int.random(in: 1990..<2000, using: &random))
            books.append(book)
            let text = title.joined(separator: " ")
            lines.append(
                #"{"id": "\#(book.id)", "title": "\#(text)", "kind": "\#(book.kind)", "year": \#(book.year)}"#)
        }
        return (lines, books)
    }

    /// A request with rules, and the hits of the same request without them.
    private struct Case: CustomStringConvertible {
        var request = SearchRequest()
        var filter: String?
        var pins: [(id: String, position: Int)] = []
        var hidden: Set<String> = []

        init(_ random: inout SplitMix64) {
            request.q = ["", "river", "river stone", "cloud maple stone"].randomElement(using: &random)!
            let filters = [nil, nil, "kind:=k1", "year:<1995", "kind:=[k1, k2] && year:>=1993"]
            filter = filters.randomElement(using: &random)!
            request.perPage = Int.random(in: 1...8, using: &random)
            if Int.random(in: 0..<6, using: &random) == 0 { request.sort = [.init("year", ascending: true)] }
            if Int.random(in: 0..<4, using: &random) == 0 { request.collapse = "kind" }
            var ids = (0..<44).map { "b\($0)" }.shuffled(using: &random)
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                pins.append((ids.removeLast(), Int.random(in: 1...9, using: &random)))
            }
            hidden = Set(ids.prefix(Int.random(in: 0...3, using: &random)))
            if let pin = pins.first, Int.random(in: 0..<4, using: &random) == 0 { hidden.insert(pin.id) }
        }

        /// The rules as JSON: one with the pins, one with what is hidden.
        var rules: String {
            let pins = pins.map { #"{"id": "\#($0.id)", "position": \#($0.position)}"# }.joined(separator: ",")
            let hidden = hidden.sorted().map { "\"\($0)\"" }.joined(separator: ",")
            let query = #""query": {"is": "\#(request.q)"}"#
            var rules: [String] = []
            if !pins.isEmpty { rules.append(#"{"id": "pins", \#(query), "pin": [\#(pins)]}"#) }
            if !hidden.isEmpty { rules.append(#"{"id": "hidden", \#(query), "hide": [\#(hidden)]}"#) }
            return "[\(rules.joined(separator: ","))]"
        }

        var description: String {
            "q=\(request.q) filter=\(filter ?? "") per_page=\(request.perPage) sort=\(request.sort.count) "
                + "collapse=\(request.collapse ?? "") pins=\(pins) hidden=\(hidden.sorted())"
        }
    }

    /// The hits that a case must have, on all pages, and the numbers of its tiers.
    private struct Expected {
        var ids: [String] = []
        var strict = 0
        var loose = 0

        /// Makes the list from the hits without rules, in order, and the documents that match the filter.
        init(_ test: Case, _ plain: [SearchReply.Hit], _ matching: Set<String>, _ kinds: [String: String]) {
            let visible = plain.filter { !test.hidden.contains($0.id) }
            let pins =
                test.request.sort.isEmpty
                ? test.pins.enumerated().sorted {
                    ($0.element.position, $0.offset) < ($1.element.position, $1.offset)
                }.map(\.element) : []
            // A page has no room for more pins than hits; missing documents do not count.
            let placed = pins.filter { kinds[$0.id] != nil }.prefix(test.request.perPage).filter {
                matching.contains($0.id) && !test.hidden.contains($0.id)
            }
            let pinned = Set(placed.map(\.id))
            strict = Set(visible.filter { $0.tier == nil }.map(\.id)).union(pinned).count
            loose = visible.filter { $0.tier != nil && !pinned.contains($0.id) }.count
            var others = visible.map(\.id).filter { !pinned.contains($0) }
            var shown = placed.map { (id: $0.id, position: $0.position) }
            if test.request.collapse != nil {
                var kindsSeen: Set<String> = []
                shown = shown.filter { kindsSeen.insert(kinds[$0.id] ?? "").inserted }
                others = others.filter { kindsSeen.insert(kinds[$0] ?? "").inserted }
            }
            ids = Self.inserted(shown, into: others, perPage: test.request.perPage)
        }

        /// Puts pins in slots of the first page: the first free one from the position on that leaves room for the pins
        /// behind.
        private static func inserted(
            _ pins: [(id: String, position: Int)], into others: [String], perPage: Int
        ) -> [String] {
            let length = min(perPage, pins.count + others.count)
            var slots = [String?](repeating: nil, count: length)
            for (i, pin) in pins.enumerated() {
                var slot = min(pin.position - 1, length - (pins.count - i))
                while slots[slot] != nil { slot += 1 }
                slots[slot] = pin.id
            }
            var rest = others[...]
            return slots.map { $0 ?? rest.removeFirst() } + rest
        }
    }

    @Test func allPagesHaveTheHitsOfTheOracle() throws {
        let (lines, books) = Self.books()
        let schema = try Schema(
            key: "id",
            fields: [Field("id", .keyword), Field("title", .text), Field("kind", .keyword), Field("year", .integer)])
        let profile = #"{"weights": {"title": 1}, "browse": "year"}"#
        let (shelf, searcher) = try BookShelf.searcher(lines, schema, profile: profile)
        defer { withExtendedLifetime(shelf) {} }
        let kinds = Dictionary(uniqueKeysWithValues: books.map { ($0.id, $0.kind) })
        var random = SplitMix64(seed: 20)
        for number in 0..<300 {
            var test = Case(&random)
            test.request.filter = try test.filter.flatMap(FilterParser.parse)
            var plain = test.request
            plain.perPage = 100
            plain.collapse = nil
            let before = try searcher.search(plain)
            var all = SearchRequest()
            (all.filter, all.perPage) = (test.request.filter, 100)
            let matching = Set(try searcher.search(all).hits.map(\.id))
            let expected = Expected(test, before.hits, matching, kinds)
            let ruled = try searcher.with(TuningDraft(rules: test.rules))
            let message = "case \(number): \(test)"
            #expect(try Self.paged(test.request, ruled) == expected.ids, "\(message)")
            let reply = try ruled.search(test.request)
            #expect(reply.tiers.map(\.found).prefix(1) == [expected.strict], "\(message)")
            #expect(reply.tiers.dropFirst().map(\.found).reduce(0, +) == expected.loose, "\(message)")
            #expect(reply.found == (expected.strict > 0 ? expected.strict : expected.loose), "\(message)")
            if test.request.collapse != nil { #expect(reply.groups == expected.ids.count, "\(message)") }
            let store = CatalogStore(shelf.folder, lookEvery: .seconds(3600))
            _ = try store.tune("lines") { tuning throws(CatalogError) in
                try tuning.put(.rules, json: Array(test.rules.utf8), expecting: nil, who: "test")
            }
            #expect(try Self.scrolled(test.request, store) == expected.ids, "\(message)")
        }
    }

    /// The hits of all pages by their numbers.
    private static func paged(_ request: SearchRequest, _ searcher: CatalogSearcher) throws -> [String] {
        var request = request
        var ids: [String] = []
        while true {
            let reply = try searcher.search(request)
            ids += reply.hits.map(\.id)
            if reply.hits.count < request.perPage { return ids }
            request.page += 1
        }
    }

    /// The hits of all pages by cursors.
    private static func scrolled(_ request: SearchRequest, _ store: CatalogStore) throws -> [String] {
        var request = request
        request.wantsCursor = true
        var ids: [String] = []
        while true {
            let reply = try store.search("lines", request)
            ids += reply.hits.map(\.id)
            guard let next = reply.next else { return ids }
            request.after = SearchCursor(next)
        }
    }
}
