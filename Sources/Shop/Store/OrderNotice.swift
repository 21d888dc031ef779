/// A mail or a text message about an order, as the jobs of the queues `mail` and `sms` carry it.
struct OrderNotice: Codable, Sendable, Equatable {
    /// The event that a notice tells of; its value is the kind of the job.
    enum Occasion: String, Sendable, CaseIterable {
        case placed = "order"
        case paid
        case shipped
        case refunded

        /// The occasions that text messages tell of, too.
        static let texted = [paid, shipped, refunded]
    }

    var orderID: String
    /// `zh` or `en`.
    var language: String
}

extension Transaction {
    /// Has the buyers of orders told of an event: by mail, and by a text message if the number of the account is
    /// verified. The jobs carry the id of the request of this transaction, as those of `enqueue` do.
    func tell(of occasion: OrderNotice.Occasion, _ orders: [String], now: Milliseconds) throws {
        try addNotices("mail", occasion, orders, key: occasion.rawValue, now: now)
        guard OrderNotice.Occasion.texted.contains(occasion) else { return }
        let verified = try orders.filter { id in
            try order(id).flatMap { try passport($0.passport) }?.phoneVerifiedAt != nil
        }
        try addNotices("sms", occasion, verified, key: "text-\(occasion.rawValue)", now: now)
    }

    /// Adds the jobs of a queue, in one statement: a rush has thousands of orders a second.
    private func addNotices(
        _ queue: String, _ occasion: OrderNotice.Occasion, _ orders: [String], key: String, now: Milliseconds
    ) throws {
        // The patch leaves out a request that is null.
        try execute(
            """
            INSERT INTO job_outbox (queue, kind, payload, idem_key, created_at)
            SELECT ?, ?, json_patch('{}', json_object('request_id', ?, 'orderID', order_id, 'language', language)),
                ? || '-' || order_id, ?
            FROM order_info WHERE order_id IN (SELECT value FROM json_each(?))
            """, queue, occasion.rawValue, requestID, key, now, jsonList(orders))
    }

    /// Returns the order that a notice is about, its account, and the parcel in which it was sent, if it was; nil if
    /// the order or its account is not there any more.
    func subject(of notice: OrderNotice) throws -> (order: Order, buyer: Passport, parcel: String)? {
        guard let order = try order(notice.orderID), let buyer = try passport(order.passport) else { return nil }
        return (order, buyer, try orderEvents(of: order.id).last { $0.toStatus == .shipped }?.note ?? "")
    }
}
