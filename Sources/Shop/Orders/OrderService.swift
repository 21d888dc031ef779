import FoundationEssentials

/// A request to buy goods.
struct OrderRequest: Codable, Sendable, Equatable {
    var addressId: Int
    var payMethod: Int
    var items: [CartLine]
    /// The price that the person has seen, with delivery; if it is another one now, nothing is ordered.
    var expectedTotal: Int?
}

/// An order whose goods leave the cart, as the job of the queue `accounts` carries it.
struct BoughtOrder: Codable, Sendable, Equatable {
    var id: String

    func job() throws -> OutboxJob {
        try OutboxJob(queue: "accounts", kind: "bought", self, key: "bought-\(id)")
    }
}

/// Makes orders and moves them through their states.
struct OrderService: Sendable {
    let store: Store
    let cart: Cart
    let events: EventLog
    /// Collects money; nil for a shop that takes it at the door alone.
    let payments: AlipayPayments?
    let transitPrice: Int
    /// The ways to pay that are offered.
    let payMethods: [PayMethod]
    /// The most orders of an account that are not paid, or to be paid at the door and not shipped.
    let unpaidLimit: Int
    /// The time that a person has to pay, in milliseconds.
    let timeout: Milliseconds
    let now: @Sendable () -> Milliseconds

    /// Makes an order in one transaction: prices and stock are those of the database at that moment.
    ///
    /// `key` identifies the request of the account: repeating it returns the first order again. The bought goods leave
    /// the cart only after the order is there, and once: at once, or by a job if this process dies before.
    ///
    /// It is written with an event for each of its lines. `visitor` is the name of the browser; nil for one without.
    ///
    /// Errors: `not_for_sale` (409) with the goods and reasons, `price_changed`, `key_reused`, `too_many_unpaid` (409),
    /// `pay_method_not_offered` (400), a problem with status 404 for an address that is not the account's.
    func commit(
        _ request: OrderRequest, key: String, of passport: Int, language: String = "zh", visitor: String? = nil
    ) async throws -> Order {
        guard let payMethod = PayMethod(rawValue: request.payMethod), payMethods.contains(payMethod) else {
            throw Problem(
                .badRequest, "pay_method_not_offered", "the shop does not offer this way to pay", param: "pay_method",
                hint: "use one of \(payMethods.map { "\($0.rawValue)" }.joined(separator: ", "))")
        }
        let lines = try CartLine.checked(request.items)
        let digest = try Self.digest(of: request)
        let now = now()
        let (order, isNew) = try await store.write { transaction in
            if let first = try transaction.order(idempotencyKey: key, of: passport) {
                guard first.request == digest else {
                    throw Problem(
                        .conflict, "key_reused", "the key was used for another order", param: "Idempotency-Key",
                        hint: "use a new key for each order")
                }
                return (first, false)
            }
            let isUnpaid = payMethod == .alipay
            guard try transaction.openOrders(of: [passport])[passport, default: 0] < unpaidLimit else {
                throw Problem(
                    .conflict, "too_many_unpaid",
                    "an account has \(unpaidLimit) orders at most that are not paid, or to be paid at the door and not "
                        + "shipped", hint: "pay or cancel one first")
            }
            let addresses = try transaction.addressSnapshots(of: [passport])[passport] ?? []
            guard let address = addresses.first(where: { $0.id == request.addressId }) else {
                throw Problem.missing("address")
            }
            let bought = try Self.priced(lines, transaction)
            let total = bought.reduce(0) { $0 + $1.price * $1.count }
            if let expected = request.expectedTotal, expected != total + transitPrice {
                throw Problem(
                    .conflict, "price_changed", "the price is \(total + transitPrice) fen now", param: "expected_total",
                    hint: "show the new price, and ask again")
            }
            let order = Order(
                id: try Self.newID(passport, transaction, now), passport: passport, addressID: address.id,
                address: address.json, totalCount: bought.reduce(0) { $0 + $1.count }, totalPrice: total,
                transitPrice: transitPrice, payMethod: payMethod, status: isUnpaid ? .unpaid : .paid,
                idempotencyKey: key, request: digest, language: language,
                expires: isUnpaid ? now + timeout : nil, created: now)
            try transaction.add(order, bought, now: now)
            try transaction.tell(of: .placed, [order.id], now: now)
            try transaction.enqueue(BoughtOrder(id: order.id).job(), now: now)
            try transaction.addEvents(of: order, bought, visitor: visitor)
            return (order, true)
        }
        if isNew {
            events.note(ActiveDay(day: Day(of: now).number, passportId: passport))
            try? await cart.subtract(lines, from: passport, for: order.id)
        }
        return order
    }

    /// Takes the goods of an order from its buyer's cart, unless that was done.
    func emptyCart(_ bought: BoughtOrder) async throws {
        let (order, lines) = try await store.read { transaction in
            (try transaction.order(bought.id), try transaction.orderLines(of: bought.id))
        }
        // Beyond that time nobody knows whether it was done.
        guard let order, now() - order.created < Cart.orderMemory.milliseconds / 2 else { return }
        try await cart.subtract(
            lines.map { CartLine(goodsId: $0.goodsId, count: $0.count) }, from: order.passport, for: order.id)
    }

    /// Cancels an order that its buyer may cancel: unpaid, or to be paid at the door and not shipped yet.
    ///
    /// Errors: a problem with status 404 for an order that is not the account's, `wrong_status` (409) also for one that
    /// turns out to be paid, `unavailable` (503) if nobody knows.
    func cancel(_ id: String, of passport: Int) async throws {
        do {
            try await endPayment { try $0.order(id, of: passport) }
        } catch is AlipayError {
            throw Problem.unavailable
        } catch StoreError.unchanged {
            throw Problem(.conflict, "wrong_status", "the order was paid meanwhile")
        }
        try await move(id, of: passport, to: .canceled) { order in
            order.status == .unpaid || (order.status == .paid && order.payMethod == .cashOnDelivery)
        }
    }

    /// Records that the buyer has received an order.
    func receive(_ id: String, of passport: Int) async throws {
        try await move(id, of: passport, to: .received) { $0.status == .shipped }
    }

    /// Makes sure that nobody pays an unpaid order any more, or settles that somebody has.
    ///
    /// Errors: `StoreError.unchanged` for an order that was paid, `AlipayError` if nobody knows.
    private func endPayment(of find: @escaping @Sendable (Transaction) throws -> Order?) async throws {
        guard let payments, let order = try await store.read(find), order.payMethod == .alipay, order.status == .unpaid
        else { return }
        guard try await payments.close(order) else { throw StoreError.unchanged }
    }

    private func move(
        _ id: String, of passport: Int, to status: OrderStatus, if isAllowed: @escaping @Sendable (Order) -> Bool
    ) async throws {
        let now = now()
        try await store.write { transaction in
            guard let order = try transaction.order(id, of: passport) else { throw Problem.missing("order") }
            guard isAllowed(order) else {
                throw Problem(
                    .conflict, "wrong_status",
                    "an order with the status \(order.status.rawValue) cannot get the status "
                        + "\(status.rawValue)")
            }
            try transaction.move(id, from: order.status, to: status, actor: "passport:\(passport)", now: now)
        }
    }

    /// Cancels unpaid orders whose time is over, and returns their number; `limit` at most.
    ///
    /// The trade of each is closed first, and it has a transaction of its own: one that cannot be canceled holds up no
    /// other. Its error is thrown when there is nothing else to cancel.
    func cancelExpired(limit: Int = 100) async throws -> Int {
        let now = now()
        let ids = try await store.read { try $0.expiredOrders(now: now, limit: limit) }
        var count = 0
        var failure: (any Error)?
        for id in ids {
            do {
                try await endPayment { try $0.order(id) }
                try await store.write { transaction in
                    try transaction.move(
                        id, from: .unpaid, to: .canceled, actor: "system", note: "not paid in time", now: now)
                }
                count += 1
            } catch StoreError.unchanged {
                // It was paid or canceled meanwhile.
            } catch {
                failure = error
            }
        }
        if let failure, count == 0 { throw failure }
        return count
    }

    // MARK: Parts

    /// Returns lines with the prices of now. Errors: `not_for_sale` with all goods that cannot be bought.
    static func priced(_ lines: [CartLine], _ transaction: Transaction) throws -> [OrderLine] {
        let goods = try transaction.goods(lines.map(\.goodsId))
        let problems = lines.compactMap { line -> Problem.Item? in
            guard let goods = goods[line.goodsId] else { return .init(goodsId: line.goodsId, reason: "off_shelf") }
            return goods.saleProblem(line.count).map { reason in
                .init(goodsId: line.goodsId, reason: reason, available: goods.isOnSale ? goods.draft.stock : nil)
            }
        }
        guard problems.isEmpty else {
            throw Problem(
                .conflict, "not_for_sale", "not all goods can be bought in this number", hint: "change these lines",
                items: problems)
        }
        return lines.compactMap { line in
            goods[line.goodsId].map { goods in
                OrderLine(goodsId: goods.id, count: line.count, price: goods.draft.price, name: goods.draft.name)
            }
        }
    }

    /// Returns an id that no order has: the time in Shanghai to the millisecond and the number of the account. Two
    /// orders of an account in the same millisecond get different ones.
    static func newID(_ passport: Int, _ transaction: Transaction, _ now: Milliseconds) throws -> String {
        for offset in 0... {
            let id = orderID(passport, timeText(now + Milliseconds(offset)))
            if try !transaction.hasOrder(id) { return id }
        }
        throw StoreError.duplicate
    }

    /// Returns the id of an order of an account at a time, given as text.
    static func orderID(_ passport: Int, _ timeText: String) -> String { timeText + padded(passport, 8) }

    private static let shanghai = {
        var calendar = Calendar(identifier: .gregorian)
        // China has had this offset all year since 1991.
        calendar.timeZone = TimeZone(secondsFromGMT: 8 * 3600) ?? .gmt
        return calendar
    }()

    /// Returns the time in Shanghai as the ids of orders begin with it.
    static func timeText(_ time: Milliseconds) -> String {
        let date = Date(timeIntervalSince1970: Double(time / 1000))
        let parts = shanghai.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
        return padded(parts.year ?? 0, 4)
            + [parts.month, parts.day, parts.hour, parts.minute, parts.second].map { padded($0 ?? 0, 2) }.joined()
            + padded(Int(time % 1000), 3)
    }

    private static func padded(_ number: Int, _ length: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, length - text.count)) + text
    }

    private static func digest(of request: OrderRequest) throws -> String {
        sha256(String(buffer: try encodedJSON(request)))
    }
}
