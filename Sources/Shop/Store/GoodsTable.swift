/// The goods that a member of staff or a seed describes; what the shop itself counts is not among it.
package struct GoodsDraft: Sendable, Equatable {
    /// The name of the goods in the world outside: the `id` of the bundled catalog, or an article number.
    package var code: String
    package var name: String
    package var description = ""
    /// The price in fen.
    package var price: Int
    package var unit = "本"
    package var stock: Int
    package var sales = 0
    /// HTML, which `HTMLSanitizer` has cleaned.
    package var detail = ""
    /// The address of the picture, `/images/…`; empty for goods without one.
    package var image = ""
    package var isOnShelf = true
    package var typeID: Int
    package var author: [String] = []
    package var publisher = ""
    package var isbn = ""
    /// Further members of the document in search, as a JSON object.
    package var attributes = "{}"
}

/// A row of `goods`.
struct Goods: Sendable, Equatable {
    var id: Int
    var draft: GoodsDraft
    /// The number of the edit, for `If-Match`.
    var version: Int
    /// The number of the last change that search must learn of.
    var feedSequence: Int
    var isDeleted: Bool
    var createdAt: Milliseconds

    /// True if customers may see and buy the goods.
    var isOnSale: Bool { draft.isOnShelf && !isDeleted }

    /// The reason for which a number of goods cannot be bought; nil if they can.
    func saleProblem(_ count: Int) -> String? {
        if !isOnSale { return "off_shelf" }
        return draft.stock < count ? "short_stock" : nil
    }
}

/// The orders of a list of goods.
enum GoodsOrder: String, CaseIterable, Sendable {
    case newestFirst = "default"
    case cheapest = "price"
    case bestSelling = "hot"
    case newest = "new"

    fileprivate var clause: String {
        switch self {
        case .newestFirst: "id DESC"
        case .cheapest: "price, id"
        case .bestSelling: "sales DESC, id DESC"
        case .newest: "created_at DESC, id DESC"
        }
    }
}

/// A row of `goods_type`; the root has the parent 0.
struct GoodsType: Sendable, Equatable {
    var id: Int
    var parentID: Int
    var name: String
}

/// The kind of a change that search must learn of.
enum ChangeKind: String, Sendable {
    /// The whole document.
    case put
    /// Stock and sales alone.
    case patch
}

// MARK: Types

extension Transaction {
    /// All types, parents before their children in the order of display.
    func goodsTypes() throws -> [GoodsType] {
        try rows("SELECT id, parent_id, name FROM goods_type WHERE is_delete = 0 ORDER BY parent_id, sort, id")
            .map { GoodsType(id: $0.int("id"), parentID: $0.int("parent_id"), name: $0.text("name")) }
    }

    /// Returns the type of a name below a parent, and adds it if there is none.
    func goodsType(named name: String, below parent: Int, sort: Int = 0, now: Milliseconds) throws -> Int {
        let found = try row("SELECT id FROM goods_type WHERE parent_id = ? AND name = ?", parent, name)
        if let found { return found.int("id") }
        try execute(
            "INSERT INTO goods_type (parent_id, name, sort, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
            parent, name, sort, now, now)
        return lastInsertedID
    }

    /// Gives a type another name; the documents of its goods and of those below it change with it.
    func renameGoodsType(_ id: Int, to name: String, now: Milliseconds) throws {
        try execute("UPDATE goods_type SET name = ?, updated_at = ? WHERE id = ?", name, now, id)
        let types = try TypeTree(goodsTypes()).subtree(id)
        let goods = try rows(
            "SELECT id FROM goods WHERE type_id IN (\(placeholders(types.count)))", all: types)
        for row in goods { try touch(row.int("id"), now: now) }
    }

    /// Records that the document of goods is another one, whatever their row says.
    func touch(_ id: Int, now: Milliseconds) throws {
        let sequence = try recordChange(of: id, .put, now: now)
        try execute("UPDATE goods SET feed_seq = ? WHERE id = ?", sequence, id)
    }
}

/// The types as a tree.
struct TypeTree: Sendable {
    private let types: [Int: GoodsType]
    private let children: [Int: [Int]]

    init(_ list: [GoodsType]) {
        types = Dictionary(uniqueKeysWithValues: list.map { ($0.id, $0) })
        children = Dictionary(grouping: list, by: \.parentID).mapValues { $0.map(\.id) }
    }

    /// The types below a parent; those at the top for 0.
    func children(of parent: Int) -> [GoodsType] { (children[parent] ?? []).compactMap { types[$0] } }

    /// A type and all below it; none if there is no such type.
    func subtree(_ id: Int) -> [Int] {
        guard types[id] != nil else { return [] }
        return [id] + (children[id] ?? []).flatMap(subtree)
    }

    /// The types from the top down to a type.
    func path(to id: Int) -> [GoodsType] {
        var path: [GoodsType] = []
        var next = types[id]
        while let type = next, path.count < 16 {
            path.insert(type, at: 0)
            next = types[type.parentID]
        }
        return path
    }
}

// MARK: Reading

extension Transaction {
    /// Returns goods by their ids, in any state. Ids without a row are left out.
    func goods(_ ids: [Int]) throws -> [Int: Goods] {
        guard !ids.isEmpty else { return [:] }
        let list = try rows("SELECT * FROM goods WHERE id IN (\(placeholders(ids.count)))", all: ids).map(Goods.init)
        return Dictionary(uniqueKeysWithValues: list.map { ($0.id, $0) })
    }

    /// Returns goods that are on sale; nil if there are none.
    func goodsOnSale(_ id: Int) throws -> Goods? {
        try goods([id])[id].flatMap { $0.isOnSale ? $0 : nil }
    }

    /// Returns goods on sale of any of some types, or of all types for nil. Only ids are sorted and passed over; rows
    /// with their texts are read for what is returned.
    func goodsOnSale(
        of types: [Int]?, order: GoodsOrder, limit: Int, offset: Int = 0, except: Int = 0
    ) throws -> [Goods] {
        let filter = types.map { "type_id IN (\(placeholders($0.count))) AND " } ?? ""
        return try rows(
            """
            SELECT * FROM goods WHERE id IN (
                SELECT id FROM goods WHERE \(filter)status = 1 AND is_delete = 0 AND id <> ?
                ORDER BY \(order.clause) LIMIT ? OFFSET ?)
            ORDER BY \(order.clause)
            """, all: (types ?? []) + [except, limit, offset]
        ).map(Goods.init)
    }

    /// The number of goods on sale of any of some types, or of all types for nil.
    func countGoodsOnSale(of types: [Int]?) throws -> Int {
        let filter = types.map { "type_id IN (\(placeholders($0.count))) AND " } ?? ""
        let sql = "SELECT COUNT(*) AS n FROM goods WHERE \(filter)status = 1 AND is_delete = 0"
        return try rows(sql, all: types ?? [])[0].int("n")
    }

    /// Returns the goods that follow an id, in the order of ids, for walking through all of them.
    func goods(after id: Int, limit: Int) throws -> [Goods] {
        try rows("SELECT * FROM goods WHERE id > ? ORDER BY id LIMIT ?", id, limit).map(Goods.init)
    }

    /// The id of the goods with a code, deleted or not; nil if there are none.
    func goodsID(code: String) throws -> Int? {
        try row("SELECT id FROM goods WHERE code = ?", code)?.int("id")
    }
}

extension Goods {
    init(_ row: Row) {
        id = row.int("id")
        draft = GoodsDraft(
            code: row.text("code"), name: row.text("name"), description: row.text("description"),
            price: row.int("price"), unit: row.text("unit"), stock: row.int("stock"), sales: row.int("sales"),
            detail: row.text("detail"), image: row.text("image"), isOnShelf: row.bool("status"),
            typeID: row.int("type_id"), author: storedList(row.text("author")), publisher: row.text("publisher"),
            isbn: row.text("isbn"), attributes: row.text("attributes"))
        version = row.int("version")
        feedSequence = row.int("feed_seq")
        isDeleted = row.bool("is_delete")
        createdAt = row.time("created_at")
    }
}

// MARK: Writing

extension Transaction {
    /// Adds goods and returns their id.
    func insert(_ draft: GoodsDraft, now: Milliseconds) throws -> Int {
        try execute(
            """
            INSERT INTO goods (code, name, description, price, unit, stock, sales, detail, image, status, type_id,
                author, publisher, isbn, attributes, feed_seq, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)
            """,
            draft.code, draft.name, draft.description, draft.price, draft.unit, draft.stock, draft.sales, draft.detail,
            draft.image, draft.isOnShelf ? 1 : 0, draft.typeID, listText(draft.author), draft.publisher, draft.isbn,
            draft.attributes, now, now)
        let id = lastInsertedID
        try touch(id, now: now)
        return id
    }

    /// Replaces what staff describe of goods, but for stock and sales, which orders change meanwhile.
    ///
    /// Errors: `StoreError.unchanged` if the goods are not there, or not in `version` any more.
    func update(_ id: Int, to draft: GoodsDraft, version: Int, now: Milliseconds) throws {
        try change(id, .put, now) { sequence in
            try execute(
                """
                UPDATE goods SET name = ?, description = ?, price = ?, unit = ?, detail = ?, image = ?, status = ?,
                    type_id = ?, author = ?, publisher = ?, isbn = ?, attributes = ?, version = version + 1,
                    feed_seq = ?, updated_at = ?
                WHERE id = ? AND version = ? AND is_delete = 0
                """,
                draft.name, draft.description, draft.price, draft.unit, draft.detail, draft.image,
                draft.isOnShelf ? 1 : 0, draft.typeID, listText(draft.author), draft.publisher, draft.isbn,
                draft.attributes, sequence, now, id, version)
        }
    }

    /// Puts goods on the shelf or takes them off it. Errors: `StoreError.unchanged` if there are no such goods.
    func setOnShelf(_ id: Int, _ isOnShelf: Bool, now: Milliseconds) throws {
        try change(id, .put, now) { sequence in
            try execute(
                """
                UPDATE goods SET status = ?, version = version + 1, feed_seq = ?, updated_at = ?
                WHERE id = ? AND is_delete = 0
                """, isOnShelf ? 1 : 0, sequence, now, id)
        }
    }

    /// Deletes goods; orders keep their row. Errors: `StoreError.unchanged` if there are no such goods.
    func deleteGoods(_ id: Int, now: Milliseconds) throws {
        try change(id, .put, now) { sequence in
            try execute(
                """
                UPDATE goods SET is_delete = 1, status = 0, version = version + 1, feed_seq = ?, updated_at = ?
                WHERE id = ? AND is_delete = 0
                """, sequence, now, id)
        }
    }

    /// Sells goods: takes `count` from the stock.
    ///
    /// Errors: `StoreError.unchanged` if they are off the shelf, or fewer are left.
    func sell(_ id: Int, _ count: Int, now: Milliseconds) throws {
        try changeStock(id, by: -count, now) { sequence in
            try execute(
                """
                UPDATE goods SET stock = stock - ?, sales = sales + ?, feed_seq = ?
                WHERE id = ? AND status = 1 AND is_delete = 0 AND stock >= ?
                """, count, count, sequence, id, count)
        }
    }

    /// Returns sold goods to the stock, whether they are on the shelf or not.
    func takeBack(_ id: Int, _ count: Int, now: Milliseconds) throws {
        try changeStock(id, by: count, now) { sequence in
            try execute(
                "UPDATE goods SET stock = stock + ?, sales = sales - ?, feed_seq = ? WHERE id = ?",
                count, count, sequence, id)
        }
    }

    /// Adds goods to the stock. `kind` is that of the change; nil for the kind of a change of the stock alone.
    ///
    /// Errors: `StoreError.unchanged` if there are none, or the stock would be negative.
    func addStock(_ id: Int, _ count: Int, as kind: ChangeKind? = nil, now: Milliseconds) throws {
        try changeStock(id, by: count, as: kind, now) { sequence in
            try execute(
                "UPDATE goods SET stock = stock + ?, feed_seq = ? WHERE id = ? AND stock + ? >= 0",
                count, sequence, id, count)
        }
    }

    /// Counts goods as sold that have left the stock before.
    func addSales(_ id: Int, _ count: Int, now: Milliseconds) throws {
        try change(id, .patch, now) { sequence in
            try execute("UPDATE goods SET sales = sales + ?, feed_seq = ? WHERE id = ?", count, sequence, id)
        }
    }

    /// Runs a statement that changes the row of goods, and records the change. The caller lets an error end the
    /// transaction.
    private func change(
        _ id: Int, _ kind: ChangeKind, _ now: Milliseconds, _ statement: (Int) throws -> Int
    ) throws {
        guard try statement(recordChange(of: id, kind, now: now)) == 1 else { throw StoreError.unchanged }
    }

    /// Runs a statement that changes the stock of goods by a number. Goods that are sold out, or not any more, look
    /// different in lists: that is recorded as a change of the whole document, any other as a patch.
    private func changeStock(
        _ id: Int, by count: Int, as kind: ChangeKind? = nil, _ now: Milliseconds, _ statement: (Int) throws -> Int
    ) throws {
        guard let before = try row("SELECT stock FROM goods WHERE id = ?", id)?.int("stock") else {
            throw StoreError.unchanged
        }
        try change(id, kind ?? (before == 0 || before + count == 0 ? .put : .patch), now, statement)
    }
}
