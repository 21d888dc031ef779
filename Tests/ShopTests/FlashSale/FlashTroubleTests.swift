import Testing

@testable import Shop

/// Workers, entries and sales in trouble: no unit is lost, and nobody gets an order that is not wanted.
@Suite struct FlashTroubleTests {
    /// Runs a body with a shop that sells ten units of goods.
    private func run(
        unpaidLimit: Int = 20,
        _ body: (_ shop: TestShop, _ goods: Int, _ sale: Int, _ buyers: [Int]) async throws -> Void
    ) async throws {
        try await TestShop.run({ $0.unpaidLimit = unpaidLimit }) { shop in
            let goods = try await shop.addGoods("a", stock: 20)
            let sale = try await shop.publishSale(of: goods, stock: 10)
            try await body(shop, goods, sale, try await shop.addBuyers(4))
        }
    }

    /// Adds the entry of a claim again, as if its worker had died after the commit.
    private func addAgain(_ taken: JobQueue.Taken, _ shop: TestShop) async throws {
        try await shop.redis.send(
            "XADD", "jobs:{flash}", "*", "kind", "claim", "payload", taken.job.payload, "key", taken.job.key)
    }

    /// Cancels the order that an account has got, and gives its unit back.
    private func cancel(_ passport: Int, _ sale: Int, _ shop: TestShop) async throws {
        let order = try #require(try await shop.flashOrder(of: passport, in: sale))
        try await shop.services.orders.cancel(order.orderID, of: passport)
        try await shop.runReturns()
    }

    @Test func aCanceledClaimThatComesAgainAfterASeedTakesNoUnit() async throws {
        try await run { shop, _, sale, buyers in
            _ = try await shop.claim(sale, buyers[0])
            let taken = try await shop.takeClaims()
            try await shop.flashOrders.take(taken)
            try await addAgain(taken[0], shop)
            try await cancel(buyers[0], sale, shop)
            try await shop.sales.seed(sale)
            try await shop.makeFlashOrders()
            let balance = try await shop.sales.look(sale)
            #expect(balance.left == 10)
            #expect(balance.difference == 0)
        }
    }

    @Test func aTicketThatHasReplacedAnotherMakesNoSecondOrder() async throws {
        try await run { shop, _, sale, buyers in
            _ = try await shop.claim(sale, buyers[0])
            try await shop.makeFlashOrders()
            try await shop.redis.send("HDEL", "flash:\(sale):bought", buyers[0])
            _ = try await shop.claim(sale, buyers[0])
            let taken = try await shop.takeClaims()
            try await shop.flashOrders.take(taken)
            try await addAgain(taken[0], shop)
            try await cancel(buyers[0], sale, shop)
            try await shop.makeFlashOrders()
            #expect(try await shop.flashOrder(of: buyers[0], in: sale) == nil)
            #expect(try await shop.sales.look(sale).left == 10)
        }
    }

    @Test func onlyAClaimThatFailsByItselfFailsAfterManyDeliveries() async throws {
        try await run { shop, _, sale, buyers in
            var tickets: [String] = []
            for passport in buyers { tickets.append(try await shop.claim(sale, passport)) }
            _ = try await shop.store.write { transaction in
                try transaction.execute(
                    """
                    CREATE TRIGGER poison BEFORE INSERT ON flash_order WHEN NEW.passport_id = \(buyers[1])
                    BEGIN SELECT RAISE(ABORT, 'poison'); END
                    """)
            }
            var taken = try await shop.takeClaims()
            await #expect(throws: (any Error).self) { try await shop.flashOrders.take(taken) }
            for index in taken.indices { taken[index].job.attempt = 7 }
            try await shop.flashOrders.take(taken)
            let orders = try await shop.store.read { try $0.flashOrders(of: sale) }
            #expect(orders.map(\.passport) == [buyers[0], buyers[2], buyers[3]])
            #expect(try await shop.claims.ticket(tickets[1], of: buyers[1]) == .failed("error"))
            #expect(try await shop.sales.look(sale).difference == 0)
            // The ticket makes no order any more, also for a worker that had taken it before, or that gets it again.
            _ = try await shop.store.write { try $0.execute("DROP TRIGGER poison") }
            try await shop.flashOrders.take([taken[1]])
            let dead = try await shop.sales.queue.deadJobs(limit: 9)
            #expect(dead.map(\.job.key) == [tickets[1]])
            for job in dead { #expect(try await shop.sales.queue.retryDead(job.id)) }
            try await shop.makeFlashOrders()
            #expect(try await shop.flashOrder(of: buyers[1], in: sale) == nil)
            #expect(try await shop.sales.look(sale).left == 7)
            #expect(try await shop.sales.look(sale).difference == 0)
        }
    }

    @Test func aGivenUpClaimWhoseOrderIsThereKeepsIt() async throws {
        try await run { shop, _, sale, buyers in
            let ticket = try await shop.claim(sale, buyers[0])
            var taken = try await shop.takeClaims()
            try await shop.flashOrders.take(taken)
            // Its workers have died after the commit, again and again.
            taken[0].job.attempt = 7
            for _ in 1...3 { _ = try await shop.sales.queue.countTrial(taken[0]) }
            try await shop.flashOrders.take(taken)
            #expect(try await shop.flashOrder(of: buyers[0], in: sale)?.ticket == ticket)
            #expect(try await shop.sales.look(sale).difference == 0)
            #expect(try await shop.sales.queue.statistics().dead == 0)
        }
    }

    @Test func goodsThatLeftTheShelfAreNeitherListedNorSold() async throws {
        try await run { shop, goods, sale, buyers in
            let ticket = try await shop.claim(sale, buyers[0])
            _ = try await shop.store.write { transaction in
                try transaction.execute("UPDATE goods SET status = 0 WHERE id = ?", goods)
            }
            try await shop.makeFlashOrders()
            #expect(try await shop.claims.ticket(ticket, of: buyers[0]) == .failed("off_shelf"))
            #expect(try await shop.sales.look(sale).left == 10)
            try await shop.serve { browser in
                let list = try await browser.get("/api/v1/flash")
                #expect(list["items"]?.list.count == 0)
            }
        }
    }

    @Test func anAccountWithTooManyUnpaidOrdersGetsNone() async throws {
        try await run(unpaidLimit: 1) { shop, goods, sale, buyers in
            let other = try await shop.publishSale(of: goods, stock: 1)
            _ = try await shop.claim(sale, buyers[0])
            let ticket = try await shop.claim(other, buyers[0])
            try await shop.makeFlashOrders()
            #expect(try await shop.flashOrder(of: buyers[0], in: sale) != nil)
            #expect(try await shop.claims.ticket(ticket, of: buyers[0]) == .failed("too_many_unpaid"))
            #expect(try await shop.sales.look(other).left == 1)
            try await cancel(buyers[0], sale, shop)
            _ = try await shop.claim(other, buyers[0])
            try await shop.makeFlashOrders()
            #expect(try await shop.flashOrder(of: buyers[0], in: other) != nil)
        }
    }

    @Test func anEntryThatCannotBeReadHidesNoBuyers() async throws {
        try await run { shop, _, sale, buyers in
            let ticket = try await shop.claim(sale, buyers[0])
            try await shop.makeFlashOrders()
            for payload in ["x", "5", "\(sale) x - zh", "\(sale) \(buyers[0]) -"] {
                try await shop.redis.send("XADD", "jobs:{flash}", "*", "kind", "claim", "payload", payload, "key", "k")
            }
            try await shop.sales.seed(sale)
            #expect(try await shop.claim(sale, buyers[0]) == ticket)
            #expect(try await shop.sales.look(sale).left == 9)
        }
    }

    @Test func aSaleThatCannotBeSeededHoldsUpNoOther() async throws {
        try await run { shop, goods, sale, _ in
            let other = try await shop.publishSale(of: goods, stock: 1)
            try await shop.redis.send("SET", "flash:\(sale)", "x")
            try await shop.redis.send("DEL", "flash:\(other)")
            // Nor is the other seeded again and again.
            for _ in 0...1 { await #expect(throws: RedisError.self) { try await shop.sales.tend() } }
            #expect(try await shop.redis.send("HGET", "flash:\(other)", "changes").int == 1)
        }
    }

    @Test func aClosingThatWasCutShortIsNotUndoneAndIsFinished() async throws {
        try await run { shop, _, sale, buyers in
            _ = try await shop.claim(sale, buyers[0])
            await #expect(throws: FlashSaleProblem.self) { try await shop.sales.close(sale, patience: .zero) }
            try await shop.sales.seed(sale)
            let late = FlashClaim(flash: sale, passport: buyers[1], address: nil, language: "zh")
            #expect(try await shop.claims.claim(late) == .ended)
            try await shop.makeFlashOrders()
            try await shop.sales.tend()
            #expect(try await shop.store.read { try $0.flashSale(sale)?.status } == .closed)
            #expect(try await shop.flashOrder(of: buyers[0], in: sale) != nil)
            try await cancel(buyers[0], sale, shop)
            // Redis forgets in time what it noted of a sale that it does not know.
            #expect(try await shop.redis.send("TTL", "flash:\(sale)").int != -1)
            #expect(try await shop.sales.look(sale).difference == 0)
        }
    }

    @Test func aSaleIsClosedAMinuteAfterItsEndOnceItsClaimsAreOrders() async throws {
        try await run { shop, goods, sale, buyers in
            let ticket = try await shop.claim(sale, buyers[0])
            let failed = try await shop.claim(sale, buyers[1], address: 999)
            let status = { try await shop.store.read { try $0.flashSale(sale)?.status } }
            // By the clock of the shop it is over in the year 2096, by that of Redis it is not.
            shop.advance(seconds: 2_200_000_059)
            try await shop.sales.tend()
            #expect(try await status() == .open)
            shop.advance(seconds: 1)
            try await shop.sales.tend()
            #expect(try await status() == .closing)
            let late = FlashClaim(flash: sale, passport: buyers[2], address: nil, language: "zh")
            #expect(try await shop.claims.claim(late) == .ended)
            try await shop.makeFlashOrders()
            for _ in 0...1 { try await shop.sales.tend() }
            #expect(try await status() == .closed)
            #expect(try await shop.store.read { try $0.goods([goods])[goods]?.draft.stock } == 19)
            #expect(try await shop.sales.look(sale).difference == 0)
            let order = try await shop.flashOrder(of: buyers[0], in: sale)
            #expect(try await shop.claims.ticket(ticket, of: buyers[0]) == order.map { .ordered($0.orderID) })
            #expect(try await shop.claims.ticket(failed, of: buyers[1]) == .failed("no_address"))
            await #expect(throws: FlashSaleProblem.self) { try await shop.sales.close(sale) }
        }
    }
}
