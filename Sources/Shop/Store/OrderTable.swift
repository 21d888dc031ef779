import FoundationEssentials

/// The states of an order.
enum OrderStatus: Int, Codable, Sendable, CaseIterable {
    case unpaid = 1
    case paid = 2
    case shipped = 3
    case received = 4
    case finished = 5
    case canceled = 6
    case refunding = 7
    case refunded = 8

    /// The states that may follow.
    var next: Set<OrderStatus> {
        switch self {
        case .unpaid: [.paid, .canceled]
        case .paid: [.shipped, .canceled, .refunding]
        case .shipped: [.received]
        case .received: [.finished]
        // It was paid too late.
        case .canceled: [.refunding]
        case .refunding: [.refunded]
        case .finished, .refunded: []
        }
    }

    /// True if the goods of the order are not in the shop.
    var holdsGoods: Bool { ![.canceled, .refunding, .refunded].contains(self) }
}

/// A row of `order_info`.
struct Order: StoredRow, Sendable, Equatable {
    var id: String
    var passport: Int
    var addressID: Int
    /// The address as it was, as a JSON object.
    var address: String
    var totalCount: Int
    var totalPrice: Int
    var transitPrice: Int
    var payMethod: PayMethod
    var tradeID: String?
    var status: OrderStatus
    var idempotencyKey: String
    /// The digest of the request, to tell a repeated request from another one with the same key.
    var request: String
    /// The language of mails about the order, `zh` or `en`.
    var language: String
    var expires: Milliseconds?
    var paid: Milliseconds?
    var created: Milliseconds

    /// The price with delivery, in fen.
    var total: Int { totalPrice + transitPrice }

    private enum CodingKeys: String, CodingKey {
        case totalCount, totalPrice, transitPrice, payMethod, status, language
        case id = "orderId"
        case passport = "passportId"
        case addressID = "addrId"
        case address = "addrJson"
        case tradeID = "tradeId"
        case idempotencyKey = "idemKey"
        case request = "idemRequest"
        case expires = "expiresAt"
        case paid = "paidAt"
        case created = "createdAt"
    }
}

/// A row of `order_goods`, with the name and price of the moment of the order.
struct OrderLine: Encodable, Sendable, Equatable {
    var goodsId: Int
    var count: Int
    var price: Int
    var name: String
}

/// A row of `order_event`.
struct OrderEvent: StoredRow, Encodable, Sendable, Equatable {
    var fromStatus: OrderStatus?
    var toStatus: OrderStatus
    var actor: String
    var note: String
    var createdAt: Milliseconds

    private enum Members: CodingKey { case from, to, note, at }

    /// Writes the event as the API shows it, which does not tell buyers who it was.
    func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Members.self)
        try members.encodeIfPresent(fromStatus, forKey: .from)
        try members.encode(toStatus, forKey: .to)
        try members.encode(note, forKey: .note)
        try members.encode(createdAt, forKey: .at)
    }
}

// MARK: Reading

extension Transaction {
    /// Returns an order of an account; nil if it is not there, or somebody else's.
    func order(_ id: String, of passport: Int) throws -> Order? {
        try row("SELECT * FROM order_info WHERE order_id = ? AND passport_id = ?", id, passport)
    }

    /// Returns an order of any account.
    func order(_ id: String) throws -> Order? {
        try row("SELECT * FROM order_info WHERE order_id = ?", id)
    }

    /// True if there is an order with an id.
    func hasOrder(_ id: String) throws -> Bool {
        try row("SELECT order_id FROM order_info WHERE order_id = ?", id) != nil
    }

    /// Returns the order that an account has made with a key.
    func order(idempotencyKey key: String, of passport: Int) throws -> Order? {
        try row("SELECT * FROM order_info WHERE passport_id = ? AND idem_key = ?", passport, key)
    }

    /// Returns orders of an account, the newest first, and their number in all.
    func orders(of passport: Int, limit: Int, offset: Int) throws -> (orders: [Order], total: Int) {
        let orders: [Order] = try rows(
            "SELECT * FROM order_info WHERE passport_id = ? ORDER BY created_at DESC, order_id DESC LIMIT ? OFFSET ?",
            passport, limit, offset)
        let total = try row("SELECT COUNT(*) AS n FROM order_info WHERE passport_id = ?", passport)?.int("n") ?? 0
        return (orders, total)
    }

    /// Returns orders of all accounts that are in a state, the oldest first.
    func orders(in status: OrderStatus, limit: Int) throws -> [Order] {
        try rows(
            "SELECT * FROM order_info WHERE status = ? ORDER BY created_at, order_id LIMIT ?", status.rawValue, limit)
    }

    /// The number of orders of each of some accounts that hold goods without money: unpaid, or to be paid at the door
    /// and not shipped yet. Accounts without such orders are not there.
    func openOrders(of passports: [Int]) throws -> [Int: Int] {
        let list = try rows(
            """
            SELECT passport_id, COUNT(*) AS n FROM order_info
            WHERE passport_id IN (SELECT value FROM json_each(?)) AND status IN (?, ?)
                AND (status = ? OR pay_method = ?)
            GROUP BY passport_id
            """, jsonList(passports), OrderStatus.unpaid.rawValue, OrderStatus.paid.rawValue,
            OrderStatus.unpaid.rawValue, PayMethod.cashOnDelivery.rawValue)
        return Dictionary(uniqueKeysWithValues: list.map { ($0.int("passport_id"), $0.int("n")) })
    }

    func orderLines(of order: String) throws -> [OrderLine] { try orderLines(of: [order])[order] ?? [] }

    /// The goods of orders, by order.
    func orderLines(of orders: [String]) throws -> [String: [OrderLine]] {
        let list = try rows(
            "SELECT * FROM order_goods WHERE order_id IN (SELECT value FROM json_each(?)) ORDER BY goods_id",
            String(decoding: try JSONEncoder().encode(orders), as: UTF8.self))
        return Dictionary(grouping: list) { $0.text("order_id") }.mapValues { rows in
            rows.map {
                OrderLine(
                    goodsId: $0.int("goods_id"), count: $0.int("count"), price: $0.int("price"), name: $0.text("name"))
            }
        }
    }

    func orderEvents(of order: String) throws -> [OrderEvent] {
        try rows("SELECT * FROM order_event WHERE order_id = ? ORDER BY id", order)
    }

    /// Returns the ids of unpaid orders whose time is over.
    func expiredOrders(now: Milliseconds, limit: Int) throws -> [String] {
        try rows(
            "SELECT order_id FROM order_info WHERE status = ? AND expires_at <= ? ORDER BY expires_at LIMIT ?",
            OrderStatus.unpaid.rawValue, now, limit
        ).map { $0.text("order_id") }
    }
}

// MARK: Writing

extension Transaction {
    /// Adds an order with its lines, and takes its goods from the stock, in the order of their ids.
    ///
    /// Errors: `StoreError.unchanged` if goods are not there in that number, `StoreError.duplicate` if the id or the
    /// key is taken; the transaction must not go on.
    func add(_ order: Order, _ lines: [OrderLine], now: Milliseconds) throws {
        try addRow(of: order, now: now)
        for line in lines {
            try sell(line.goodsId, line.count, now: now)
            try execute(
                "INSERT INTO order_goods (order_id, goods_id, count, price, name) VALUES (?, ?, ?, ?, ?)",
                order.id, line.goodsId, line.count, line.price, line.name)
        }
        try beginHistories(of: [order.id], now: now)
    }

    /// Adds an order without its lines and its history. Errors: `StoreError.duplicate` if the id or the key is taken;
    /// then nothing has changed.
    func addRow(of order: Order, now: Milliseconds) throws {
        try execute(
            """
            INSERT INTO order_info (order_id, passport_id, addr_id, addr_json, total_count, total_price, transit_price,
                pay_method, status, idem_key, idem_request, language, expires_at, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            order.id, order.passport, order.addressID, order.address, order.totalCount, order.totalPrice,
            order.transitPrice, order.payMethod.rawValue, order.status.rawValue, order.idempotencyKey, order.request,
            order.language, order.expires, now, now)
    }

    /// Adds the first rows to the histories of new orders.
    func beginHistories(of orders: [String], now: Milliseconds) throws {
        try execute(
            """
            INSERT INTO order_event (order_id, from_status, to_status, actor, note, created_at)
            SELECT order_id, NULL, status, 'passport:' || passport_id, '', ? FROM order_info
            WHERE order_id IN (SELECT value FROM json_each(?))
            """, now, jsonList(orders))
    }

    /// Adds a row to the history of an order.
    func addEvent(
        _ order: String, from: OrderStatus?, to: OrderStatus, actor: String, _ note: String, _ now: Milliseconds
    ) throws {
        try execute(
            """
            INSERT INTO order_event (order_id, from_status, to_status, actor, note, created_at)
            VALUES (?, ?, ?, ?, ?, ?)
            """, order, from?.rawValue, to.rawValue, actor, note, now)
    }
}
