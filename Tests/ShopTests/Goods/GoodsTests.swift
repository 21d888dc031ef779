import FoundationEssentials
import Synchronization
import Testing

@testable import Shop

@Suite struct GoodsTests {
    @Test func listsHaveEachOrderAndLeaveOutWhatIsNotOnSale() async throws {
        try await TestShop.run { shop in
            let a = try await shop.addGoods("a", price: 300) { $0.sales = 5 }
            shop.advance(seconds: 1)
            let b = try await shop.addGoods("b", price: 100) { $0.sales = 9 }
            let c = try await shop.addGoods("c", price: 200) { $0.sales = 1 }
            _ = try await shop.addGoods("d", price: 50) { $0.isOnShelf = false }
            try await shop.serve { browser in
                for (order, expected) in [
                    ("default", [c, b, a]), ("price", [b, c, a]), ("hot", [b, a, c]), ("new", [c, b, a]),
                ] {
                    let reply = try await browser.get("/api/v1/goods?sort=\(order)")
                    #expect(reply["items"]?.list.map { $0["id"]?.int } == expected, "\(order)")
                    #expect(reply["total"]?.int == 3)
                }
                #expect(try await browser.get("/api/v1/goods?sort=x").code == "bad_value")
                #expect(try await browser.get("/api/v1/goods?type=99").status == 404)
            }
        }
    }

    @Test(arguments: [
        (1, 1, [1]), (1, 10, [1, 2, 3, 4, 5]), (5, 10, [3, 4, 5, 6, 7]), (10, 10, [6, 7, 8, 9, 10]), (2, 3, [1, 2, 3]),
        (9, 10, [6, 7, 8, 9, 10]),
    ])
    func theWindowHasUpToFivePagesAroundTheCurrentOne(page: Int, pages: Int, window: [Int]) {
        #expect(pageWindow(around: page, of: pages) == window)
    }

    @Test func aListOfATypeHasTheGoodsOfTheTypesBelowIt() async throws {
        try await TestShop.run { shop in
            let id = try await shop.store.write { transaction in
                let root = try transaction.goodsType(named: "root", below: 0, now: 0)
                let leaf = try transaction.goodsType(named: "leaf", below: root, now: 0)
                return (
                    root,
                    try transaction.insert(GoodsDraft(code: "x", name: "x", price: 1, stock: 1, typeID: leaf), now: 0)
                )
            }
            _ = try await shop.addGoods("other")
            try await shop.serve { browser in
                let list = try await browser.get("/api/v1/goods?type=\(id.0)")
                #expect(list["items"]?.list.map { $0["id"]?.int } == [id.1])
                let detail = try await browser.get("/api/v1/goods/\(id.1)")
                #expect(detail["types"]?.list.map { $0["name"]?.text } == ["root", "leaf"])
                let home = try await browser.get("/api/v1/home")
                #expect(home["sections"]?.list.count == 2)
            }
        }
    }

    @Test(arguments: GoodsOrder.allCases)
    func aPageOfAllTypesIsReadInTheOrderOfAnIndex(order: GoodsOrder) async throws {
        let statements = Mutex<[String]>([])
        try await TestShop.run(onStatement: { sql in statements.withLock { $0.append(sql) } }) { shop in
            _ = try await shop.store.read { try $0.goodsOnSale(of: nil, order: order, limit: 5, offset: 10) }
            let sql = try #require(statements.withLock { $0.last { $0.contains("ORDER BY") } })
            let plan = try await shop.store.read { transaction in
                try transaction.rows("EXPLAIN QUERY PLAN " + sql.replacingOccurrences(of: "?", with: "0"))
                    .map { $0.text("detail") }
            }
            // The rows that are shown are sorted, not those that they are chosen from.
            #expect(plan.filter { $0.contains("TEMP B-TREE") }.count <= 1, "\(plan)")
            #expect(!plan.contains("SCAN goods"), "\(plan)")
        }
    }

    @Test func aPageAfterTheLastIsEmptyAndReadsNoGoods() async throws {
        let statements = Mutex<[String]>([])
        try await TestShop.run(onStatement: { sql in statements.withLock { $0.append(sql) } }) { shop in
            _ = try await shop.addGoods("a")
            try await shop.serve { browser in
                statements.withLock { $0 = [] }
                let reply = try await browser.get("/api/v1/goods?page=2&per_page=7")
                #expect(reply["items"]?.list.isEmpty == true)
                #expect(reply["pages"]?.int == 1)
                #expect(statements.withLock { $0.filter { $0.contains("SELECT * FROM goods ") } } == [])
                #expect(try await browser.get("/api/v1/goods?page=501").code == "bad_value")
            }
        }
    }

    @Test func goodsOfACartAreAskedForAtOnceAndOnlyThoseOnSaleAreThere() async throws {
        try await TestShop.run { shop in
            let a = try await shop.addGoods("a", stock: 3)
            let b = try await shop.addGoods("b")
            let off = try await shop.addGoods("c") { $0.isOnShelf = false }
            try await shop.serve { browser in
                let reply = try await browser.get("/api/v1/goods?ids=\(b),\(off),\(a),99")
                #expect(reply["items"]?.list.map { $0["id"]?.int } == [b, a])
                #expect(reply["items"]?.list.last?["stock"]?.int == 3)
                // Nothing of it is kept: each cart has goods of its own.
                try await shop.store.write { try $0.addStock(a, 1, now: 0) }
                let later = try await browser.get("/api/v1/goods?ids=\(a)")
                #expect(later["items"]?.list.first?["stock"]?.int == 4)
                let many = (1...101).map(String.init).joined(separator: ",")
                for ids in ["", "x", "1,,2", many, "\(a)&page=0", "\(a)&sort=x"] {
                    #expect(try await browser.get("/api/v1/goods?ids=\(ids)").code == "bad_value", "\(ids)")
                }
            }
        }
    }

    @Test func theDetailOfGoodsHoldsNothingOfOthers() async throws {
        try await TestShop.run { shop in
            let a = try await shop.addGoods("a", name: "First")
            _ = try await shop.addGoods("b", name: "Other")
            try await shop.serve { browser in
                // It becomes old with its own goods alone.
                let detail = try await browser.get("/api/v1/goods/\(a)")
                #expect(detail.body.contains("First"))
                #expect(!detail.body.contains("Other"))
            }
        }
    }

    @Test func eachEditRaisesTheVersionAndTheNumberForSearchAndAStaleEditChangesNothing() async throws {
        try await TestShop.run { shop in
            let id = try await shop.addGoods("a", stock: 2)
            let goods = try #require(try await shop.store.read { try $0.goods([id])[id] })
            #expect(goods.version == 1)
            try await shop.store.write { try $0.update(id, to: goods.draft, version: 1, now: 0) }
            await #expect(throws: StoreError.unchanged) {
                try await shop.store.write { try $0.update(id, to: goods.draft, version: 1, now: 0) }
            }
            try await shop.store.write { try $0.sell(id, 1, now: 0) }
            try await shop.store.write { try $0.setOnShelf(id, false, now: 0) }
            let changes = try await shop.store.read { try $0.changes(after: 0, limit: 10) }
            #expect(changes.map(\.kind) == [.put, .put, .patch, .put])
            let now = try #require(try await shop.store.read { try $0.goods([id])[id] })
            #expect(now.feedSequence == changes.last?.sequence)
            #expect(now.version == 3)
            #expect(now.draft.stock == 1)
            await #expect(throws: StoreError.unchanged) { try await shop.store.write { try $0.sell(id, 1, now: 0) } }
        }
    }

    @Test func sellingTheLastOneAndGettingItBackAreChangesOfTheWholeDocument() async throws {
        try await TestShop.run { shop in
            let id = try await shop.addGoods("a", stock: 2)
            for _ in 1...2 { try await shop.store.write { try $0.sell(id, 1, now: 0) } }
            for _ in 1...2 { try await shop.store.write { try $0.takeBack(id, 1, now: 0) } }
            let changes = try await shop.store.read { try $0.changes(after: 1, limit: 10) }
            #expect(changes.map(\.kind) == [.patch, .put, .put, .patch])
        }
    }

    @Test func theBundledCatalogBecomesGoodsThatSayThatTheyAreADemoOnce() async throws {
        try await TestShop.run { shop in
            let seed = Seed(shop.store, now: shop.services.now)
            let file = "Fixtures/catalog/zh-books.jsonl"
            #expect(try await seed.run(file: file) == 318)
            #expect(try await seed.run(file: file) == 0)
            let id = try #require(try await shop.store.read { try $0.goodsID(code: "zh-0018") })
            try await shop.serve { browser in
                let goods = try await browser.get("/api/v1/goods/\(id)")
                #expect(goods["name"]?.text == "编程之美")
                #expect(goods["price"]?.int == 4850)
                #expect(goods["isbn"]?.text == "9787121060748")
                #expect(goods["attributes"]?["is_demo"] == .bool(true))
                #expect(goods["attributes"]?["subtitle"]?.text == "微软技术面试心得")
                let related = try await browser.get("/api/v1/goods/\(id)/related")
                #expect(related["items"]?.list.isEmpty == false)
                #expect(related["items"]?.list.contains { $0["id"]?.int == id } == false)
            }
        }
    }

    @Test func problemsHaveTheFormOfTheSearchServers() async throws {
        try await TestShop.run { shop in
            try await shop.serve { browser in
                for path in ["/api/v1/goods/1", "/api/v1/goods/x", "/api/v1/goods/-1", "/x"] {
                    let reply = try await browser.get(path)
                    #expect(reply.status == 404)
                    #expect(reply.code == "not_found")
                    #expect(reply.headers[.contentType] == "application/problem+json")
                    #expect(reply.headers[.contentSecurityPolicy]?.contains("default-src 'self'") == true)
                }
                let wrong = try await browser.send(.delete, "/api/v1/home")
                #expect(wrong.status == 405)
                #expect(wrong.headers[.allow] == "GET, HEAD, OPTIONS")
                #expect(try await browser.get("/readyz").status == 200)
            }
        }
    }
}
