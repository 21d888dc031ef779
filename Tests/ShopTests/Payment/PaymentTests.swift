import Testing

@testable import Shop

/// Payments through a stand-in for Alipay, whose signatures are those of python-alipay-sdk.
@Suite(.enabled(if: AlipaySandbox.isInstalled, "needs python-alipay-sdk, see ./quire-test"), .timeLimit(.minutes(10)))
struct PaymentTests {
    @Test func theAddressOfThePageIsSignedAndNobodyCanChangeIt() async throws {
        try await AlipaySandbox.runShop { sandbox, shop, _, id async throws in
            let client = try #require(shop.services.payments).client
            let address = try client.payAddress(of: try await shop.order(id))
            #expect(try await sandbox.get(address).status == 200)
            let trade = try await sandbox.trade(id)
            #expect(trade["total_amount"]?.text == "20.00")
            #expect(trade["subject"]?.text == "Quire 书店 \(id)")
            #expect(trade["expire"]?.text == "2027-01-15 16:30:00")
            let changed = try await sandbox.get(address.replacing("20.00", with: "00.01"))
            #expect(changed.status == 400)
            #expect(changed.body == "isv.invalid-signature")
        }
    }

    @Test func aNoticePaysAnOrderOnceAndEveryCopyOfItIsAnswered() async throws {
        try await AlipaySandbox.runShop { sandbox, shop, _, id async throws in
            try await sandbox.open(id, shop)
            let notice = try await sandbox.notice(id)
            try await shop.serve { browser async throws in
                for _ in 1...3 {
                    let reply = try await browser.notify(notice)
                    reply.expect(200)
                    #expect(reply.body == "success")
                }
            }
            let order = try await shop.order(id)
            #expect(order.status == .paid)
            #expect(order.tradeID == (try await sandbox.trade(id))["trade_no"]?.text)
            #expect(order.paid == shop.services.now())
            #expect(try await shop.states(id) == [.unpaid, .paid])
            #expect(try await shop.jobs("mail") == ["order-\(id)", "paid-\(id)"])
        }
    }

    @Test(arguments: [
        ["total_amount": "0.01"], ["total_amount": "20.001"], ["total_amount": "2E1"], ["total_amount": ""],
        ["app_id": "2021000000000002"], ["seller_id": "2088000000000002"], ["sign_type": "RSA"], ["trade_no": "x"],
    ]) func aSignedNoticeThatDoesNotFitPaysNothing(_ changes: [String: String]) async throws {
        try await AlipaySandbox.runShop { sandbox, shop, _, id async throws in
            try await sandbox.open(id, shop)
            if changes["trade_no"] != nil {
                // Another trade than that which has paid.
                try await shop.serve { browser in try await browser.notify(try await sandbox.notice(id)).expect(200) }
            }
            let before = try await shop.order(id)
            let notice = try await sandbox.notice(id, changes)
            try await shop.serve { browser async throws in
                let reply = try await browser.notify(notice)
                reply.expect(400)
                #expect(reply.code == "bad_notice")
            }
            #expect(try await shop.order(id) == before)
        }
    }

    @Test func aNoticeThatAlipayHasNotSignedPaysNothing() async throws {
        try await AlipaySandbox.runShop { sandbox, shop, _, id async throws in
            try await sandbox.open(id, shop)
            let notice = try await sandbox.notice(id, ["total_amount": "0.01"])
            let good = try await sandbox.notice(id)
            let forged = [
                notice.replacing("total_amount=0.01", with: "total_amount=20.00"), good + "&total_amount=20.00",
                good + "&extra=1", good.replacing(/&sign=[^&]*/, with: ""),
                good.replacing(/&sign=[^&]*/, with: "&sign=%%%"), "", "%", "sign_type=RSA2&sign=",
            ]
            try await shop.serve { browser async throws in
                for body in forged {
                    let reply = try await browser.notify(body)
                    #expect(reply.code == "bad_notice", "\(body)")
                }
                #expect(try await shop.order(id).status == .unpaid)
                try await browser.notify(good).expect(200)
            }
        }
    }

    @Test(arguments: ["WAIT_BUYER_PAY", "TRADE_CLOSED"])
    func otherStatesOfATradeChangeNothingAndAreAnswered(_ state: String) async throws {
        try await AlipaySandbox.runShop { sandbox, shop, _, id async throws in
            try await sandbox.open(id, shop)
            let notice = try await sandbox.notice(id, ["trade_status": state])
            try await shop.serve { browser async throws in
                let reply = try await browser.notify(notice)
                #expect(reply.body == "success")
            }
            #expect(try await shop.states(id) == [.unpaid])
        }
    }

    @Test(arguments: ["20", "20.0", "20.00"]) func anAmountMayHaveFewerPlaces(_ amount: String) async throws {
        try await AlipaySandbox.runShop { sandbox, shop, _, id async throws in
            try await sandbox.open(id, shop)
            let notice = try await sandbox.notice(id, ["total_amount": amount, "trade_status": "TRADE_FINISHED"])
            try await shop.serve { browser in try await browser.notify(notice).expect(200) }
            #expect(try await shop.order(id).status == .paid)
        }
    }

    @Test func aNoticeThatComesBeforeItsOrderCanBeSeenIsSentAgain() async throws {
        try await AlipaySandbox.runShop { sandbox, shop, _, id async throws in
            try await sandbox.open(id, shop)
            let notice = try await sandbox.notice(id)
            try await TestShop.run {
                $0.alipay = sandbox.settings
            } _: { other async throws in
                try await other.serve { browser in try await browser.notify(notice).expect(400) }
            }
            try await shop.serve { browser in try await browser.notify(notice).expect(200) }
            #expect(try await shop.order(id).status == .paid)
        }
    }

    @Test func whatWasPaidAfterTheEndOfItsTimeGoesBackOnce() async throws {
        try await AlipaySandbox.runShop { sandbox, shop, _, id async throws in
            shop.advance(seconds: 1800)
            #expect(try await shop.services.orders.cancelExpired() == 1)
            // The page was not open yet, and the buyer has kept its address.
            try await sandbox.open(id, shop)
            try await sandbox.pay(id)
            let notice = try await sandbox.notice(id)
            try await shop.serve { browser async throws in
                for _ in 1...2 { try await browser.notify(notice).expect(200) }
            }
            #expect(try await shop.jobs("payments") == ["refund-\(id)"])
            #expect(try await shop.order(id).status == .refunding)
            let payments = try #require(shop.services.payments)
            for _ in 1...2 { try await payments.refund(Refund(order: id)) }
            #expect(try await shop.states(id) == [.unpaid, .canceled, .refunding, .refunded])
            let trade = try await sandbox.trade(id)
            #expect(trade["trade_status"]?.text == "TRADE_CLOSED")
            #expect(trade["refunds"]?[id] != nil)
            #expect(try await shop.jobs("mail") == ["order-\(id)", "refunded-\(id)"])
            // The goods came back once.
            let goods = try await shop.store.read { try $0.goods([try $0.orderLines(of: id)[0].goodsId]) }
            #expect(goods.values.map(\.draft.stock) == [10])
        }
    }

    @Test func staffGivesTheMoneyOfAPaidOrderBackOnce() async throws {
        try await AlipaySandbox.runShop { sandbox, shop, _, id async throws in
            let refund = { try await shop.store.refund(id, reason: "sold out", now: shop.services.now()) }
            // Nobody has paid yet.
            await #expect(throws: StoreError.unchanged) { try await refund() }
            try await sandbox.open(id, shop)
            try await sandbox.pay(id)
            let payments = try #require(shop.services.payments)
            try await payments.refresh(try await shop.order(id))
            try await refund()
            await #expect(throws: StoreError.unchanged) { try await refund() }
            await #expect(throws: StoreError.unchanged) {
                try await shop.store.ship(id, carrier: "顺丰", tracking: "SF123", now: 0)
            }
            #expect(try await shop.jobs("payments") == ["refund-\(id)"])
            for _ in 1...2 { try await payments.refund(Refund(order: id)) }
            #expect(try await shop.states(id) == [.unpaid, .paid, .refunding, .refunded])
            #expect((try await sandbox.trade(id))["refunds"]?[id] != nil)
            let goods = try await shop.store.read { try $0.goods([try $0.orderLines(of: id)[0].goodsId]) }
            #expect(goods.values.map(\.draft.stock) == [10])
        }
    }

    @Test func theMailOfAPaidOrderIsInTheLanguageOfTheOrder() async throws {
        try await AlipaySandbox.runShop { sandbox, shop, buyer, _ async throws in
            let goods = try await shop.addGoods("b")
            let request = buyer.request(goods, pay: .alipay)
            let id = try await buyer.orders.commit(request, key: "l", of: buyer.passport, language: "en").id
            try await sandbox.open(id, shop)
            try await sandbox.pay(id)
            try await #require(shop.services.payments).refresh(try await shop.order(id))
            let job = try await shop.store.read { try $0.unsentJobs(limit: 100) }.first { $0.kind == "paid" }
            #expect(job?.payload.contains(#""language":"en""#) == true)
        }
    }

    @Test func anOrderThatWasPaidInTimeIsNotRefunded() async throws {
        try await AlipaySandbox.runShop { sandbox, shop, _, id async throws in
            try await sandbox.open(id, shop)
            try await sandbox.pay(id)
            let payments = try #require(shop.services.payments)
            try await payments.refresh(try await shop.order(id))
            await #expect(throws: PermanentJobFailure.self) { try await payments.refund(Refund(order: id)) }
            let trade = try await sandbox.trade(id)
            #expect(trade["trade_status"]?.text == "TRADE_SUCCESS")
        }
    }

    @Test func anOrderThatWasPaidUnnoticedIsNotCanceled() async throws {
        try await AlipaySandbox.runShop { sandbox, shop, buyer, id async throws in
            let goods = try await shop.addGoods("b", price: 1000)
            let second = try await buyer.order(goods, pay: .alipay, key: "l")
            for order in [id, second] {
                try await sandbox.open(order, shop)
                try await sandbox.pay(order)
            }
            await #expect(throws: Problem.self) {
                try await shop.services.orders.cancel(second, of: buyer.passport)
            }
            shop.advance(seconds: 1800)
            #expect(try await shop.services.orders.cancelExpired() == 0)
            for order in [id, second] { #expect(try await shop.order(order).status == .paid) }
        }
    }

    @Test func aCanceledOrderCannotBePaidAnyMore() async throws {
        try await AlipaySandbox.runShop { sandbox, shop, buyer, id async throws in
            try await sandbox.open(id, shop)
            try await shop.services.orders.cancel(id, of: buyer.passport)
            #expect((try await sandbox.trade(id))["trade_status"]?.text == "TRADE_CLOSED")
            #expect(try await shop.order(id).status == .canceled)
            try await sandbox.pay(id)
            #expect((try await sandbox.trade(id))["trade_status"]?.text == "TRADE_CLOSED")
        }
    }

    @Test func anOrderWaitsForAnAlipayThatCannotBeReached() async throws {
        try await AlipaySandbox.run { sandbox async throws in
            try await TestShop.run {
                $0.alipay = sandbox.settings
                // Nobody listens there.
                $0.alipay?.gateway = "http://127.0.0.1:9/gateway.do"
            } _: { shop async throws in
                let buyer = try await Buyer("zhang", shop)
                let id = try await buyer.order(try await shop.addGoods("a"), pay: .alipay, key: "k")
                let refusal = await #expect(throws: Problem.self) {
                    try await shop.services.orders.cancel(id, of: buyer.passport)
                }
                #expect(refusal?.status == 503)
                shop.advance(seconds: 1800)
                await #expect(throws: AlipayError.self) { try await shop.services.orders.cancelExpired() }
                #expect(try await shop.order(id).status == .unpaid)
            }
        }
    }

    @Test func noticesQueriesAndTheEndOfTheTimeTogetherPayOnce() async throws {
        try await AlipaySandbox.runShop { sandbox, shop, _, id async throws in
            try await sandbox.open(id, shop)
            try await sandbox.pay(id)
            let notice = try await sandbox.notice(id)
            shop.advance(seconds: 1800)
            let payments = try #require(shop.services.payments)
            let order = try await shop.order(id)
            try await withThrowingTaskGroup { group in
                for _ in 1...5 {
                    group.addTask { try await payments.take(try #require(formMembers(notice))) }
                    group.addTask { _ = try await shop.services.orders.cancelExpired() }
                    group.addTask { try await payments.refresh(order) }
                }
                try await group.waitForAll()
            }
            #expect(try await shop.states(id) == [.unpaid, .paid])
        }
    }

    @Test func aPersonPaysAndTheShopAsksAlipayWhenNoNoticeComes() async throws {
        try await AlipaySandbox.run { sandbox async throws in
            try await TestShop.run {
                $0.alipay = sandbox.settings
            } _: { shop async throws in
                let goods = try await shop.addGoods("a", price: 1000)
                try await shop.serve { browser async throws in
                    let buyer = try await Buyer(try await shop.logIn("zhang", browser), shop)
                    let id = try await buyer.order(goods, pay: .alipay, key: "k")
                    let reply = try await browser.post("/api/v1/orders/\(id)/pay")
                    #expect(try await sandbox.get(try #require(reply["pay_url"]?.text)).status == 200)
                    try await sandbox.pay(id)
                    #expect(try await browser.get("/api/v1/orders/\(id)/pay")["status"]?.int == 2)
                    #expect(try await browser.post("/api/v1/orders/\(id)/pay").code == "wrong_status")
                }
            }
        }
    }
}
