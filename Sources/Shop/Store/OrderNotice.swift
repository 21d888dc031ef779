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
    /// Has the buyer of an order told of an event: by mail, and by a text message if the number of the account
    /// is verified.
    func tell(of occasion: OrderNotice.Occasion, _ order: Order, now: Milliseconds) throws {
        let notice = OrderNotice(orderID: order.id, language: order.language)
        let (kind, key) = (occasion.rawValue, "\(occasion.rawValue)-\(order.id)")
        try enqueue(OutboxJob(queue: "mail", kind: kind, notice, key: key), now: now)
        guard OrderNotice.Occasion.texted.contains(occasion),
            try passport(order.passport)?.phoneVerifiedAt != nil
        else { return }
        try enqueue(OutboxJob(queue: "sms", kind: kind, notice, key: "text-\(key)"), now: now)
    }

    /// Returns the order that a notice is about, its account, and the parcel in which it was sent, if it was; nil if
    /// the order or its account is not there any more.
    func subject(of notice: OrderNotice) throws -> (order: Order, buyer: Passport, parcel: String)? {
        guard let order = try order(notice.orderID), let buyer = try passport(order.passport) else { return nil }
        return (order, buyer, try orderEvents(of: order.id).last { $0.toStatus == .shipped }?.note ?? "")
    }
}
