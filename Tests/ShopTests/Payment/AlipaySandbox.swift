import AsyncHTTPClient
import Foundation
import NIOCore

@testable import Shop

/// A stand-in for Alipay on python-alipay-sdk.
struct AlipaySandbox {
    /// True if the SDK is there.
    static let isInstalled = FileManager.default.fileExists(atPath: projectFile(".build/providers/alipay"))

    let settings: AlipaySettings
    /// The folder of the keys.
    let folder: String
    private let origin: String

    /// Runs a body with the gateway.
    static func run(_ body: (AlipaySandbox) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let arguments = ["--keys", folder, "--app-id", "2021000000000001", "--seller-id", "2088000000000001"]
            try await withPythonServer("Fixtures/providers/alipay_fake.py", arguments) { port in
                let key = try String(contentsOfFile: folder + "/app-private.pem", encoding: .utf8)
                let settings = AlipaySettings(
                    gateway: "http://127.0.0.1:\(port)/gateway.do", appID: "2021000000000001",
                    sellerID: "2088000000000001", appKey: Secret(key),
                    publicKey: try String(contentsOfFile: folder + "/alipay-public.pem", encoding: .utf8))
                try await body(
                    AlipaySandbox(settings: settings, folder: folder, origin: "http://127.0.0.1:\(port)"))
            }
        }
    }

    /// Runs a body with the gateway, a shop that collects money through it, and the number of an order of 20.00 yuan.
    static func runShop(
        _ body: (AlipaySandbox, TestShop, Buyer, String) async throws -> Void
    ) async throws {
        try await run { sandbox in
            try await TestShop.run {
                $0.alipay = sandbox.settings
            } _: { shop in
                let goods = try await shop.addGoods("a", price: 1000)
                let buyer = try await Buyer("zhang", shop)
                let order = try await buyer.order(goods, pay: .alipay, key: "k")
                try await body(sandbox, shop, buyer, order)
            }
        }
    }

    /// Returns the status and the body of a reply.
    func get(_ address: String) async throws -> (status: UInt, body: String) {
        let reply = try await HTTPClient.services.execute(HTTPClientRequest(url: address), timeout: .seconds(60))
        return (reply.status.code, String(buffer: try await reply.body.collect(upTo: 1 << 20)))
    }

    /// Opens the page of an order, with which its trade begins.
    func open(_ order: String, _ shop: TestShop) async throws {
        let stored = try await shop.order(order)
        let client = try AlipayClient(settings, origin: "http://shop.example", now: shop.services.now)
        let reply = try await get(try client.payAddress(of: stored))
        guard reply.status == 200 else { throw Failure(text: reply.body) }
    }

    /// Pays the trade of an order; nobody tells the shop.
    func pay(_ order: String) async throws { _ = try await get("\(origin)/test/pay?out_trade_no=\(order)") }

    /// Returns the notice of the payment of an order, with members changed before it is signed.
    func notice(_ order: String, _ changes: [String: String] = [:]) async throws -> String {
        let query = formEncoded(changes.merging(["out_trade_no": order]) { $1 })
        return try await get("\(origin)/test/notice?\(query)").body
    }

    /// The trade of an order, as Alipay has it.
    func trade(_ order: String) async throws -> [String: JSONValue] {
        JSONValue.object(try await get("\(origin)/test/trade?out_trade_no=\(order)").body)
    }
}

extension TestShop {
    /// The order with a number, as it is now.
    func order(_ id: String) async throws -> Order {
        guard let order = try await store.read({ try $0.order(id) }) else { throw StoreError.unchanged }
        return order
    }

    /// The keys of the jobs of a queue that wait to be sent, the oldest first.
    func jobs(_ queue: String) async throws -> [String] {
        try await store.read { try $0.unsentJobs(limit: 100) }.filter { $0.queue == queue }.map(\.idempotencyKey)
    }

    /// The states that an order got, in their order.
    func states(_ id: String) async throws -> [OrderStatus] {
        try await store.read { try $0.orderEvents(of: id) }.map(\.toStatus)
    }
}

extension Browser {
    /// Sends a notice of Alipay.
    func notify(_ body: String) async throws -> Reply {
        try await send(
            .post, "/api/v1/pay/alipay/notify", json: body,
            headers: [.contentType: "application/x-www-form-urlencoded; charset=utf-8"])
    }
}
