import HTTPTypes
import Logging
import Testing

@testable import Shop

/// The relay of clicks, carts and orders to the search server, and the reports that count them.
@Suite(.timeLimit(.minutes(10))) struct EventRelayTests {
    private static let reader = "events:local"

    private func relay(_ shop: TestShop, _ search: SearchProcess, _ logger: Logger = .quiet) -> EventRelay {
        EventRelay(
            store: shop.store, client: SearchClient(target: search.target), logger: logger, now: shop.services.now)
    }

    /// Clicks the third hit of a search before the login, and puts it into the cart and orders it after.
    private func shopFor(_ goods: Int, _ query: String, in shop: TestShop) async throws {
        try await shop.serve { browser in
            let hit = #""query": "kittens", "goods_id": \#(goods)"#
            // A page may tell of what is none of this server's, between what is.
            let clicks = [
                #"{"kind": "click", \#(hit), "position": 3, "query_id": "\#(query)"}"#,
                #"{"kind": "click", \#(hit), "query_id": "\#(String(repeating: "A", count: 32))"}"#,
                #"{"kind": "click", \#(hit), "query_id": "not one"}"#, #"{"kind": "click", \#(hit)}"#,
            ].reversed().joined(separator: ", ")
            try await browser.post("/api/v1/events", #"{"events": [\#(clicks)]}"#).expect(202)
            try await shop.services.events.flush()
            shop.advance(seconds: 60)
            let buyer = try await Buyer(try await shop.logIn("zhang", browser), shop)
            let line = #"{"goods_id": \#(goods), "count": 1}"#
            try await browser.post("/api/v1/cart/items", line).expect(200)
            let key = try #require(HTTPField.Name("Idempotency-Key"))
            let order = #"{"address_id": \#(buyer.address), "pay_method": 1, "items": [\#(line)]}"#
            try await browser.post("/api/v1/orders", order, headers: [key: "k"]).expect(201)
        }
        try await shop.services.events.flush()
    }

    @Test func reportsShowOnceWhatFollowedFromASearchWhateverIsKilled() async throws {
        let lines = LogLines()
        try await withTemporaryFolder { folder in
            let key = try SearchProcess.create(in: folder)
            try await TestShop.run { shop in
                let goods = try await shop.addGoods("a", name: "Quantum kittens")
                try await SearchProcess.run(folder, key) { search in
                    let feed = Feed(shop.store, [search.target], logger: .quiet, now: shop.services.now)
                    while try await feed.relays[0].step() {}
                    _ = try await feed.relays[0].client.post([FeedDocument](), refresh: true)
                    let query = try #require(try await search.reply(to: "kittens")["query_id"]?.text)
                    try await shopFor(goods, query, in: shop)
                    let relay = relay(shop, search, lines.logger)
                    // What is new waits for the click that it may have followed from.
                    #expect(try await relay.step() == false)
                    #expect(try await search.report("clicks")["totals"]?["carts"]?.int == 0)
                    shop.advance(seconds: 10)
                    #expect(try await relay.step() == false)
                    let refused = lines.all.first { $0.contains("search has refused events") }
                    #expect(refused?.contains("2") == true)
                    var top: [JSONValue] = []
                    while top.isEmpty { top = try await search.report("top")["queries"]?.list ?? [] }
                    #expect(top.first?["query"]?.text == "kittens")
                    #expect(top.first?["clicks"]?.int == 1)
                    search.kill9()
                    let late = Event(at: shop.services.now(), kind: .click, goodsId: goods, position: 1, queryId: query)
                    try await shop.store.write { try $0.add([late]) }
                    shop.advance(seconds: 10)
                    await #expect(throws: FeedError.self) { _ = try await relay.step() }
                }
                try await SearchProcess.run(folder, key) { search in
                    // A shop that dies before it has moved its cursor sends all again.
                    try await shop.store.write { try $0.setCursor(of: Self.reader, to: 0, now: 0) }
                    #expect(try await relay(shop, search).step() == false)
                    let report = try await search.report("clicks")
                    let totals = try #require(report["totals"])
                    #expect(["clicks", "carts", "orders"].map { totals[$0]?.int } == [2, 1, 1])
                    let places = report["places"]?.list ?? []
                    let third = try #require(places.first { $0["position"]?.int == 3 })
                    #expect(["clicks", "carts", "orders"].map { third[$0]?.int } == [1, 1, 1])
                    #expect(third["document"]?.text == "\(goods)")
                    #expect(third["query"]?.text == "kittens")
                    let last = try await shop.store.read { try $0.cursor(of: Self.reader) }
                    #expect(last == 8)
                }
            }
        }
    }

    @Test func aServerThatRecordsNothingHoldsUpNoEvents() async throws {
        try await withTemporaryFolder { folder in
            let key = try SearchProcess.create(in: folder)
            try await TestShop.run { shop in
                let click = Event(at: shop.services.now(), kind: .click, goodsId: 1, position: 1, queryId: "q")
                try await shop.store.write { try $0.add([click]) }
                shop.advance(seconds: 10)
                try await SearchProcess.run(folder, key, options: ["--keep-queries", "0"]) { search in
                    #expect(try await relay(shop, search).step() == false)
                    let cursor = try await shop.store.read { try $0.cursor(of: Self.reader) }
                    #expect(cursor == 1)
                }
            }
        }
    }

    @Test func anOrderFollowsFromTheBuyersLastClickOnItsGoods() async throws {
        try await TestShop.run { shop in
            let (week, start) = (EventRelay.memory, shop.services.now())
            func click(_ query: String, at time: Milliseconds, goods: Int = 1, by visitor: String?) -> Event {
                let account = visitor == nil ? 7 : nil
                return Event(
                    at: start + time, kind: .click, passportId: account, visitor: visitor, goodsId: goods,
                    queryId: query)
            }
            func order(at time: Milliseconds, goods: Int? = 1, by visitor: String?) -> Event {
                let account = visitor == nil ? 7 : nil
                return Event(at: start + time, kind: .order, passportId: account, visitor: visitor, goodsId: goods)
            }
            let all = [
                click("first", at: 0, by: "v"), click("second", at: 10, by: "v"),
                click("other goods", at: 20, goods: 2, by: "v"), click("of another", at: 20, by: "w"),
                order(at: 30, by: "v"), order(at: 30, by: nil), order(at: 30, goods: nil, by: "v"),
                order(at: 10 + week, by: "v"), order(at: 11 + week, by: "v"),
                // A page tells of a click together with what it leads to.
                order(at: 100_000, by: nil), click("account", at: 101_000, by: nil),
            ]
            try await shop.store.write { try $0.add(all) }
            let events = try await shop.store.read { try $0.events(after: 0, memory: week, limit: 100) }
            let followed = events.filter { $0.kind == .order }.map(\.queryId)
            #expect(followed == ["second", nil, nil, "second", nil, "account"])
        }
    }
}
