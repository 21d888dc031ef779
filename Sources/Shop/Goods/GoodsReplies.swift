/// Goods as a list shows them. Prices are in fen.
struct GoodsSummary: Encodable, Sendable {
    var id: Int
    var name: String
    var author: [String]
    var price: Int
    var unit: String
    var image: String
    var inStock: Bool
    /// The number in stock, for goods that were asked for by their ids.
    var stock: Int?
    /// True for bundled goods, whose price, stock and sales were generated.
    var isDemo: Bool

    init(_ goods: Goods, hasStock: Bool = false) {
        let draft = goods.draft
        id = goods.id
        name = draft.name
        author = draft.author
        price = draft.price
        unit = draft.unit
        image = draft.image
        inStock = draft.stock > 0
        if hasStock { stock = draft.stock }
        isDemo = JSONValue.object(draft.attributes)["is_demo"] == .bool(true)
    }
}

/// Goods as their own page shows them.
struct GoodsDetail: Encodable, Sendable {
    var id: Int
    var name: String
    var description: String
    var price: Int
    var unit: String
    var stock: Int
    var sales: Int
    /// HTML, cleaned when it was written.
    var detail: String
    var image: String
    var author: [String]
    var publisher: String
    var isbn: String
    /// The types from the top down.
    var types: [TypeReply]
    /// Further facts, such as the year.
    var attributes: [String: JSONValue]
    var version: Int

    init(_ goods: Goods, _ tree: TypeTree) {
        let draft = goods.draft
        id = goods.id
        name = draft.name
        description = draft.description
        price = draft.price
        unit = draft.unit
        stock = draft.stock
        sales = draft.sales
        detail = draft.detail
        image = draft.image
        author = draft.author
        publisher = draft.publisher
        isbn = draft.isbn
        types = tree.path(to: draft.typeID).map { TypeReply(id: $0.id, name: $0.name) }
        attributes = JSONValue.object(draft.attributes)
        version = goods.version
    }
}

/// A type of goods, with those below it.
struct TypeReply: Encodable, Sendable {
    var id: Int
    var name: String
    var children: [TypeReply]?

    init(id: Int, name: String) {
        self.id = id
        self.name = name
    }

    /// Creates a type with everything below it.
    init(_ type: GoodsType, in tree: TypeTree) {
        self.init(id: type.id, name: type.name)
        let below = tree.children(of: type.id)
        if !below.isEmpty { children = below.map { TypeReply($0, in: tree) } }
    }
}

/// The home page: for each type at the top its newest and its best selling goods.
struct HomeReply: Encodable, Sendable {
    struct Section: Encodable, Sendable {
        var type: TypeReply
        var newest: [GoodsSummary]
        var bestSelling: [GoodsSummary]
    }

    var sections: [Section]
}

/// A page of a list.
struct GoodsPageReply: Encodable, Sendable {
    var items: [GoodsSummary]
    var total: Int
    var page: Int
    var pages: Int
    /// The page numbers to show: up to five around the current one.
    var window: [Int]
    var recommended: [GoodsSummary]
}

/// Goods in any number, in their order.
struct GoodsListReply: Encodable, Sendable {
    var items: [GoodsSummary]

    init(_ goods: [Goods], hasStock: Bool = false) {
        items = goods.map { GoodsSummary($0, hasStock: hasStock) }
    }
}

/// Returns the numbers of the pages around one: five if there are so many.
func pageWindow(around page: Int, of pages: Int) -> [Int] {
    let first = max(1, min(page - 2, pages - 4))
    return Array(first...max(first, min(first + 4, pages)))
}
