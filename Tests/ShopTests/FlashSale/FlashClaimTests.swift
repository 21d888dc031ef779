import HTTPTypes
import Synchronization
import Testing

@testable import Shop

@Suite(.timeLimit(.minutes(10))) struct FlashClaimTests {
    /// A sale as the script must see it.
    private struct Model {
        var start: Milliseconds
        var end: Milliseconds
        var units: Int
        var bought: [Int: String] = [:]

        /// The reply to a claim, without its ticket if it is a new one.
        func reply(to passport: Int, at now: Milliseconds) -> FlashClaimResult? {
            if let ticket = bought[passport] { return .ticket(ticket) }
            if now < start { return .notOpen }
            if now >= end { return .ended }
            return bought.count >= units ? .soldOut : nil
        }
    }

    @Test func theScriptGivesOutUnitsAsTheModelDoes() async throws {
        try await TestShop.run { shop in
            var generator = SeededGenerator(seed: 7)
            for round in 1...8 {
                let units = Int.random(in: 1...12, using: &generator)
                let goods = try await shop.addGoods("g\(round)", stock: units)
                let (start, end): (Milliseconds, Milliseconds) = (1000, 2000)
                let sale = try await shop.sales.publish(goods: goods, price: 1, stock: units, from: start, until: end)
                var model = Model(start: start, end: end, units: units)
                for _ in 0..<120 {
                    let passport = Int.random(in: 1...20, using: &generator)
                    let now = Milliseconds.random(in: 900...2100, using: &generator)
                    if Int.random(in: 0..<5, using: &generator) == 0, let ticket = model.bought[passport] {
                        let isForSale = Int.random(in: 0..<4, using: &generator) > 0
                        let unit = FlashReturn(flash: sale, passport: passport, ticket: ticket, isForSale: isForSale)
                        // The job may run again.
                        for _ in 0...1 { try await shop.claims.giveBack(unit) }
                        model.bought[passport] = nil
                        if !isForSale { model.units -= 1 }
                        continue
                    }
                    let claim = FlashClaim(flash: sale, passport: passport, address: nil, language: "zh")
                    let reply = try await shop.claims.claim(claim, now: now)
                    if let expected = model.reply(to: passport, at: now) {
                        #expect(reply == expected)
                    } else if case .ticket(let ticket) = reply {
                        #expect(!model.bought.values.contains(ticket))
                        model.bought[passport] = ticket
                    } else {
                        Issue.record("\(reply)")
                    }
                }
                let left = try await shop.sales.look(sale).left
                #expect(left == model.units - model.bought.count)
            }
        }
    }

    @Test func aThousandUnitsAreNeverOversold() async throws {
        try await TestShop.run { shop in
            let goods = try await shop.addGoods("a", stock: 1000)
            let buyers = try await shop.addBuyers(1500)
            let sale = try await shop.publishSale(of: goods, stock: 1000)
            let claims = shop.claims
            let tickets = try await withThrowingTaskGroup(of: FlashClaimResult.self) { group in
                for passport in buyers + buyers {
                    group.addTask {
                        let claim = FlashClaim(flash: sale, passport: passport, address: nil, language: "zh")
                        return try await claims.claim(claim)
                    }
                }
                return try await group.reduce(into: Set<FlashClaimResult>()) { $0.insert($1) }
            }
            #expect(tickets.count == 1001)
            #expect(tickets.contains(.soldOut))
            try await shop.makeFlashOrders()
            let orders = try await shop.store.read { try $0.flashOrders(of: sale) }
            #expect(orders.count == 1000)
            #expect(Set(orders.map(\.passport)).count == 1000)
            #expect(try await shop.sales.look(sale).difference == 0)
        }
    }

    @Test func aTicketIsQueuedThenAnOrderAndItsOwnersAlone() async throws {
        try await TestShop.run { shop in
            let goods = try await shop.addGoods("a", name: "三体", price: 5000, stock: 10)
            let sale = try await shop.publishSale(of: goods, price: 990, stock: 1)
            try await shop.serve { owner in
                let stranger = owner.another()
                _ = try await shop.addAddress(of: try await shop.logIn("zhang", owner))
                try await shop.logIn("wang", stranger)
                let list = try await owner.another().get("/api/v1/flash")
                #expect(list["items"]?.list.first?["price"]?.int == 990)
                #expect(list["items"]?.list.first?["goods"]?["name"]?.text == "三体")
                #expect(list["now"]?.int == Int(shop.services.now()))
                let claim = try await owner.post("/api/v1/flash/\(sale)/claim")
                claim.expect(202)
                let path = "/api/v1/flash/tickets/\(try #require(claim["ticket"]?.text))"
                #expect(try await owner.post("/api/v1/flash/\(sale)/claim")["ticket"] == claim["ticket"])
                #expect(try await owner.get(path)["status"]?.text == "queued")
                try await stranger.get(path).expect(404)
                try await owner.get("/api/v1/flash/tickets/\(sale)-x").expect(404)
                #expect(try await stranger.post("/api/v1/flash/\(sale)/claim").code == "sold_out")
                #expect(try await stranger.get("/api/v1/flash")["sold_out"]?.list == [.int(sale)])
                try await shop.makeFlashOrders()
                let ticket = try await owner.get(path)
                #expect(ticket["status"]?.text == "ordered")
                try await stranger.get(path).expect(404)
                let order = try await owner.get("/api/v1/orders/\(try #require(ticket["order_id"]?.text))")
                #expect(order["total_price"]?.int == 990)
                #expect(order["status"]?.int == 1)
                #expect(order["items"]?.list.first?["name"]?.text == "三体")
            }
        }
    }

    @Test func claimsOutsideOfASaleAreRefused() async throws {
        try await TestShop.run { shop in
            let goods = try await shop.addGoods("a", stock: 10)
            let far: Milliseconds = 4_000_000_000_000
            let later = try await shop.sales.publish(goods: goods, price: 1, stock: 1, from: far, until: far + 1)
            let over = try await shop.sales.publish(goods: goods, price: 1, stock: 1, from: 1, until: 2)
            try await shop.serve { browser in
                try await shop.logIn("zhang", browser)
                for (id, code) in [(later, "not_open"), (over, "ended"), (99, "not_found")] {
                    #expect(try await browser.post("/api/v1/flash/\(id)/claim").code == code)
                }
                try await shop.sales.close(later)
                #expect(try await browser.post("/api/v1/flash/\(later)/claim").code == "ended")
                // Redis has lost the sale, and no worker has seeded it yet.
                try await shop.redis.send("FLUSHALL")
                try await shop.logIn("wang", browser)
                #expect(try await browser.post("/api/v1/flash/\(over)/claim").code == "unavailable")
            }
        }
    }

    @Test func claimsAreRefusedWhileRedisIsAway() async throws {
        try await TestShop.run({ $0.limitsRequests = true }) { shop in
            let goods = try await shop.addGoods("a", stock: 10)
            let sale = try await shop.publishSale(of: goods, stock: 1)
            let passport = try await shop.addPassport("zhang")
            let token = try await shop.services.access.issue(passport: passport, family: "f", epoch: 0)
            try await shop.serve { browser in
                _ = try? await shop.redis.send("SHUTDOWN", "NOSAVE")
                let headers: HTTPFields = [.authorization: "Bearer \(token)"]
                let reply = try await browser.post("/api/v1/flash/\(sale)/claim", headers: headers)
                reply.expect(503)
                #expect(reply.headers[.retryAfter] != nil)
            }
        }
    }

    @Test func aClientClaimsFiveTimesASecond() {
        #expect(RateLimitMiddleware.rateClass(.post, "//api/v1/flash/1/claim") == .flash)
        #expect(RateLimitMiddleware.rateClass(.get, "/api/v1/flash/tickets/1-x") == .read)
        #expect(RateClass.flash.limit == RateLimit(5, perSeconds: 1, burst: 5))
    }

    @Test func whatIsSoldOutIsRefusedWithoutRedisUntilAUnitReturns() async throws {
        try await TestShop.run { shop in
            let goods = try await shop.addGoods("a", stock: 10)
            let buyers = try await shop.addBuyers(2)
            let sale = try await shop.publishSale(of: goods, stock: 1)
            let ticket = try await shop.claim(sale, buyers[0])
            let claims = shop.claims
            let claim = FlashClaim(flash: sale, passport: buyers[1], address: nil, language: "zh")
            #expect(try await claims.claim(claim) == .soldOut)
            #expect(claims.soldOut == [sale])
            // Nobody knows what happened before the news are followed.
            let news = Task { await claims.follow() }
            defer { news.cancel() }
            while !claims.soldOut.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            while try await shop.redis.send("PUBSUB", "NUMSUB", FlashClaims.channel).elements.last?.int != 1 {
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(try await claims.claim(claim) == .soldOut)
            try await shop.serve { browser in
                // Nobody is logged in, and nobody has to be.
                let reply = try await browser.post("/api/v1/flash/\(sale)/claim")
                #expect(reply.code == "sold_out")
            }
            let unit = FlashReturn(flash: sale, passport: buyers[0], ticket: ticket, isForSale: true)
            try await claims.giveBack(unit)
            while claims.soldOut.contains(sale) { try await Task.sleep(for: .milliseconds(5)) }
            let second = try await shop.claim(sale, buyers[1])
            #expect(second != ticket)
        }
    }
    @Test func aLostMessageKeepsASaleSoldOutForTwoSecondsOnly() async throws {
        try await TestShop.run { shop in
            let goods = try await shop.addGoods("a", stock: 10)
            let buyers = try await shop.addBuyers(2)
            let sale = try await shop.publishSale(of: goods, stock: 1)
            let ticket = try await shop.claim(sale, buyers[0])
            let time = Mutex(ContinuousClock.now)
            let claims = FlashClaims(shop.store, shop.redis) { time.withLock { $0 } }
            let claim = FlashClaim(flash: sale, passport: buyers[1], address: nil, language: "zh")
            #expect(try await claims.claim(claim) == .soldOut)
            // Nobody follows the news.
            try await shop.claims.giveBack(
                FlashReturn(flash: sale, passport: buyers[0], ticket: ticket, isForSale: true))
            time.withLock { $0 += FlashClaims.flagAge - .milliseconds(1) }
            #expect(claims.refuses(sale))
            time.withLock { $0 += .milliseconds(1) }
            #expect(!claims.refuses(sale))
            #expect(claims.refuses(sale))
            let reply = try await claims.claim(claim)
            #expect(reply != .soldOut)
            #expect(!claims.refuses(sale))
        }
    }
    @Test func aTicketWhoseReplyWasLostIsFoundByItsSale() async throws {
        try await TestShop.run { shop in
            let goods = try await shop.addGoods("a", stock: 10)
            let sale = try await shop.publishSale(of: goods, stock: 1)
            try await shop.serve { owner in
                let stranger = owner.another()
                let passport = try await shop.logIn("zhang", owner)
                try await shop.logIn("wang", stranger)
                let path = "/api/v1/flash/\(sale)/ticket"
                try await owner.get(path).expect(404)
                let ticket = try await shop.claim(sale, passport)
                #expect(try await stranger.post("/api/v1/flash/\(sale)/claim").code == "sold_out")
                // This app refuses all claims now, that of the owner as well.
                #expect(try await owner.post("/api/v1/flash/\(sale)/claim").code == "sold_out")
                #expect(try await owner.get(path)["ticket"]?.text == ticket)
                try await stranger.get(path).expect(404)
                // The account has no address, and claims in vain.
                try await shop.makeFlashOrders()
                try await owner.get(path).expect(404)
            }
        }
    }
}
