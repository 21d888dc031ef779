import HTTPTypes
import Hummingbird
import Testing

@testable import Shop

/// The people who may use each route: a new route fails here until it has a row.
@Suite struct AuthorizationTests {
    private enum Access {
        /// Anybody.
        case anybody
        /// Whoever is logged in, about themselves.
        case person
        /// The owner of what the path names; others see nothing there.
        case owner
    }

    private static let table: [(method: HTTPRequest.Method, path: String, access: Access)] = [
        (.get, "/healthz", .anybody), (.get, "/readyz", .anybody),
        (.get, "/api/v1/home", .anybody), (.get, "/api/v1/types", .anybody), (.get, "/api/v1/goods", .anybody),
        (.get, "/api/v1/goods/{id}", .anybody), (.get, "/api/v1/goods/{id}/related", .anybody),
        (.get, "/api/v1/history", .person),
        (.post, "/api/v1/register", .anybody), (.post, "/api/v1/activate", .anybody),
        (.post, "/api/v1/login", .anybody), (.post, "/api/v1/logout", .anybody),
        (.post, "/api/v1/token/refresh", .anybody), (.post, "/api/v1/password/forgot", .anybody),
        (.post, "/api/v1/password/reset", .anybody), (.post, "/api/v1/password/change", .person),
        (.get, "/api/v1/me", .person),
        (.get, "/api/v1/addresses", .person), (.post, "/api/v1/addresses", .person),
        (.put, "/api/v1/addresses/{id}", .owner), (.delete, "/api/v1/addresses/{id}", .owner),
        (.post, "/api/v1/addresses/{id}/default", .owner),
        (.get, "/api/v1/cart", .person), (.get, "/api/v1/cart/count", .person), (.post, "/api/v1/cart/items", .person),
        (.put, "/api/v1/cart/items/{id}", .person), (.delete, "/api/v1/cart/items/{id}", .person),
        (.post, "/api/v1/cart/merge", .person),
        (.post, "/api/v1/orders/preview", .person), (.post, "/api/v1/orders", .person),
        (.get, "/api/v1/orders", .person), (.get, "/api/v1/orders/{id}", .owner),
        (.post, "/api/v1/orders/{id}/cancel", .owner), (.post, "/api/v1/orders/{id}/receive", .owner),
    ]

    private static let address = AddressDraft(
        recipientName: "李明", recipientAddr: "上海", zipCode: "200000", recipientPhone: "13800138000")

    @Test func theTableHasAllRoutesButPages() async throws {
        try await TestShop.run { shop in
            let router = Router(context: ShopContext.self)
            addRoutes(of: .app, to: router, shop.services)
            let routes = router.routes.map { "\($0.method) \($0.path)" }
                .filter { $0.contains(" /api/") || $0.hasSuffix("z") }
            #expect(Set(routes) == Set(Self.table.map { "\($0.method) \($0.path)" }))
        }
    }

    @Test func nobodyGetsWhatBelongsToAPersonAndNoPersonWhatBelongsToAnother() async throws {
        try await TestShop.run { shop in
            let goods = try await shop.addGoods("a")
            try await shop.serve { owner in
                let passport = try await shop.logIn("zhang", owner)
                let stranger = owner.another()
                try await shop.logIn("wang", stranger)
                let address = try await shop.store.write { try $0.addAddress(Self.address, of: passport, now: 0) }
                let request = OrderRequest(
                    addressId: address, payMethod: 3, items: [CartLine(goodsId: goods, count: 1)])
                let order = try await shop.services.orders.commit(request, key: "k", of: passport).id
                for (method, path, access) in Self.table {
                    let id = path.contains("orders") ? order : path.contains("addresses") ? "\(address)" : "\(goods)"
                    let target = path.replacingOccurrences(of: "{id}", with: id)
                    let json = method == .get || method == .delete ? nil : Self.body
                    let anonymous = try await owner.another().send(method, target, json: json)
                    let other = try await stranger.send(method, target, json: json)
                    switch access {
                    case .anybody: #expect(anonymous.code != "login_required", "\(method) \(path)")
                    case .person: #expect(anonymous.status == 401, "\(method) \(path)")
                    case .owner:
                        #expect(anonymous.status == 401, "\(method) \(path)")
                        #expect(other.status == 404, "\(method) \(path)")
                    }
                    if path.hasSuffix("/logout") {
                        try await stranger.post("/api/v1/login", #"{"username": "wang", "password": "password1"}"#)
                    }
                }
                #expect(try await owner.get("/api/v1/orders/\(order)")["status"]?.int == 1)
                #expect(try await owner.get("/api/v1/addresses")["items"]?.list.count == 1)
            }
        }
    }

    /// Members of all bodies, so that a route gets as far as it can.
    private static let body = """
        {"recipient_name": "乙", "recipient_addr": "北京", "zip_code": "100000", "recipient_phone": "13900139000",
         "count": 1, "goods_id": 1, "items": [{"goods_id": 1, "count": 1}], "username": "nobody",
         "password": "password1", "email": "nobody@example.com", "token": "x", "old_password": "x",
         "new_password": "password2"}
        """

    @Test func theBackOfficeHasNoRoutesOfCustomers() async throws {
        try await TestShop.run { shop in
            try await shop.serve(.admin) { browser in
                try await browser.get("/api/v1/home").expect(404)
                try await browser.get("/healthz").expect(200)
            }
        }
    }
}
