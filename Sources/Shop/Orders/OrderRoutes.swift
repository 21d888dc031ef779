import HTTPTypes
import Hummingbird

/// The routes of orders: `POST /api/v1/orders/preview`, `POST` and `GET /orders`, `GET /orders/{id}`,
/// `POST /orders/{id}/cancel` and `/receive`. An order of somebody else looks as if it were not there.
struct OrderRoutes: Sendable {
    let orders: OrderService

    private struct Preview: Decodable { var items: [CartLine] }

    private struct PreviewReply: Encodable {
        var items: [OrderLine]
        var totalCount: Int
        var totalPrice: Int
        var transitPrice: Int
        /// The price with delivery, as `expected_total` of an order.
        var total: Int
        /// The ways to pay that are offered.
        var payMethods: [PayMethod]
        /// The default address, if the account has one.
        var address: Address?
    }

    private struct OrderPage: Encodable {
        var items: [OrderReply]
        var total: Int
        var page: Int
        var pages: Int
    }

    func add(to routes: RouterGroup<ShopContext>) {
        routes.post("orders/preview") { request, context in
            let passport = try context.passport
            let lines = try CartLine.checked(try await request.decoded(Preview.self).items)
            return jsonReply(try await preview(lines, passport))
        }
        routes.post("orders") { request, context in
            let passport = try context.passport
            let key = try Self.key(of: request)
            let order = try await orders.commit(
                request.decoded(OrderRequest.self), key: key, of: passport, language: request.language,
                visitor: context.trace?.visitor)
            return jsonReply(try await reply(to: order.id, passport), status: .created)
        }
        routes.get("orders") { request, context in
            let passport = try context.passport
            let page = try request.number("page", from: 1...10_000, default: 1)
            let perPage = try request.number("per_page", from: 1...50, default: 3)
            return jsonReply(try await list(passport, page, perPage))
        }
        routes.get("orders/:id") { _, context in
            jsonReply(try await reply(to: try context.parameters.require("id"), try context.passport))
        }
        routes.post("orders/:id/cancel") { _, context in
            let (id, passport) = (try context.parameters.require("id"), try context.passport)
            try await orders.cancel(id, of: passport)
            return jsonReply(try await reply(to: id, passport))
        }
        routes.post("orders/:id/receive") { _, context in
            let (id, passport) = (try context.parameters.require("id"), try context.passport)
            try await orders.receive(id, of: passport)
            return jsonReply(try await reply(to: id, passport))
        }
    }

    private func preview(_ lines: [CartLine], _ passport: Int) async throws -> PreviewReply {
        let (transitPrice, payMethods) = (orders.transitPrice, orders.payMethods)
        return try await orders.store.read { transaction in
            let priced = try OrderService.priced(lines, transaction)
            let total = priced.reduce(0) { $0 + $1.price * $1.count }
            let address = try transaction.addresses(of: passport).first { $0.isDefault }
            return PreviewReply(
                items: priced, totalCount: priced.reduce(0) { $0 + $1.count }, totalPrice: total,
                transitPrice: transitPrice, total: total + transitPrice, payMethods: payMethods,
                address: address)
        }
    }

    private func list(_ passport: Int, _ page: Int, _ perPage: Int) async throws -> OrderPage {
        try await orders.store.read { transaction in
            let (orders, total) = try transaction.orders(of: passport, limit: perPage, offset: (page - 1) * perPage)
            let lines = try transaction.orderLines(of: orders.map(\.id))
            return OrderPage(
                items: orders.map { OrderReply($0, lines[$0.id] ?? []) }, total: total,
                page: page, pages: max(1, (total + perPage - 1) / perPage))
        }
    }

    private func reply(to id: String, _ passport: Int) async throws -> OrderReply {
        try await orders.store.read { transaction in
            guard let order = try transaction.order(id, of: passport) else { throw Problem.missing("order") }
            return OrderReply(order, try transaction.orderLines(of: id), try transaction.orderEvents(of: id))
        }
    }

    private static func key(of request: Request) throws -> String {
        guard let name = HTTPField.Name("Idempotency-Key"), let key = request.headers[name],
            (1...64).contains(key.utf8.count), !key.hasPrefix(FlashOrder.keyPrefix)
        else {
            throw Problem(
                .badRequest, "missing_value", "an order needs a key of its own", param: "Idempotency-Key",
                hint: "send a random text of 1 to 64 characters, and the same one when you repeat the request")
        }
        return key
    }
}
