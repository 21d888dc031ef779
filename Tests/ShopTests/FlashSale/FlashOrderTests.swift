import Foundation
import Testing

@testable import Shop

@Suite struct FlashOrderTests {
    /// Runs a body with a shop that sells ten units of goods with a stock of ten more.
    private func run(
        buyers count: Int = 4, pay: [PayMethod] = PayMethod.allCases,
        _ body: (_ shop: TestShop, _ goods: Int, _ sale: Int, _ buyers: [Int]) async throws -> Void
    ) async throws {
        try await TestShop.run({ $0.payMethods = pay }) { shop in
            let goods = try await shop.addGoods("a", stock: 20)
            let sale = try await shop.publishSale(of: goods, stock: 10)
            try await body(shop, goods, sale, try await shop.addBuyers(count))
        }
    }

    private func stock(_ goods: Int, _ shop: TestShop) async throws -> [Int?] {
        let draft = try await shop.store.read { try $0.goods([goods])[goods]?.draft }
        return [draft?.stock, draft?.sales]
    }

    @Test func aBatchThatIsDeliveredAgainMakesNoSecondOrders() async throws {
        try await run { shop, goods, sale, buyers in
            for passport in buyers { _ = try await shop.claim(sale, passport) }
            let taken = try await shop.takeClaims()
            #expect(taken.count == 4)
            try await shop.flashOrders.take(taken)
            let orders = try await shop.store.read { try $0.flashOrders(of: sale) }
            #expect(orders.count == 4)
            // One of them is canceled before the batch comes again: it stays canceled.
            try await shop.services.orders.cancel(orders[0].orderID, of: buyers[0])
            for _ in 0...1 { try await shop.flashOrders.take(taken) }
            #expect(try await shop.store.read { try $0.flashOrders(of: sale) } == Array(orders.dropFirst()))
            try await shop.runReturns()
            #expect(try await shop.sales.look(sale).left == 7)
            #expect(try await shop.sales.look(sale).difference == 0)
            #expect(try await stock(goods, shop) == [10, 3])
        }
    }

    @Test func aWorkerThatDiesBetweenCommitAndAcknowledgmentLosesNothing() async throws {
        try await run { shop, _, sale, buyers in
            let ticket = try await shop.claim(sale, buyers[0])
            let taken = try await shop.takeClaims(as: "dead")
            try await shop.flashOrders.take(taken)
            // Its entry is in the stream again, as if the worker had died before it said so.
            try await shop.redis.send(
                "XADD", "jobs:{flash}", "*", "kind", "claim", "payload", taken[0].job.payload, "key", ticket)
            #expect(try await shop.sales.look(sale).difference == 0)
            try await shop.makeFlashOrders()
            let balance = try await shop.sales.look(sale)
            #expect(balance.ordered == 1)
            #expect(balance.difference == 0)
        }
    }

    @Test func aBatchHasOrdersOfOneBuyerFromTwoSales() async throws {
        try await run { shop, goods, sale, buyers in
            let other = try await shop.publishSale(of: goods, stock: 1)
            let tickets = [try await shop.claim(sale, buyers[0]), try await shop.claim(other, buyers[0])]
            try await shop.makeFlashOrders()
            let orders = [
                try await shop.flashOrder(of: buyers[0], in: sale), try await shop.flashOrder(of: buyers[0], in: other),
            ]
            #expect(orders.map { $0?.ticket } == tickets)
            #expect(Set(orders.map { $0?.orderID }).count == 2)
        }
    }

    @Test func ordersOfABatchHaveTheirLinesHistoriesAndMails() async throws {
        try await run { shop, goods, sale, buyers in
            for passport in buyers { _ = try await shop.claim(sale, passport) }
            try await shop.makeFlashOrders()
            let facts = try await shop.store.read { transaction in
                try transaction.flashOrders(of: sale).map { held in
                    (
                        held, try transaction.orderLines(of: held.orderID),
                        try transaction.orderEvents(of: held.orderID)
                    )
                }
            }
            #expect(facts.map(\.0.passport) == buyers)
            for (held, lines, events) in facts {
                #expect(lines.map(\.goodsId) == [goods])
                #expect(lines.map(\.count) == [1])
                #expect(events.map(\.toStatus) == [.unpaid])
                #expect(events.map(\.actor) == ["passport:\(held.passport)"])
            }
            let jobs = try await shop.store.read { try $0.unsentJobs(limit: 100) }.filter { $0.kind == "order" }
            let notices = try jobs.map {
                try Job(kind: $0.kind, payload: $0.payload, key: $0.idempotencyKey).decoded(OrderNotice.self)
            }
            #expect(notices.map(\.orderID).sorted() == facts.map(\.0.orderID).sorted())
            #expect(jobs.map(\.idempotencyKey) == notices.map { "order-\($0.orderID)" })
        }
    }

    @Test func aSecondTicketInTheBatchOfTheFirstTakesItsPlace() async throws {
        try await run { shop, _, sale, buyers in
            let first = try await shop.claim(sale, buyers[0])
            // Redis has lost the buyer, but not the entry.
            try await shop.redis.send("HDEL", "flash:\(sale):bought", buyers[0])
            let second = try await shop.claim(sale, buyers[0])
            #expect(second != first)
            try await shop.makeFlashOrders()
            #expect(try await shop.flashOrder(of: buyers[0], in: sale)?.ticket == second)
            #expect(try await shop.sales.look(sale).ordered == 1)
            #expect(try await shop.sales.look(sale).difference == 0)
        }
    }

    @Test func anEntryThatCannotBeReadHoldsUpNoOther() async throws {
        try await run { shop, _, sale, buyers in
            try await shop.redis.send("XADD", "jobs:{flash}", "*", "kind", "claim", "payload", "x", "key", "k")
            _ = try await shop.claim(sale, buyers[0])
            try await shop.makeFlashOrders()
            #expect(try await shop.flashOrder(of: buyers[0], in: sale) != nil)
            #expect(try await JobQueue(FlashClaims.queue, shop.redis).statistics().dead == 1)
        }
    }

    @Test func anOrderThatNobodyPaysReturnsItsUnitToTheSaleAndItsBuyerMayBuyAgain() async throws {
        try await run { shop, goods, sale, buyers in
            let first = try await shop.claim(sale, buyers[0])
            try await shop.makeFlashOrders()
            shop.advance(seconds: 1800)
            #expect(try await shop.services.orders.cancelExpired() == 1)
            for _ in 0...1 { try await shop.runReturns() }
            let balance = try await shop.sales.look(sale)
            #expect(balance.left == 10)
            #expect(balance.difference == 0)
            #expect(try await stock(goods, shop) == [10, 0])
            let second = try await shop.claim(sale, buyers[0])
            #expect(second != first)
            try await shop.makeFlashOrders()
            #expect(try await shop.flashOrder(of: buyers[0], in: sale)?.ticket == second)
        }
    }

    @Test func aUnitThatComesBackAfterTheEndGoesToTheGoods() async throws {
        try await run(pay: [.cashOnDelivery]) { shop, goods, sale, buyers in
            for passport in buyers[...1] { _ = try await shop.claim(sale, passport) }
            try await shop.makeFlashOrders()
            let orders = try await shop.store.read { try $0.flashOrders(of: sale) }
            // The sale is over by the shop's clock, and then closed.
            shop.advance(seconds: 3_000_000_000)
            try await shop.services.orders.cancel(orders[0].orderID, of: buyers[0])
            try await shop.runReturns()
            #expect(try await shop.sales.look(sale).difference == 0)
            #expect(try await stock(goods, shop) == [11, 1])
            try await shop.sales.close(sale)
            #expect(try await stock(goods, shop) == [19, 1])
            try await shop.services.orders.cancel(orders[1].orderID, of: buyers[1])
            #expect(try await stock(goods, shop) == [20, 0])
            #expect(try await shop.sales.look(sale).difference == 0)
            await #expect(throws: FlashSaleProblem.self) { try await shop.sales.close(sale) }
        }
    }

    @Test func aSaleIsNotClosedWhileClaimsWait() async throws {
        try await run { shop, _, sale, buyers in
            _ = try await shop.claim(sale, buyers[0])
            await #expect(throws: FlashSaleProblem.self) { try await shop.sales.close(sale, patience: .zero) }
            let late = FlashClaim(flash: sale, passport: buyers[1], address: nil, language: "zh")
            #expect(try await shop.claims.claim(late) == .ended)
            try await shop.makeFlashOrders()
            try await shop.sales.close(sale)
            #expect(try await shop.flashOrder(of: buyers[0], in: sale) != nil)
        }
    }

    @Test func aClaimWithoutAnAddressFailsAndItsUnitIsThereAgain() async throws {
        try await run { shop, _, sale, buyers in
            let foreign = try await shop.claim(sale, buyers[0], address: 999)
            let homeless = try await shop.addPassport("zhang")
            let ticket = try await shop.claim(sale, homeless)
            try await shop.makeFlashOrders()
            #expect(try await shop.claims.ticket(ticket, of: homeless) == .failed("no_address"))
            #expect(try await shop.claims.ticket(foreign, of: buyers[0]) == .failed("no_address"))
            #expect(try await shop.claims.ticket(ticket, of: buyers[0]) == nil)
            #expect(try await shop.sales.look(sale).left == 10)
            let own = try await shop.addAddress(of: homeless)
            _ = try await shop.claim(sale, homeless, address: own)
            try await shop.makeFlashOrders()
            #expect(try await shop.flashOrder(of: homeless, in: sale) != nil)
        }
    }

    @Test func anEmptyRedisIsSeededFromTheDatabase() async throws {
        try await run { shop, _, sale, buyers in
            let bought = try await shop.claim(sale, buyers[0])
            try await shop.makeFlashOrders()
            let lost = try await shop.claim(sale, buyers[1])
            let worked = try await shop.claim(sale, buyers[2])
            let taken = try await shop.takeClaims().filter { $0.job.key == worked }
            try await shop.redis.send("FLUSHALL")
            try await shop.sales.tend()
            // A worker had taken this claim before.
            try await shop.flashOrders.take(taken)
            #expect(try await shop.claim(sale, buyers[0]) == bought)
            #expect(try await shop.claim(sale, buyers[2]) == worked)
            #expect(try await shop.claims.ticket(lost, of: buyers[1]) == nil)
            #expect(try await shop.claim(sale, buyers[1]) != lost)
            let balance = try await shop.sales.look(sale)
            #expect(balance.left == 7)
            #expect(balance.difference == 0)
        }
    }

    @Test func aRedisThatHasForgottenBuyersSellsNothingTwice() async throws {
        try await run(buyers: 14) { shop, _, sale, buyers in
            for passport in buyers[..<10] { _ = try await shop.claim(sale, passport) }
            try await shop.makeFlashOrders()
            let kept = try await shop.flashOrder(of: buyers[0], in: sale)
            // The last second is lost: two buyers and their entries.
            try await shop.redis.send("HDEL", "flash:\(sale):bought", buyers[0], buyers[1])
            #expect(try await shop.sales.look(sale).difference == -2)
            let again = try await shop.claim(sale, buyers[0])
            let tooMany = try await shop.claim(sale, buyers[10])
            try await shop.makeFlashOrders()
            #expect(try await shop.claims.ticket(again, of: buyers[0]) == kept.map { .ordered($0.orderID) })
            #expect(try await shop.claims.ticket(tooMany, of: buyers[10]) == .failed("sold_out"))
            // The failure has made Redis know all buyers again.
            let balance = try await shop.sales.look(sale)
            #expect(balance.left == 0)
            #expect(balance.ordered == 10)
            #expect(balance.difference == 0)
        }
    }

    @Test func aRestartOfRedisSeedsTheSale() async throws {
        try await run { shop, _, sale, buyers in
            for passport in buyers { _ = try await shop.claim(sale, passport) }
            try await shop.makeFlashOrders()
            try await shop.sales.tend()
            try await shop.redis.send("HDEL", "flash:\(sale):bought", buyers[0])
            try await shop.sales.tend()
            #expect(try await shop.sales.look(sale).difference == -1)
            _ = try? await shop.redis.send("SHUTDOWN", "NOSAVE")
            try await shop.services.ownRedis?.startIfNeeded()
            try await shop.sales.tend()
            #expect(try await shop.sales.look(sale).difference == 0)
        }
    }

    @Test func goodsThatAreNotThereCannotBePublished() async throws {
        try await TestShop.run { shop in
            let goods = try await shop.addGoods("a", stock: 5)
            await #expect(throws: FlashSaleProblem.self) { try await shop.publishSale(of: goods, stock: 6) }
            await #expect(throws: FlashSaleProblem.self) { try await shop.publishSale(of: goods, stock: 0) }
            await #expect(throws: FlashSaleProblem.self) { try await shop.publishSale(of: 99, stock: 1) }
            #expect(try await shop.store.read { try $0.goods([goods])[goods]?.draft.stock } == 5)
            #expect(try await shop.sales.list().isEmpty)
        }
    }

    @Test func anOrderCannotHaveTheKeyOfATicket() async throws {
        try await TestShop.run { shop in
            let goods = try await shop.addGoods("a")
            try await shop.serve { browser in
                let address = try await shop.addAddress(of: try await shop.logIn("zhang", browser))
                let items = #"[{"goods_id": \#(goods), "count": 1}]"#
                let json = #"{"address_id": \#(address), "pay_method": 1, "items": \#(items)}"#
                let reply = try await browser.post("/api/v1/orders", json, headers: [OrderTests.key: "flash:1-x"])
                #expect(reply.code == "missing_value")
            }
        }
    }
}
