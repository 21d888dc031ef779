import Testing

@testable import Shop

@Suite struct CartTests {
    @Test func aCartIsAHashOfCountsAsInTheOriginal() async throws {
        try await TestShop.run { shop in
            let a = try await shop.addGoods("a", price: 150, stock: 5)
            let b = try await shop.addGoods("b", price: 200, stock: 5)
            try await shop.serve { browser in
                let passport = try await shop.logIn("zhang", browser)
                for line in ["[\(a),2]", "[\(b),1]", "[\(a),3]"] {
                    let parts = line.dropFirst().dropLast().split(separator: ",")
                    let json = #"{"goods_id": \#(parts[0]), "count": \#(parts[1])}"#
                    #expect(try await browser.post("/api/v1/cart/items", json).status == 200)
                }
                let pairs = try await shop.redis.send("HGETALL", "cart_\(passport)").pairs
                #expect(Dictionary(uniqueKeysWithValues: pairs.map { ($0.0, $0.1.int) }) == ["\(a)": 5, "\(b)": 1])
                let cart = try await browser.get("/api/v1/cart")
                #expect(cart["total_price"]?.int == 950)
                #expect(try await browser.get("/api/v1/cart/count")["count"]?.int == 6)
                let more = try await browser.post("/api/v1/cart/items", #"{"goods_id": \#(a), "count": 1}"#)
                #expect(more.status == 409)
                #expect(more["items"]?.list.first?["available"]?.int == 5)
                #expect(try await browser.send(.put, "/api/v1/cart/items/\(a)", json: #"{"count": 1}"#).status == 200)
                #expect(try await browser.send(.delete, "/api/v1/cart/items/\(b)").status == 200)
                #expect(try await browser.send(.delete, "/api/v1/cart/items/\(b)").status == 404)
                #expect(try await browser.get("/api/v1/cart/count")["count"]?.int == 1)
            }
        }
    }

    @Test(arguments: ["-1", "0", "100", "1.5", "\"2\"", "null", "99999999999999999999"])
    func aCountThatNoLineCanHaveIsRefused(count: String) async throws {
        try await TestShop.run { shop in
            let id = try await shop.addGoods("a", stock: 1000)
            try await shop.serve { browser in
                try await shop.logIn("zhang", browser)
                let reply = try await browser.post("/api/v1/cart/items", #"{"goods_id": \#(id), "count": \#(count)}"#)
                #expect(reply.status == 400)
                #expect(reply.code == "bad_value")
                #expect(try await browser.get("/api/v1/cart/count")["count"]?.int == 0)
            }
        }
    }

    @Test func readingACountAndWritingTheSumWouldLoseSomeOf64Adders() async throws {
        try await TestShop.run { shop in
            let cart = Cart(redis: shop.redis)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 1...64 {
                    group.addTask { _ = try await cart.add(CartLine(goodsId: 1, count: 1), available: 99, to: 7) }
                }
                try await group.waitForAll()
            }
            #expect(try await cart.lines(of: 7) == [CartLine(goodsId: 1, count: 64)])
            // Of 64 more only 35 have room, and the others are told.
            let refused = await withTaskGroup(of: Bool.self) { group in
                for _ in 1...64 {
                    group.addTask {
                        (try? await cart.add(CartLine(goodsId: 1, count: 1), available: 99, to: 7)) == nil
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(refused == 29)
            #expect(try await cart.lines(of: 7) == [CartLine(goodsId: 1, count: 99)])
        }
    }

    @Test func theCartOfTheBrowserIsMergedAtLoginOnce() async throws {
        try await TestShop.run { shop in
            let a = try await shop.addGoods("a", stock: 50)
            let b = try await shop.addGoods("b", stock: 50)
            let off = try await shop.addGoods("c") { $0.isOnShelf = false }
            try await shop.serve { browser in
                try await shop.logIn("zhang", browser)
                try await browser.post("/api/v1/cart/items", #"{"goods_id": \#(a), "count": 2}"#)
                try await browser.post("/api/v1/cart/items", #"{"goods_id": \#(b), "count": 2}"#)
                let json = """
                    {"username": "zhang", "password": "password1", "cart": [{"goods_id": \(a), "count": 5},
                     {"goods_id": \(off), "count": 1}, {"goods_id": 999, "count": 1}, {"goods_id": \(b), "count": -3}]}
                    """
                for _ in 1...2 {
                    #expect(try await browser.post("/api/v1/login", json).status == 200)
                    let cart = try await browser.get("/api/v1/cart")
                    #expect(cart["items"]?.list.map { $0["count"]?.int } == [5, 2])
                }
            }
        }
    }

    @Test func aLineSaysWhyItCannotBeBought() async throws {
        try await TestShop.run { shop in
            let a = try await shop.addGoods("a", price: 100, stock: 3)
            let b = try await shop.addGoods("b", price: 100, stock: 3)
            try await shop.serve { browser in
                try await shop.logIn("zhang", browser)
                for id in [a, b] {
                    try await browser.post("/api/v1/cart/items", #"{"goods_id": \#(id), "count": 3}"#)
                }
                try await shop.store.write { try $0.addStock(a, -1, now: 0) }
                try await shop.store.write { try $0.setOnShelf(b, false, now: 0) }
                let cart = try await browser.get("/api/v1/cart")
                #expect(cart["items"]?.list.map { $0["problem"]?.text } == ["short_stock", "off_shelf"])
                #expect(cart["total_price"]?.int == 0)
            }
        }
    }

    @Test func theListOfSeenGoodsHasFiveTheLastFirstEachOnceAndNoneThatAreGone() async throws {
        try await TestShop.run { shop in
            var ids: [Int] = []
            for number in 1...7 { ids.append(try await shop.addGoods("g\(number)")) }
            let goods = ids
            try await shop.serve { browser in
                try await browser.get("/api/v1/goods/\(goods[0])").expect(200)
                let passport = try await shop.logIn("zhang", browser)
                for index in [0, 1, 2, 3, 4, 5, 6, 3, 5, 3] {
                    try await browser.get("/api/v1/goods/\(goods[index])").expect(200)
                }
                let stored = try await shop.redis.send("LRANGE", "history_\(passport)", 0, -1).elements.map(\.int)
                #expect(stored == [3, 5, 6, 4, 2].map { goods[$0] })
                try await shop.store.write { try $0.setOnShelf(goods[5], false, now: 0) }
                let history = try await browser.get("/api/v1/history")
                #expect(history["items"]?.list.map { $0["id"]?.int } == [3, 6, 4, 2].map { goods[$0] })
            }
        }
    }
}

extension Reply {
    /// Records an issue if the status is another one.
    func expect(_ status: Int) { #expect(self.status == status, "\(body)") }
}
