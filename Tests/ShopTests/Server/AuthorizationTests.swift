import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Shop

/// The people who may use each route: a new route fails here until it has a row.
@Suite struct AuthorizationTests {
    private struct Row {
        var method: HTTPRequest.Method
        var path: String
        /// The status for nobody, for the owner of what the path and the body name, and for another person.
        var anonymous, owner, other: Int

        init(_ method: HTTPRequest.Method, _ path: String, _ anonymous: Int, _ owner: Int, _ other: Int) {
            (self.method, self.path) = (method, path)
            (self.anonymous, self.owner, self.other) = (anonymous, owner, other)
        }
    }

    /// In this order, each row for nobody, the other person, and then the owner.
    private static let table = [
        Row(.get, "/healthz", 200, 200, 200), Row(.get, "/readyz", 200, 200, 200),
        Row(.get, "/openapi.json", 200, 200, 200),
        // No picture has the name.
        Row(.get, "/images/{name}", 404, 404, 404),
        Row(.get, "/v1", 200, 200, 200), Row(.get, "/v1/{catalog}", 200, 200, 200),
        Row(.get, "/v1/{catalog}/search", 200, 200, 200), Row(.get, "/v1/{catalog}/suggest", 200, 200, 200),
        Row(.get, "/v1/{catalog}/facets/{field}", 200, 200, 200),
        Row(.get, "/api/v1/home", 200, 200, 200), Row(.get, "/api/v1/types", 200, 200, 200),
        Row(.get, "/api/v1/goods", 200, 200, 200), Row(.get, "/api/v1/goods/{id}", 200, 200, 200),
        Row(.get, "/api/v1/goods/{id}/related", 200, 200, 200), Row(.get, "/api/v1/history", 401, 200, 200),
        // Nobody has this name yet; a login that fails leaves the session alone.
        Row(.post, "/api/v1/login", 401, 401, 401),
        Row(.post, "/api/v1/register", 202, 202, 202), Row(.post, "/api/v1/activate", 400, 400, 400),
        Row(.post, "/api/v1/token/refresh", 401, 401, 401),
        Row(.post, "/api/v1/password/forgot", 202, 202, 202), Row(.post, "/api/v1/password/reset", 400, 400, 400),
        // The old password is wrong.
        Row(.post, "/api/v1/password/change", 401, 401, 401),
        Row(.get, "/api/v1/me", 401, 200, 200), Row(.put, "/api/v1/me", 401, 200, 200),
        // The shop sends no text messages, and so there was no code.
        Row(.post, "/api/v1/me/phone/code", 401, 409, 409), Row(.post, "/api/v1/me/phone", 401, 400, 400),
        // The shop has no login by QQ.
        Row(.get, "/api/v1/oauth/qq/authorize", 409, 409, 409), Row(.get, "/api/v1/oauth/qq/callback", 409, 409, 409),
        Row(.post, "/api/v1/oauth/qq/bind", 409, 409, 409), Row(.delete, "/api/v1/oauth/qq", 401, 409, 409),
        Row(.get, "/api/v1/addresses", 401, 200, 200), Row(.post, "/api/v1/addresses", 401, 201, 201),
        Row(.put, "/api/v1/addresses/{id}", 401, 200, 404),
        Row(.post, "/api/v1/addresses/{id}/default", 401, 200, 404),
        Row(.post, "/api/v1/events", 202, 202, 202),
        Row(.get, "/api/v1/cart", 401, 200, 200), Row(.get, "/api/v1/cart/count", 401, 200, 200),
        Row(.post, "/api/v1/cart/items", 401, 200, 200), Row(.put, "/api/v1/cart/items/{id}", 401, 200, 200),
        Row(.delete, "/api/v1/cart/items/{id}", 401, 200, 200), Row(.post, "/api/v1/cart/merge", 401, 200, 200),
        Row(.post, "/api/v1/orders/preview", 401, 200, 200),
        // The address is the owner's.
        Row(.post, "/api/v1/orders", 401, 201, 404),
        Row(.get, "/api/v1/orders", 401, 200, 200), Row(.get, "/api/v1/orders/{id}", 401, 200, 404),
        // The shop has no account at Alipay.
        Row(.post, "/api/v1/orders/{id}/pay", 401, 409, 404), Row(.get, "/api/v1/orders/{id}/pay", 401, 200, 404),
        Row(.post, "/api/v1/pay/alipay/notify", 400, 400, 400),
        Row(.get, "/api/v1/flash", 200, 200, 200), Row(.post, "/api/v1/flash/{id}/claim", 401, 202, 202),
        Row(.get, "/api/v1/flash/{id}/ticket", 401, 200, 200),
        Row(.get, "/api/v1/flash/tickets/{ticket}", 401, 200, 404),
        Row(.post, "/api/v1/orders/{id}/cancel", 401, 200, 404),
        // It is canceled now.
        Row(.post, "/api/v1/orders/{id}/receive", 401, 409, 404),
        Row(.delete, "/api/v1/addresses/{id}", 401, 200, 404),
        Row(.post, "/api/v1/logout", 200, 200, 200),
    ]

    /// Runs a body with a shop beside a search server that has an empty reply for everything.
    private func run(_ body: @escaping @Sendable (TestShop) async throws -> Void) async throws {
        let router = Router()
        router.get("**") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/json"],
                body: .init(byteBuffer: ByteBuffer(string: "{}")))
        }
        let search = Application(router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)))
        try await search.test(.live) { client in
            let url = "http://127.0.0.1:\(try #require(client.port))/v1/books"
            try await TestShop.run({ $0.feedTargets = [.init(name: "local", url: url, key: Secret("k"))] }, body)
        }
    }

    @Test func theTableHasAllRoutesButPages() async throws {
        try await run { shop in
            #expect(shop.routesButPages == Set(Self.table.map { "\($0.method) \($0.path)" }))
        }
    }

    @Test func nobodyGetsWhatBelongsToAPersonAndNoPersonWhatBelongsToAnother() async throws {
        try await run { shop in
            let goods = try await shop.addGoods("a")
            try await shop.serve { owner in
                let passport = try await shop.logIn("zhang", owner)
                let stranger = owner.another()
                try await shop.logIn("wang", stranger)
                let buyer = try await Buyer(passport, shop)
                let (address, order) = (buyer.address, try await buyer.order(goods, pay: .alipay, key: "k"))
                let key = try #require(HTTPField.Name("Idempotency-Key"))
                let sale = try await shop.publishSale(of: goods, stock: 2)
                let ticket = try await shop.claim(sale, buyer.passport)
                for row in Self.table {
                    let id = row.path.contains("orders") ? order : "\(row.path.contains("address") ? address : goods)"
                    let target = row.path.replacing("{id}", with: id).replacing("{ticket}", with: ticket)
                        .replacing("{catalog}", with: "books").replacing("{field}", with: "author")
                        .replacing("{name}", with: sha256("x") + ".png")
                    let hasBody = row.method != .get
                    let json = hasBody ? Self.body(goods: goods, address: address) : nil
                    for (name, person, status) in [
                        ("nobody", owner.another(), row.anonymous), ("another", stranger, row.other),
                        ("the owner", owner, row.owner),
                    ] {
                        let reply = try await person.send(row.method, target, json: json, headers: [key: name])
                        #expect(reply.status == status, "\(row.method) \(row.path) as \(name): \(reply.body)")
                    }
                }
            }
        }
    }

    /// Members of all bodies, so that a route gets as far as it can.
    private static func body(goods: Int, address: Int) -> String {
        """
        {"recipient_name": "乙", "recipient_addr": "北京", "zip_code": "100000", "recipient_phone": "13900139000",
         "count": 1, "goods_id": \(goods), "items": [{"goods_id": \(goods), "count": 1}], "username": "nobody",
         "password": "password1", "email": "nobody@example.com", "token": "x", "old_password": "x",
         "new_password": "password2", "phone": "13800138000", "code": "000000", "address_id": \(address),
         "pay_method": 1, "events": [{"kind": "view", "goods_id": \(goods)}]}
        """
    }

    @Test func theBackOfficeHasNoRoutesOfCustomers() async throws {
        try await TestShop.run { shop in
            try await shop.serve(.admin) { browser in
                try await browser.get("/api/v1/home").expect(404)
                try await browser.get("/healthz").expect(200)
            }
        }
    }
}
