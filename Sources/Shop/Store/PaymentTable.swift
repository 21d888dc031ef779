/// The state of an order after its payment was reported.
enum Settlement: Sendable, Equatable {
    /// The order is paid now, or was already, by this trade.
    case paid
    /// The order had been canceled: its money goes back.
    case refunding
    /// The report does not fit the order, which stays as it is.
    case unfit
}

extension Transaction {
    /// Records that an order was paid with an amount in fen, in a trade of Alipay's: unpaid it becomes paid, canceled
    /// it stays, and a job gives the money back. Repeating it changes nothing.
    func settle(_ id: String, trade: String, amount: Int, now: Milliseconds) throws -> Settlement {
        guard let order = try order(id), order.payMethod == .alipay, order.total == amount,
            order.tradeID == nil || order.tradeID == trade
        else { return .unfit }
        let isCanceled = order.status == .canceled
        guard order.tradeID == nil else { return isCanceled ? .refunding : .paid }
        guard isCanceled || order.status == .unpaid else { return .unfit }
        try execute(
            "UPDATE order_info SET trade_id = ?, paid_at = ?, updated_at = ? WHERE order_id = ?", trade, now, now, id)
        if isCanceled {
            try addEvent(id, from: .canceled, to: .canceled, actor: "alipay", "paid after cancel", now)
            try enqueue(OutboxJob(queue: "payments", kind: "refund", Refund(order: id), key: "refund-\(id)"), now: now)
            return .refunding
        }
        try move(id, from: .unpaid, to: .paid, actor: "alipay", note: trade, now: now)
        return .paid
    }

    /// Records that the money of an order has gone back. Repeating it changes nothing.
    func markRefunded(_ order: Order, now: Milliseconds) throws {
        let changed = try execute(
            "UPDATE order_info SET refunded_at = ?, updated_at = ? WHERE order_id = ? AND refunded_at IS NULL",
            now, now, order.id)
        guard changed == 1 else { return }
        try addEvent(order.id, from: order.status, to: order.status, actor: "alipay", "refunded", now)
    }
}

/// A refund, as the job of the queue `payments` carries it.
struct Refund: Codable, Sendable, Equatable {
    var order: String
}
