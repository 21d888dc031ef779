/// A row of `flash_sale`: goods that are sold for a while at a price of their own, from units of their own, one to a
/// person.
struct FlashSale: StoredRow, Encodable, Sendable, Equatable {
    enum Status: Int, Codable, Sendable {
        case open = 1
        case closed = 2
        /// Nobody can claim any more, but claims may wait that become orders.
        case closing = 3
    }

    var id: Int
    var goodsID: Int
    /// The price of a unit in fen.
    var price: Int
    /// The units that the sale got from the goods.
    var stock: Int
    /// The units that orders hold.
    var sold: Int
    /// The units that went back to the goods.
    var returned: Int
    var startAt: Milliseconds
    var endAt: Milliseconds
    var status: Status

    private enum CodingKeys: String, CodingKey {
        case id, price, stock, sold, returned, startAt, endAt, status
        case goodsID = "goodsId"
    }

    /// The units that the sale has for buyers, those that they have ordered among them.
    var units: Int { stock - returned }

    /// True if a unit that comes back can be sold again.
    func isOpen(at time: Milliseconds) -> Bool { status == .open && time < endAt }
}

/// A row of `flash_order`: an order that holds a unit of a sale.
struct FlashOrder: StoredRow, Sendable, Equatable {
    var flashID: Int
    var passport: Int
    var orderID: String
    var ticket: String

    /// The beginning of the idempotency keys of orders that come from tickets; requests may not use it.
    static let keyPrefix = "flash:"

    /// The idempotency key of the order of a ticket: the order is made once, however often its entry is delivered.
    static func key(of ticket: String) -> String { keyPrefix + ticket }

    private enum CodingKeys: String, CodingKey {
        case ticket
        case flashID = "flashId"
        case passport = "passportId"
        case orderID = "orderId"
    }
}

/// A unit that a person has given back, as the job of the queue `accounts` carries it.
struct FlashReturn: Codable, Sendable, Equatable {
    var flash: Int
    var passport: Int
    var ticket: String
    /// True if the sale has the unit again, false if the goods have it.
    var isForSale: Bool

    func job() throws -> OutboxJob {
        try OutboxJob(queue: "accounts", kind: "flash_return", self, key: "flash-return-\(ticket)")
    }
}

// MARK: Sales

extension Transaction {
    /// Adds a sale, whose units leave the stock of the goods, and returns its id.
    ///
    /// Errors: `StoreError.unchanged` if the goods are not on sale, or fewer are left.
    func addFlashSale(
        of goods: Int, price: Int, stock: Int, from start: Milliseconds, until end: Milliseconds, now: Milliseconds
    ) throws -> Int {
        guard try goodsOnSale(goods) != nil else { throw StoreError.unchanged }
        try addStock(goods, -stock, as: .put, now: now)
        try execute(
            """
            INSERT INTO flash_sale (goods_id, price, stock, start_at, end_at, status, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """, goods, price, stock, start, end, FlashSale.Status.open.rawValue, now, now)
        return lastInsertedID
    }

    func flashSale(_ id: Int) throws -> FlashSale? { try row("SELECT * FROM flash_sale WHERE id = ?", id) }

    /// Returns all sales, the newest first.
    func flashSales() throws -> [FlashSale] { try rows("SELECT * FROM flash_sale ORDER BY id DESC") }

    /// Returns the sales that are not closed.
    func unclosedFlashSales() throws -> [FlashSale] {
        try rows("SELECT * FROM flash_sale WHERE status <> ? ORDER BY id", FlashSale.Status.closed.rawValue)
    }

    /// Returns the open sales that end after a time, in the order in which they begin.
    func openFlashSales(endingAfter time: Milliseconds) throws -> [FlashSale] {
        try rows(
            "SELECT * FROM flash_sale WHERE status = ? AND end_at > ? ORDER BY start_at, id",
            FlashSale.Status.open.rawValue, time)
    }

    /// Begins to close a sale. False if it is closed, or there is none.
    func beginToClose(_ sale: Int, now: Milliseconds) throws -> Bool {
        try execute(
            "UPDATE flash_sale SET status = ?, updated_at = ? WHERE id = ? AND status <> ?",
            FlashSale.Status.closing.rawValue, now, sale, FlashSale.Status.closed.rawValue) == 1
    }

    /// Closes a sale that is closing; the units that nobody has ordered return to the goods. Again it has no effect.
    func closeFlashSale(_ id: Int, now: Milliseconds) throws {
        guard let sale = try flashSale(id), sale.status == .closing else { return }
        try execute(
            "UPDATE flash_sale SET status = ?, returned = stock - sold, updated_at = ? WHERE id = ?",
            FlashSale.Status.closed.rawValue, now, id)
        // Also without units: lists do not show the sale any more.
        try addStock(sale.goodsID, sale.units - sale.sold, as: .put, now: now)
    }
}

// MARK: Orders

extension Transaction {
    /// Returns the orders that hold units of a sale.
    func flashOrders(of sale: Int) throws -> [FlashOrder] {
        try rows("SELECT * FROM flash_order WHERE flash_id = ? ORDER BY passport_id", sale)
    }

    /// The number of orders that hold units of a sale, by their own states.
    func countFlashOrders(of sale: Int) throws -> Int {
        let statuses = OrderStatus.allCases.filter(\.holdsGoods).map(\.rawValue)
        return try rows(
            """
            SELECT COUNT(*) AS n FROM flash_order f JOIN order_info o ON o.order_id = f.order_id
            WHERE f.flash_id = ? AND o.status IN (\(placeholders(statuses.count)))
            """, all: [sale] + statuses
        ).first?.int("n") ?? 0
    }

    /// Returns the orders of some accounts that hold units of a sale.
    func flashOrders(of sale: Int, by passports: [Int]) throws -> [FlashOrder] {
        try rows(
            "SELECT * FROM flash_order WHERE flash_id = ? AND passport_id IN (SELECT value FROM json_each(?))", sale,
            jsonList(passports))
    }

    /// Returns the order that an account got for a ticket of a sale, whatever became of it.
    func order(ticket: String, of passport: Int, in sale: Int) throws -> String? {
        if let order = try order(idempotencyKey: FlashOrder.key(of: ticket), of: passport) { return order.id }
        let held = try flashOrders(of: sale, by: [passport]).first
        return held?.ticket == ticket ? held?.orderID : nil
    }

    /// Gives new orders, whose requests are their tickets, a unit of a sale each, as goods of a name: one statement for
    /// each table, because a rush has thousands of them a second.
    ///
    /// Errors: `StoreError.unchanged` if the sale is closed, or has fewer units left.
    func addUnits(of sale: FlashSale, named name: String, to orders: [String], now: Milliseconds) throws {
        try sellUnits(orders.count, of: sale, now: now)
        let ids = jsonList(orders)
        try execute(
            """
            INSERT INTO order_goods (order_id, goods_id, count, price, name)
            SELECT order_id, ?, 1, total_price, ? FROM order_info WHERE order_id IN (SELECT value FROM json_each(?))
            """, sale.goodsID, name, ids)
        try execute(
            """
            INSERT INTO flash_order (flash_id, passport_id, order_id, ticket, created_at)
            SELECT ?, passport_id, order_id, idem_request, ? FROM order_info
            WHERE order_id IN (SELECT value FROM json_each(?))
            """, sale.id, now, ids)
    }

    /// Gives an order another ticket, because Redis has forgotten the first.
    func setTicket(_ ticket: String, of order: FlashOrder) throws {
        try execute("UPDATE flash_order SET ticket = ? WHERE order_id = ?", ticket, order.orderID)
    }

    /// Counts units of a sale as sold. Errors: `StoreError.unchanged` if it is closed, or has fewer left.
    private func sellUnits(_ count: Int, of sale: FlashSale, now: Milliseconds) throws {
        let changed = try execute(
            """
            UPDATE flash_sale SET sold = sold + ?, updated_at = ?
            WHERE id = ? AND status <> ? AND sold + returned + ? <= stock
            """, count, now, sale.id, FlashSale.Status.closed.rawValue, count)
        guard changed == 1 else { throw StoreError.unchanged }
        try addSales(sale.goodsID, count, now: now)
    }

    /// Gives the unit of an order back, to the sale while it is open and else to the goods, and lets its buyer buy
    /// again. False for an order of another kind.
    func returnUnit(of order: String, now: Milliseconds) throws -> Bool {
        guard let held: FlashOrder = try row("SELECT * FROM flash_order WHERE order_id = ?", order),
            let sale = try flashSale(held.flashID)
        else { return false }
        let isForSale = sale.isOpen(at: now)
        try execute(
            "UPDATE flash_sale SET sold = sold - 1, returned = returned + ?, updated_at = ? WHERE id = ?",
            isForSale ? 0 : 1, now, sale.id)
        if isForSale { try addSales(sale.goodsID, -1, now: now) } else { try takeBack(sale.goodsID, 1, now: now) }
        try execute("DELETE FROM flash_order WHERE order_id = ?", order)
        try enqueue(
            FlashReturn(flash: sale.id, passport: held.passport, ticket: held.ticket, isForSale: isForSale).job(),
            now: now)
        return true
    }
}
