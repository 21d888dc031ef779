import Hummingbird

/// The routes that show goods, all but the last two from the cache of pages:
///
/// - `GET /api/v1/home`, `GET /api/v1/types`
/// - `GET /api/v1/goods?type&sort&page&per_page`, `GET /api/v1/goods/{id}`, `GET /api/v1/goods/{id}/related`
/// - `GET /api/v1/goods?ids`: goods on sale with their stock, for a cart that a browser keeps
/// - `GET /api/v1/history`: the goods that the person has seen last
struct GoodsRoutes: Sendable {
    let store: Store
    let cache: PageCache
    let history: History

    func add(to routes: RouterGroup<ShopContext>) {
        routes.get("home") { request, _ in
            try await cache.reply(to: request, .lists, "home") { try await home() }
        }
        routes.get("types") { request, _ in
            try await cache.reply(to: request, .types, "types") { try await types() }
        }
        routes.get("goods") { request, _ in
            let list = try GoodsList(request)
            if let ids = try Self.ids(of: request) {
                return try await cache.reply(to: request, .lists, nil) { try await onSale(ids, hasStock: true) }
            }
            return try await cache.reply(to: request, .lists, list.key) { try await page(list) }
        }
        routes.get("goods/:id") { request, context in
            let id = try context.parameters.id("id", of: "goods")
            let reply = try await cache.reply(to: request, .goods(id), "goods:\(id)") { try await detail(id) }
            if let principal = context.principal { await history.add(id, to: principal.passport) }
            return reply
        }
        routes.get("goods/:id/related") { request, context in
            let id = try context.parameters.id("id", of: "goods")
            return try await cache.reply(to: request, .lists, "related:\(id)") { try await related(to: id) }
        }
        routes.get("history") { _, context in
            let ids = try await history.list(of: try context.passport)
            return jsonReply(try await onSale(ids))
        }
    }

    /// The goods that a request asks for by their ids; nil for one that asks for a page of a list.
    private static func ids(of request: Request) throws -> [Int]? {
        guard let text = request.uri.queryParameters["ids"] else { return nil }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let ids = parts.compactMap { Int($0) }
        guard ids.count == parts.count, ids.count <= CartLine.lineLimit else {
            throw Problem.value(
                "ids", "these are not ids of goods", hint: "send up to \(CartLine.lineLimit) numbers between commas")
        }
        return ids
    }

    /// The goods of a list of ids that are on sale, in its order.
    private func onSale(_ ids: [Int], hasStock: Bool = false) async throws -> GoodsListReply {
        let goods = try await store.read { try $0.goods(ids) }
        return GoodsListReply(ids.compactMap { goods[$0] }.filter(\.isOnSale), hasStock: hasStock)
    }

    private func home() async throws -> HomeReply {
        try await store.read { transaction in
            let tree = TypeTree(try transaction.goodsTypes())
            return HomeReply(
                sections: try tree.children(of: 0).map { type in
                    let types = tree.subtree(type.id)
                    let newest = try transaction.goodsOnSale(of: types, order: .newest, limit: 3)
                    let best = try transaction.goodsOnSale(of: types, order: .bestSelling, limit: 4)
                    return HomeReply.Section(
                        type: TypeReply(type, in: tree), newest: newest.map { GoodsSummary($0) },
                        bestSelling: best.map { GoodsSummary($0) })
                })
        }
    }

    private func types() async throws -> [TypeReply] {
        try await store.read { transaction in
            let tree = TypeTree(try transaction.goodsTypes())
            return tree.children(of: 0).map { TypeReply($0, in: tree) }
        }
    }

    private func page(_ list: GoodsList) async throws -> GoodsPageReply {
        try await store.read { transaction in
            var types: [Int]?
            if let type = list.type {
                let subtree = TypeTree(try transaction.goodsTypes()).subtree(type)
                guard !subtree.isEmpty else { throw Problem.missing("type") }
                types = subtree
            }
            let total = try transaction.countGoodsOnSale(of: types)
            let pages = min(max(1, (total + list.perPage - 1) / list.perPage), GoodsList.lastPage)
            guard list.page <= pages else {
                return GoodsPageReply(
                    items: [], total: total, page: list.page, pages: pages,
                    window: pageWindow(around: pages, of: pages), recommended: [])
            }
            let goods = try transaction.goodsOnSale(
                of: types, order: list.order, limit: list.perPage, offset: (list.page - 1) * list.perPage)
            let newest = try transaction.goodsOnSale(of: types, order: .newest, limit: 2)
            return GoodsPageReply(
                items: goods.map { GoodsSummary($0) }, total: total, page: list.page, pages: pages,
                window: pageWindow(around: list.page, of: pages), recommended: newest.map { GoodsSummary($0) })
        }
    }

    private func detail(_ id: Int) async throws -> GoodsDetail {
        try await store.read { transaction in
            guard let goods = try transaction.goodsOnSale(id) else { throw Problem.missing("goods") }
            return GoodsDetail(goods, TypeTree(try transaction.goodsTypes()))
        }
    }

    private func related(to id: Int) async throws -> GoodsListReply {
        try await store.read { transaction in
            guard let goods = try transaction.goodsOnSale(id) else { throw Problem.missing("goods") }
            return GoodsListReply(
                try transaction.goodsOnSale(of: [goods.draft.typeID], order: .bestSelling, limit: 6, except: id))
        }
    }
}

/// The parameters of a list of goods.
private struct GoodsList: Sendable {
    var type: Int?
    var order: GoodsOrder
    var page: Int
    var perPage: Int

    init(_ request: Request) throws {
        let name = request.uri.queryParameters["sort"].map(String.init) ?? GoodsOrder.newestFirst.rawValue
        guard let order = GoodsOrder(rawValue: name) else {
            let names = GoodsOrder.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem.value("sort", "there is no such sort order", hint: "use one of \(names)")
        }
        self.order = order
        let type = try request.number("type", from: 0...(1 << 53), default: 0)
        self.type = type == 0 ? nil : type
        page = try request.number("page", from: 1...Self.lastPage, default: 1)
        perPage = try request.number("per_page", from: 1...100, default: 20)
    }

    /// The last page of a list: to find a page, all before it are passed over.
    static let lastPage = 500
    /// The numbers of goods on a page whose pages are kept: that of the storefront, and the default.
    private static let keptSizes: Set<Int> = [20, 24]
    /// The last page that is kept; hardly anybody goes further.
    private static let lastKeptPage = 50

    /// The name of the page in the cache; nil for one that is not kept.
    var key: String? {
        guard Self.keptSizes.contains(perPage), page <= Self.lastKeptPage else { return nil }
        return "list:\(type ?? 0):\(order.rawValue):\(page):\(perPage)"
    }
}
