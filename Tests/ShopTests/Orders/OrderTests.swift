import HTTPTypes
import Testing

@testable import Shop

@Suite struct OrderTests {
    static let key = HTTPField.Name("Idempotency-Key").unsafelyUnwrapped

    /// An order's request as JSON.
    private static func json(_ address: Int, _ lines: [(Int, Int)], pay: Int = 1, total: Int? = nil) -> String {
        let items = lines.map { #"{"goods_id": \#($0.0), "count": \#($0.1)}"# }.joined(separator: ", ")
        let expected = total.map { #", "expected_total": \#($0)"# } ?? ""
        return #"{"address_id": \#(address), "pay_method": \#(pay), "items": [\#(items)]\#(expected)}"#
    }

    @Test func anOrderKeepsThePriceTheNameAndTheAddressOfItsMoment() async throws {
        try await TestShop.run { shop in
            let a = try await shop.addGoods("a", name: "Old", price: 1500, stock: 5)
            let b = try await shop.addGoods("b", price: 200, stock: 5)
            try await shop.serve { browser in
                let passport = try await shop.logIn("zhang", browser)
                let address = try await shop.addAddress(of: passport)
                let json = Self.json(address, [(b, 1), (a, 2)], total: 4200)
                let preview = try await browser.post("/api/v1/orders/preview", json)
                #expect(preview["total"]?.int == 4200)
                #expect(preview["address"]?["id"]?.int == address)
                let order = try await browser.post("/api/v1/orders", json, headers: [Self.key: "k1"])
                order.expect(201)
                let id = try #require(order["order_id"]?.text)
                #expect(id.hasSuffix("0000000\(passport)"))
                let old = try #require(try await shop.store.read { try $0.goods([a])[a] })
                var draft = old.draft
                draft.price = 9999
                draft.name = "New"
                let new = draft
                try await shop.store.write { try $0.update(a, to: new, version: old.version, now: 0) }
                try await shop.store.write { try $0.deleteAddress(address, of: passport, now: 0) }
                let shown = try await browser.get("/api/v1/orders/\(id)")
                #expect(shown["total_price"]?.int == 3200)
                #expect(shown["items"]?.list.first?["name"]?.text == "Old")
                #expect(shown["address"]?["recipient_name"]?.text == "李明")
                #expect(shown["status"]?.int == 2)
            }
        }
    }

    @Test func aRepeatedRequestWithTheSameKeyOrdersOnce() async throws {
        try await TestShop.run { shop in
            let a = try await shop.addGoods("a", stock: 50)
            try await shop.serve { browser in
                let passport = try await shop.logIn("zhang", browser)
                let json = Self.json(try await shop.addAddress(of: passport), [(a, 1)])
                let ids = try await withThrowingTaskGroup(of: String?.self) { group in
                    for _ in 1...8 {
                        group.addTask {
                            try await browser.post("/api/v1/orders", json, headers: [Self.key: "k"])["order_id"]?.text
                        }
                    }
                    return try await group.reduce(into: Set()) { $0.insert($1) }
                }
                #expect(ids.count == 1)
                #expect(!ids.contains(nil))
                let other = json.replacingOccurrences(of: "\"count\": 1", with: "\"count\": 2")
                let reused = try await browser.post("/api/v1/orders", other, headers: [Self.key: "k"])
                #expect(reused.code == "key_reused")
                #expect(try await browser.post("/api/v1/orders", json).code == "missing_value")
                #expect(try await shop.store.read { try $0.goods([a])[a]?.draft.stock } == 49)
            }
        }
    }

    @Test func aTimeOfSecondsWouldGiveTwoOrdersOfAMomentTheSameNumber() async throws {
        try await TestShop.run { shop in
            let a = try await shop.addGoods("a", stock: 50)
            let buyer = try await Buyer("zhang", shop)
            let ids = try await withThrowingTaskGroup(of: String.self) { group in
                for number in 1...20 {
                    group.addTask { try await buyer.order(a, key: "\(number)") }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(ids.count == 20)
            #expect(OrderService.orderID(7, OrderService.timeText(1_800_000_000_123)) == "2027011516000012300000007")
        }
    }

    @Test func anAddressAndAnOrderOfSomebodyElseLookAsIfTheyWereNotThere() async throws {
        try await TestShop.run { shop in
            let a = try await shop.addGoods("a", stock: 50)
            try await shop.serve { browser in
                let passport = try await shop.logIn("zhang", browser)
                let foreign = try await shop.addAddress(of: try await shop.addPassport("wang"))
                let json = Self.json(foreign, [(a, 1)])
                #expect(try await browser.post("/api/v1/orders", json, headers: [Self.key: "k"]).status == 404)
                let own = Self.json(try await shop.addAddress(of: passport), [(a, 1)], pay: 3)
                let id = try await browser.post("/api/v1/orders", own, headers: [Self.key: "k"])["order_id"]?.text ?? ""
                let other = browser.another()
                try await shop.logIn("li12", other)
                #expect(try await other.get("/api/v1/orders/\(id)").status == 404)
                #expect(try await other.post("/api/v1/orders/\(id)/cancel").status == 404)
                #expect(try await other.post("/api/v1/orders/\(id)/receive").status == 404)
                #expect(try await browser.get("/api/v1/orders/\(id)").status == 200)
            }
        }
    }

    @Test func nothingIsOrderedWhenGoodsAreMissingAndTheCartStays() async throws {
        try await TestShop.run { shop in
            let a = try await shop.addGoods("a", stock: 5)
            let b = try await shop.addGoods("b", stock: 5)
            let c = try await shop.addGoods("c", stock: 5)
            try await shop.serve { browser in
                let passport = try await shop.logIn("zhang", browser)
                let address = try await shop.addAddress(of: passport)
                for id in [a, b, c] {
                    try await browser.post("/api/v1/cart/items", #"{"goods_id": \#(id), "count": 3}"#)
                }
                try await shop.store.write { try $0.addStock(b, -3, now: 0) }
                try await shop.store.write { try $0.setOnShelf(c, false, now: 0) }
                let json = Self.json(address, [(a, 3), (b, 3), (c, 3)])
                let reply = try await browser.post("/api/v1/orders", json, headers: [Self.key: "k"])
                #expect(reply.status == 409)
                #expect(reply["items"]?.list.map { $0["goods_id"]?.int } == [b, c])
                #expect(reply["items"]?.list.map { $0["reason"]?.text } == ["short_stock", "off_shelf"])
                // Lines that left the cart before the order was there would be lost now.
                #expect(try await browser.get("/api/v1/cart/count")["count"]?.int == 9)
                #expect(try await shop.store.read { try $0.goods([a])[a]?.draft.stock } == 5)
                let bought = Self.json(address, [(a, 2)])
                #expect(try await browser.post("/api/v1/orders", bought, headers: [Self.key: "l"]).status == 201)
                #expect(try await browser.get("/api/v1/cart/count")["count"]?.int == 7)
            }
        }
    }

    @Test func goodsLeaveTheCartAlsoWhenTheProcessDiesAfterTheCommitAndOnce() async throws {
        try await TestShop.run { shop in
            let a = try await shop.addGoods("a", stock: 50)
            let buyer = try await Buyer("zhang", shop)
            let passport = buyer.passport
            let cart = Cart(redis: shop.redis), line = CartLine(goodsId: a, count: 2)
            _ = try await cart.add(line, available: 50, to: passport)
            // A process whose way to Redis is cut stands for one that dies after the commit.
            let nowhere = RedisClient(RedisSettings(address: .socket(path: "/nowhere")))
            let cut = OrderService(
                store: shop.store, cart: Cart(redis: nowhere), events: shop.services.events, payments: nil,
                transitPrice: 0, payMethods: [.cashOnDelivery],
                unpaidLimit: 1, timeout: 1, now: shop.services.now)
            let request = buyer.request(a, 2)
            let id = try await cut.commit(request, key: "k", of: passport).id
            #expect(try await cart.count(of: passport) == 2)
            let jobs = try await shop.store.read { try $0.unsentJobs(limit: 10) }
            let job = try #require(jobs.first { $0.kind == "bought" })
            let handler = try #require(accountHandlers(shop.services)[job.kind])
            for _ in 1...2 {
                try await handler(Job(kind: job.kind, payload: job.payload, key: job.idempotencyKey))
                #expect(try await cart.count(of: passport) == 0)
            }
            // Goods that are wanted again stay, when the job runs once more.
            _ = try await cart.add(line, available: 50, to: passport)
            try await handler(Job(kind: job.kind, payload: job.payload, key: job.idempotencyKey))
            #expect(try await cut.commit(request, key: "k", of: passport).id == id)
            #expect(try await cart.count(of: passport) == 2)
        }
    }

    @Test func aPriceThatChangedIsNotChargedUnseenAndWaysToPayThatAreNotOfferedAreRefused()
        async throws
    {
        try await TestShop.run { shop in
            let a = try await shop.addGoods("a", price: 100)
            try await shop.serve { browser in
                let passport = try await shop.logIn("zhang", browser)
                let address = try await shop.addAddress(of: passport)
                let cheap = Self.json(address, [(a, 1)], total: 1099)
                #expect(
                    try await browser.post("/api/v1/orders", cheap, headers: [Self.key: "a"]).code == "price_changed")
                for pay in [0, 2, 4, 5] {
                    let json = Self.json(address, [(a, 1)], pay: pay)
                    let reply = try await browser.post("/api/v1/orders", json, headers: [Self.key: "b"])
                    #expect(reply.code == "pay_method_not_offered")
                }
                let twice = Self.json(address, [(a, 1), (a, 1)])
                #expect(try await browser.post("/api/v1/orders", twice, headers: [Self.key: "c"]).code == "bad_value")
            }
        }
    }

    @Test func anOrderThatNobodyPaysEndsByItselfAndGivesItsGoodsBack() async throws {
        try await TestShop.run { shop in
            let a = try await shop.addGoods("a", stock: 5)
            let buyer = try await Buyer("zhang", shop)
            let orders = shop.services.orders
            let id = try await buyer.order(a, 2, pay: .alipay, key: "k")
            try await buyer.order(a, key: "l")
            shop.advance(seconds: 1799)
            #expect(try await orders.cancelExpired() == 0)
            shop.advance(seconds: 1)
            #expect(try await orders.cancelExpired() == 1)
            #expect(try await orders.cancelExpired() == 0)
            let (status, stock, sales, events) = try await shop.store.read { transaction in
                let goods = try transaction.goods([a])[a]
                return (
                    try transaction.order(id)?.status, goods?.draft.stock, goods?.draft.sales,
                    try transaction.orderEvents(of: id)
                )
            }
            #expect(status == .canceled)
            #expect(stock == 4)
            #expect(sales == 1)
            #expect(events.map(\.toStatus) == [.unpaid, .canceled])
            #expect(events.last?.actor == "system")
        }
    }

    @Test func onlyTheWaysToPayThatAreConfiguredAreOffered() async throws {
        #expect(ShopConfiguration().payMethods == [.cashOnDelivery])
        try await TestShop.run({ $0.payMethods = [.cashOnDelivery] }) { shop in
            let a = try await shop.addGoods("a")
            try await shop.serve { browser in
                let address = try await shop.addAddress(of: try await shop.logIn("zhang", browser))
                let json = Self.json(address, [(a, 1)], pay: 3)
                let preview = try await browser.post("/api/v1/orders/preview", json)
                #expect(preview["pay_methods"]?.list.map(\.int) == [1])
                let refused = try await browser.post("/api/v1/orders", json, headers: [Self.key: "a"])
                #expect(refused.code == "pay_method_not_offered")
            }
        }
    }

    @Test func nobodyHoldsAllGoodsByUnpaidOrders() async throws {
        try await TestShop.run({ $0.unpaidLimit = 2 }) { shop in
            let a = try await shop.addGoods("a", stock: 50)
            let buyer = try await Buyer("zhang", shop)
            func expectRefusal(_ key: String, pay: PayMethod) async {
                let problem = await #expect(throws: Problem.self) { try await buyer.order(a, pay: pay, key: key) }
                #expect(problem?.code == "too_many_unpaid")
            }
            try await buyer.order(a, pay: .alipay, key: "a")
            try await buyer.order(a, pay: .alipay, key: "b")
            await expectRefusal("c", pay: .alipay)
            // The second order again, not a third one.
            try await buyer.order(a, pay: .alipay, key: "b")
            await expectRefusal("d", pay: .cashOnDelivery)
            shop.advance(seconds: 1800)
            #expect(try await buyer.orders.cancelExpired() == 2)
            // What is to be paid at the door holds goods until it is shipped.
            let shipped = try await buyer.order(a, key: "e")
            try await buyer.order(a, key: "f")
            await expectRefusal("g", pay: .cashOnDelivery)
            await expectRefusal("g", pay: .alipay)
            try await shop.store.ship(shipped, carrier: "SF", tracking: "1", now: 0)
            try await buyer.order(a, key: "g")
        }
    }

    @Test func anOrderThatCannotBeCanceledHoldsUpNoOther() async throws {
        try await TestShop.run { shop in
            let goods = [try await shop.addGoods("a", stock: 5), try await shop.addGoods("b", stock: 5)]
            let buyer = try await Buyer("zhang", shop)
            let orders = shop.services.orders
            for id in goods { try await buyer.order(id, 2, pay: .alipay, key: "\(id)") }
            // Somebody has put the sales right by hand: taking the goods back would make them negative.
            try await shop.store.write { _ = try $0.execute("UPDATE goods SET sales = 0 WHERE id = ?", goods[0]) }
            shop.advance(seconds: 1800)
            #expect(try await orders.cancelExpired() == 1)
            #expect(try await shop.store.read { try $0.goods(goods)[goods[1]]?.draft.stock } == 5)
            await #expect(throws: (any Error).self) { try await orders.cancelExpired() }
        }
    }

    @Test func anOrderMovesOnlyToAStateThatFollowsAndTwentyCancelsGiveTheGoodsBackOnce() async throws {
        try await TestShop.run { shop in
            let a = try await shop.addGoods("a", stock: 5)
            let buyer = try await Buyer("zhang", shop)
            let (orders, passport) = (buyer.orders, buyer.passport)
            let id = try await buyer.order(a, 2, key: "k")
            await #expect(throws: Problem.self) { try await orders.receive(id, of: passport) }
            for from in OrderStatus.allCases where from != .paid {
                await #expect(throws: StoreError.unchanged) {
                    try await shop.store.write { try $0.move(id, from: from, to: .received, actor: "x", now: 0) }
                }
            }
            let canceled = await withTaskGroup(of: Bool.self) { group in
                for _ in 1...20 { group.addTask { (try? await orders.cancel(id, of: passport)) != nil } }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(canceled == 1)
            #expect(try await shop.store.read { try $0.goods([a])[a]?.draft.stock } == 5)
            let shipped = try await buyer.order(a, 2, key: "l")
            try await shop.store.ship(shipped, carrier: "SF", tracking: "1", now: 0)
            await #expect(throws: Problem.self) { try await orders.cancel(shipped, of: passport) }
            try await orders.receive(shipped, of: passport)
            #expect(try await shop.store.read { try $0.order(shipped)?.status } == .received)
        }
    }

    @Test func aStockThatIsReadCheckedAndWrittenBackWouldBeSoldTwiceBy64Buyers() async throws {
        try await TestShop.run { shop in
            var hot: [Int] = []
            for number in 1...10 { hot.append(try await shop.addGoods("hot\(number)", stock: 15)) }
            var buyers: [Buyer] = []
            for number in 1...64 { buyers.append(try await Buyer("buyer\(number)", shop)) }
            let goods = hot
            let orders = shop.services.orders
            let refusals = await withTaskGroup(of: Problem?.self) { group in
                for (index, buyer) in buyers.enumerated() {
                    group.addTask {
                        var generator = SeededGenerator(seed: UInt64(index))
                        let lines = goods.shuffled(using: &generator).prefix(3)
                            .map { CartLine(goodsId: $0, count: Int.random(in: 1...2, using: &generator)) }
                        let request = OrderRequest(addressId: buyer.address, payMethod: 1, items: lines)
                        do {
                            _ = try await orders.commit(request, key: "k", of: buyer.passport)
                            return nil
                        } catch {
                            return error as? Problem ?? Problem(.internalServerError, "\(error)", "")
                        }
                    }
                }
                return await group.reduce(into: []) { $0 += $1.map { [$0] } ?? [] }
            }
            #expect(!refusals.isEmpty)
            #expect(refusals.allSatisfy { $0.code == "not_for_sale" })
            #expect(refusals.allSatisfy { $0.items?.isEmpty == false })
            let (rows, sold) = try await shop.store.read { transaction in
                let rows = try transaction.goods(goods)
                let sold = try transaction.rows("SELECT goods_id, SUM(count) AS n FROM order_goods GROUP BY goods_id")
                return (rows, Dictionary(uniqueKeysWithValues: sold.map { ($0.int("goods_id"), $0.int("n")) }))
            }
            for id in goods {
                let draft = try #require(rows[id]?.draft)
                #expect(draft.stock >= 0)
                #expect(draft.stock + (sold[id] ?? 0) == 15)
                #expect(draft.sales == sold[id] ?? 0)
            }
            #expect(goods.contains { rows[$0]?.draft.stock == 0 })
        }
    }
}
