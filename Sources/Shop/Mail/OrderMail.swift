/// A mail about an order, as the jobs of the queue `mail` carry it.
struct OrderMail: Codable, Sendable, Equatable {
    /// The event that a mail tells of; its value is the kind of the job.
    enum Occasion: String, Sendable, CaseIterable {
        case placed = "order"
        case paid
        case shipped
        case refunded
    }

    var orderID: String
    /// `zh` or `en`.
    var language: String

    init(of order: Order) {
        orderID = order.id
        language = order.language
    }

    func job(_ occasion: Occasion) throws -> OutboxJob {
        try OutboxJob(
            queue: "mail", kind: occasion.rawValue, self, key: "\(occasion.rawValue)-\(orderID)")
    }
}
