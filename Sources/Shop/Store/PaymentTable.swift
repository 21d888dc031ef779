/// The effect of a payment that was reported.
enum Settlement: Sendable, Equatable {
    /// The order is paid now.
    case paid
    /// The order had been canceled: its money goes back.
    case late
    /// It was reported before.
    case known
    /// The report does not fit the order, which stays as it is.
    case unfit
}

extension Transaction {
    /// Records that an order was paid with an amount in fen, in a trade of Alipay's: unpaid it becomes paid, canceled
    /// it is to be refunded. Repeating it changes nothing.
    func settle(_ order: Order, trade: String, amount: Int, now: Milliseconds) throws -> Settlement {
        guard order.payMethod == .alipay, order.total == amount else { return .unfit }
        if order.tradeID == trade { return .known }
        guard order.tradeID == nil, order.status == .unpaid || order.status == .canceled else { return .unfit }
        try execute(
            "UPDATE order_info SET trade_id = ?, paid_at = ?, updated_at = ? WHERE order_id = ?",
            trade, now, now, order.id)
        let isLate = order.status == .canceled
        try move(
            order.id, from: order.status, to: isLate ? .refunding : .paid, actor: "alipay", note: trade, now: now)
        return isLate ? .late : .paid
    }
}
