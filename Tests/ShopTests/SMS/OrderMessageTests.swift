import Testing

@testable import Shop

/// Text messages about orders.
@Suite struct OrderMessageTests {
    private static let phone = "13800138000"

    /// Ships an order of a buyer with a number, and returns the messages that are sent for it.
    private static func messagesOfAParcel(
        isVerified: Bool, template: String?, beforeSending: @escaping @Sendable (TestShop, Int) async throws -> Void
    ) async throws -> [SMSSink.Message] {
        var messages: [SMSSink.Message] = []
        try await SMSSink.run { sink in
            try await TestShop.run { shop in
                let goods = try await shop.addGoods("a")
                let buyer = try await Buyer("zhang", shop)
                try await shop.store.write {
                    try $0.setPhone(of: buyer.passport, to: phone, isVerified: isVerified, now: 1)
                }
                let id = try await buyer.order(goods, key: "k")
                try await shop.store.ship(id, carrier: "顺丰", tracking: "SF123", now: shop.services.now())
                try await beforeSending(shop, buyer.passport)
                var jobs = sink.jobs(of: shop.store)
                jobs.client.settings.shippedTemplate = template
                for job in try await shop.store.read({ try $0.unsentJobs(limit: 10) }) where job.queue == "sms" {
                    let handler = try #require(jobs.handlers[job.kind])
                    try await handler(Job(kind: job.kind, payload: job.payload, key: job.idempotencyKey))
                }
                messages = try sink.messages
                guard let first = messages.first else { return }
                #expect(first.variables == ["order": id, "parcel": "顺丰 SF123"])
                #expect(first.reference == "text-shipped-\(id)")
            }
        }
        return messages
    }

    @Test func aVerifiedNumberIsToldOfAParcel() async throws {
        let messages = try await Self.messagesOfAParcel(isVerified: true, template: "SMS_SHIPPED") { _, _ in }
        #expect(messages.map(\.template) == ["SMS_SHIPPED"])
        #expect(messages.map(\.phone) == [Self.phone])
    }

    @Test func aNumberThatNobodyHasVerifiedIsNotTold() async throws {
        let messages = try await Self.messagesOfAParcel(isVerified: false, template: "SMS_SHIPPED") { _, _ in }
        #expect(messages.isEmpty)
    }

    @Test func aShopWithoutATemplateSendsNothing() async throws {
        let messages = try await Self.messagesOfAParcel(isVerified: true, template: nil) { _, _ in }
        #expect(messages.isEmpty)
    }

    @Test func aNumberThatWasChangedMeanwhileIsNotTold() async throws {
        let messages = try await Self.messagesOfAParcel(isVerified: true, template: "SMS_SHIPPED") { shop, passport in
            try await shop.store.write { try $0.setPhone(of: passport, to: "13900139000", now: 2) }
        }
        #expect(messages.isEmpty)
    }
}
