import FoundationEssentials
import Logging

/// Collects the money of orders through Alipay, and gives back what came too late.
///
/// Alipay's notice, a query and the end of an order's time may each be the first to learn of a payment: all of them
/// settle it by the same transaction, which happens once.
struct AlipayPayments: Sendable {
    let store: Store
    let redis: RedisClient
    let client: AlipayClient
    let events: EventLog
    let logger: Logger
    let now: @Sendable () -> Milliseconds

    /// Creates the payments of a shop; nil for one that has no account at Alipay. Errors: `ConfigurationProblem`.
    init?(
        _ configuration: ShopConfiguration, _ store: Store, _ redis: RedisClient, _ events: EventLog,
        logger: Logger, now: @escaping @Sendable () -> Milliseconds
    ) throws {
        guard let settings = configuration.alipay else { return nil }
        self.store = store
        self.redis = redis
        self.events = events
        self.logger = logger
        self.now = now
        client = try AlipayClient(settings, origin: configuration.pageOrigin, now: now)
    }

    /// The reason for which a notice was refused; Alipay sends it again.
    private static func refused(_ reason: String) -> Problem { Problem(.badRequest, "bad_notice", reason) }

    /// Takes a notice of Alipay, and returns when its effect is durable.
    ///
    /// Errors: `bad_notice` (400) for one that Alipay has not signed, or that does not fit the order.
    func take(_ notice: [String: String]) async throws {
        var members = notice
        let signature = members.removeValue(forKey: "sign") ?? ""
        let type = members.removeValue(forKey: "sign_type")
        guard type == "RSA2", client.keys.isSigned(Data(AlipayKeys.text(of: members).utf8), signature) else {
            throw Self.refused("the notice is not signed by Alipay")
        }
        let order = members["out_trade_no"] ?? ""
        let settings = client.settings
        guard members["app_id"] == settings.appID, members["seller_id"] == settings.sellerID else {
            throw refusal(of: order, "the notice is for another shop")
        }
        guard let trade = members["trade_no"], let amount = members["total_amount"].flatMap(Yuan.fen) else {
            throw refusal(of: order, "the notice has no trade or no amount")
        }
        // Other states, such as that of a trade that was closed, change nothing here.
        guard ["TRADE_SUCCESS", "TRADE_FINISHED"].contains(members["trade_status"]) else { return }
        guard try await settle(order, trade, amount) != .unfit else {
            throw refusal(of: order, "the notice does not fit the order")
        }
    }

    private func refusal(of order: String, _ reason: String) -> Problem {
        logger.error("a signed notice of Alipay was refused", metadata: ["order": "\(order)", "reason": "\(reason)"])
        return Self.refused(reason)
    }

    /// Asks Alipay whether an unpaid order was paid, at most once in three seconds.
    ///
    /// Errors: `AlipayError`, `RedisError`.
    func refresh(_ order: Order) async throws {
        guard order.payMethod == .alipay, order.status == .unpaid else { return }
        let isDue = try await redis.send("SET", "pay:asked:\(order.id)", "1", "NX", "PX", 3000).text == "OK"
        if isDue { try await settle(order, client.query(order.id)) }
    }

    /// Closes the trade of an unpaid order, which may be canceled then. False if it is paid, and was settled.
    ///
    /// Errors: `AlipayError` if nobody knows.
    func close(_ order: Order) async throws -> Bool {
        let closed = try await client.close(order.id)
        if closed.code == "10000" || closed.isMissing { return true }
        // It is paid, or was closed before.
        let trade = try await client.query(order.id)
        if trade.tradeStatus == "TRADE_CLOSED" { return true }
        guard trade.isPaid else { throw AlipayError.refused(closed.subCode ?? closed.code) }
        try await settle(order, trade)
        return false
    }

    /// Gives the money of an order back, unless that was done: the job of a `Refund`.
    func refund(_ refund: Refund) async throws {
        guard let order = try await store.read({ try $0.order(refund.order) }),
            [.refunding, .refunded].contains(order.status)
        else { throw PermanentJobFailure("the order is not to be refunded") }
        guard order.status == .refunding else { return }
        let reply = try await client.refund(order)
        guard reply.code == "10000" else { throw AlipayError.refused(reply.subCode ?? reply.code) }
        let now = now()
        try await store.write { transaction in
            // Alipay gives it back once, however often it is asked.
            guard try transaction.order(order.id)?.status == .refunding else { return }
            try transaction.move(order.id, from: .refunding, to: .refunded, actor: "alipay", now: now)
            try transaction.tell(of: .refunded, [order.id], now: now)
        }
    }

    private func settle(_ order: Order, _ trade: AlipayClient.Trade) async throws {
        guard trade.isPaid, trade.outTradeNo == order.id, let number = trade.tradeNo,
            let amount = trade.totalAmount.flatMap(Yuan.fen)
        else { return }
        if try await settle(order.id, number, amount) == .unfit {
            logger.error("a trade of Alipay does not fit its order", metadata: ["order": "\(order.id)"])
        }
    }

    private func settle(_ id: String, _ trade: String, _ amount: Int) async throws -> Settlement {
        let now = now()
        let (settlement, passport) = try await store.write { transaction -> (Settlement, Int?) in
            guard let order = try transaction.order(id) else { return (.unfit, nil) }
            let settlement = try transaction.settle(order, trade: trade, amount: amount, now: now)
            switch settlement {
            case .paid: try transaction.tell(of: .paid, [order.id], now: now)
            case .late: try transaction.enqueue(Refund(order: id).job(), now: now)
            case .known, .unfit: break
            }
            return (settlement, order.passport)
        }
        if settlement == .paid {
            events.record(Event(at: now, kind: .pay, passportId: passport, requestId: RequestID.current))
        }
        return settlement
    }
}

/// A refund, as the job of the queue `payments` carries it.
struct Refund: Codable, Sendable, Equatable {
    var order: String

    func job() throws -> OutboxJob {
        try OutboxJob(queue: "payments", kind: "refund", self, key: "refund-\(order)")
    }
}
