import HTTPTypes
import Testing

@testable import Shop

@Suite struct ShippingTests {
    @Test func aShippedOrderTellsItsBuyerTheParcelAndCanBeReceivedButNotCanceled() async throws {
        try await TestShop.run { shop in
            let a = try await shop.addGoods("a")
            try await shop.serve { browser in
                let passport = try await shop.logIn("zhang", browser)
                let buyer = try await Buyer(passport, shop)
                let paid = try await buyer.order(a, key: "k")
                let unpaid = try await buyer.order(a, pay: .alipay, key: "l")
                let waiting = try await shop.store.ordersToShip(limit: 10).map(JSONValue.object)
                #expect(waiting.map { $0["order_id"]?.text } == [paid])
                #expect(waiting.first?["address"]?["recipient_name"]?.text == "李明")
                #expect(waiting.first?["items"]?.list.first?["goods_id"]?.int == a)
                try await shop.store.ship(paid, carrier: "顺丰", tracking: "SF123", now: shop.services.now())
                #expect(try await shop.store.ordersToShip(limit: 10).isEmpty)
                // It is shipped once; what is not paid is not shipped.
                for id in [paid, unpaid, "nothing"] {
                    await #expect(throws: StoreError.unchanged, "\(id)") {
                        try await shop.store.ship(id, carrier: "顺丰", tracking: "SF124", now: 0)
                    }
                }
                let mails = try await shop.store.read { try $0.unsentJobs(limit: 10) }.filter { $0.kind == "shipped" }
                #expect(mails.map(\.idempotencyKey) == ["shipped-\(paid)"])
                let shown = try await browser.get("/api/v1/orders/\(paid)")
                #expect(shown["status"]?.int == 3)
                #expect(shown["events"]?.list.map { $0["note"]?.text } == ["", "顺丰 SF123"])
                #expect(shown["events"]?.list.contains { $0["actor"] != nil } == false)
                #expect(try await browser.post("/api/v1/orders/\(paid)/cancel").code == "wrong_status")
                #expect(try await browser.post("/api/v1/orders/\(paid)/receive")["status"]?.int == 4)
            }
        }
    }
}
