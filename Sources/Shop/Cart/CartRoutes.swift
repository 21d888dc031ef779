import Hummingbird

/// The routes of carts: `GET /api/v1/cart` and `/cart/count`, `POST /cart/items` (adds), `PUT` and `DELETE
/// /cart/items/{goods_id}`, `POST /cart/merge`.
struct CartRoutes: Sendable {
    let store: Store
    let cart: Cart

    private struct Count: Decodable { var count: Int }
    private struct Lines: Decodable { var items: [CartLine] }

    /// A cart with the prices of now.
    struct CartReply: Encodable, Sendable {
        struct PricedLine: Encodable, Sendable {
            var goodsId: Int
            var count: Int
            var name: String
            var image: String
            var price: Int
            var subtotal: Int
            /// `off_shelf` or `short_stock`; nil for what can be bought.
            var problem: String?
        }

        var items: [PricedLine]
        /// The number of all goods.
        var totalCount: Int
        /// The price of what can be bought.
        var totalPrice: Int
    }

    func add(to routes: RouterGroup<ShopContext>) {
        routes.get("cart") { _, context in jsonReply(try await reply(to: try context.passport)) }
        routes.get("cart/count") { _, context in
            jsonReply(["count": try await cart.count(of: try context.passport)])
        }
        routes.post("cart/items") { request, context in
            let passport = try context.passport
            let line = try await request.decoded(CartLine.self)
            try CartLine.checkCount(line.count)
            let count = try await cart.add(line, available: try await stock(of: line.goodsId), to: passport)
            context.trace?.record(.cart, goods: line.goodsId)
            return jsonReply(CartLine(goodsId: line.goodsId, count: count))
        }
        routes.put("cart/items/:id") { request, context in
            let passport = try context.passport
            let id = try context.parameters.id("id", of: "goods")
            let line = CartLine(goodsId: id, count: try await request.decoded(Count.self).count)
            try CartLine.checkCount(line.count)
            let count = try await cart.set(line, available: try await stock(of: id), in: passport)
            return jsonReply(CartLine(goodsId: id, count: count))
        }
        routes.delete("cart/items/:id") { _, context in
            let passport = try context.passport
            let id = try context.parameters.id("id", of: "goods")
            guard try await cart.remove(id, from: passport) else { throw Problem.missing("line") }
            return jsonReply(try await reply(to: passport))
        }
        routes.post("cart/merge") { request, context in
            let passport = try context.passport
            try await merge(try await request.decoded(Lines.self).items, into: passport)
            return jsonReply(try await reply(to: passport))
        }
    }

    /// Puts lines that a browser kept into a cart. Lines that cannot be are left out: nobody is kept from logging in by
    /// goods that are gone.
    func merge(_ lines: [CartLine], into passport: Int) async throws {
        var seen = Set<Int>()
        let lines = lines.prefix(CartLine.lineLimit).filter { $0.count > 0 && seen.insert($0.goodsId).inserted }
        let ids = lines.map(\.goodsId)
        let goods = try await store.read { try $0.goods(ids) }
        try await cart.merge(lines.filter { goods[$0.goodsId]?.isOnSale == true }, into: passport)
    }

    private func stock(of id: Int) async throws -> Int {
        guard let goods = try await store.read({ try $0.goodsOnSale(id) }) else { throw Problem.missing("goods") }
        return goods.draft.stock
    }

    private func reply(to passport: Int) async throws -> CartReply {
        let lines = try await cart.lines(of: passport)
        let ids = lines.map(\.goodsId)
        let goods = try await store.read { try $0.goods(ids) }
        let items = lines.compactMap { line in
            goods[line.goodsId].map { goods in
                CartReply.PricedLine(
                    goodsId: goods.id, count: line.count, name: goods.draft.name, image: goods.draft.image,
                    price: goods.draft.price, subtotal: goods.draft.price * line.count,
                    problem: goods.saleProblem(line.count))
            }
        }
        return CartReply(
            items: items, totalCount: items.reduce(0) { $0 + $1.count },
            totalPrice: items.reduce(0) { $0 + ($1.problem == nil ? $1.subtotal : 0) })
    }
}
