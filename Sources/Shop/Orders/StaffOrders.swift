extension Store {
    /// Returns orders that wait to be shipped, the oldest first, each as the JSON object that the API shows of it.
    package func ordersToShip(limit: Int) async throws -> [String] {
        try await read { transaction in
            let orders = try transaction.orders(in: .paid, limit: limit)
            let lines = try transaction.orderLines(of: orders.map(\.id))
            return try orders.map { String(buffer: try encodedJSON(OrderReply($0, lines[$0.id] ?? []))) }
        }
    }

    /// Records that an order has left the shop; its buyer sees the carrier and the number of the parcel, and gets
    /// a mail.
    ///
    /// Errors: `StoreError.unchanged` if no such order waits to be shipped.
    package func ship(_ order: String, carrier: String, tracking: String, now: Milliseconds) async throws {
        try await write { transaction in
            guard try transaction.order(order) != nil else { throw StoreError.unchanged }
            try transaction.move(
                order, from: .paid, to: .shipped, actor: "staff", note: "\(carrier) \(tracking)", now: now)
            try transaction.tell(of: .shipped, [order], now: now)
        }
    }

    /// Has the money of an order that was paid through Alipay given back, and takes its goods back into the shop.
    ///
    /// Errors: `StoreError.unchanged` if no such order waits to be shipped.
    package func refund(_ order: String, reason: String, now: Milliseconds) async throws {
        try await write { transaction in
            guard try transaction.order(order)?.payMethod == .alipay else { throw StoreError.unchanged }
            try transaction.move(order, from: .paid, to: .refunding, actor: "staff", note: reason, now: now)
            try transaction.enqueue(Refund(order: order).job(), now: now)
        }
    }
}
