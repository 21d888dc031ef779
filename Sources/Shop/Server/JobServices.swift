import ServiceLifecycle

/// The names of the shop's queues.
package enum JobQueues {
    /// Work for accounts: jobs of the kinds `forgot`, `end_sessions`, `bought` and `flash_return`.
    static let accounts = "accounts"
    /// Mails: jobs of the kinds `account`, `order`, `paid`, `shipped` and `refunded`.
    static let mail = "mail"
    /// Money that goes back: jobs of the kind `refund`.
    static let payments = "payments"
    /// Text messages: jobs of the kinds `code`, `paid`, `shipped` and `refunded`.
    static let sms = "sms"
    /// All queues, that of the claims of flash sales among them.
    package static let all = [accounts, mail, payments, sms, FlashClaims.queue]
}

/// Returns the services that run jobs. Without a mail server the mails wait in their queue.
func jobServices(_ services: ShopServices) throws -> [any Service] {
    let (redis, logger) = (services.redis, services.logger)
    func worker(_ name: String, _ handlers: [String: JobHandler], concurrency: Int = 16) -> JobWorker {
        var settings = JobWorker.Settings()
        settings.concurrency = concurrency
        return JobWorker(JobQueue(name, redis), redis, handlers: handlers, settings: settings, logger: logger)
    }
    var list: [any Service] = flashServices(services)
    list.append(OutboxRelay(store: services.store, redis: redis, now: services.now, logger: logger))
    list.append(worker(JobQueues.accounts, accountHandlers(services)))
    if let settings = services.configuration.mail {
        let mails = MailJobs(
            store: services.store, client: try SMTPClient(settings), settings: settings,
            origin: services.configuration.pageOrigin, now: services.now)
        // One at a time: a worker that is killed repeats one mail at most.
        list.append(worker(JobQueues.mail, mails.handlers, concurrency: 1))
    } else {
        logger.warning("mail.host is not configured: mails wait")
    }
    if let settings = services.configuration.sms {
        let messages = SMSJobs(
            store: services.store, client: AliyunSMS(settings: settings, now: services.now), now: services.now)
        list.append(worker(JobQueues.sms, messages.handlers, concurrency: 1))
    } else {
        // Nobody wants the messages of today in a year.
        let discard: JobHandler = { _ in }
        let kinds = OrderNotice.Occasion.texted.map(\.rawValue)
        list.append(worker(JobQueues.sms, Dictionary(uniqueKeysWithValues: kinds.map { ($0, discard) })))
    }
    if let payments = services.payments {
        let refund: JobHandler = { try await payments.refund($0.decoded(Refund.self)) }
        list.append(worker(JobQueues.payments, ["refund": refund]))
    } else if services.configuration.payMethods.contains(.alipay) {
        logger.warning("alipay.appID is not configured: nobody can pay")
    }
    return list
}

/// Returns the services that make orders of claims, and that keep Redis seeded and close what has ended.
func flashServices(_ services: ShopServices) -> [any Service] {
    let (redis, sales, logger) = (services.redis, services.flashSales, services.logger)
    let orders = FlashOrders(orders: services.orders, sales: sales, logger: logger)
    var settings = JobWorker.Settings()
    settings.concurrency = FlashOrders.batch
    // Claims are worked on for moments; what a dead worker has taken is not to wait.
    settings.abandonedAfter = .seconds(5)
    // While Redis ends the claims of one batch, the database makes the orders of another.
    settings.loops = 3
    return [
        JobWorker(sales.queue, redis, batch: orders.take, settings: settings, logger: logger),
        RepeatedTask(pause: .seconds(1), trouble: "flash sales are not looked after", logger: logger) {
            try await sales.tend()
        },
    ]
}

/// Returns the handlers of the queue `accounts` by kind.
func accountHandlers(_ services: ShopServices) -> [String: JobHandler] {
    [
        "forgot": { job in
            let forgot = try job.decoded(ForgottenPassword.self)
            // The mail is another job, with a key of its own.
            try await services.accounts.sendReset(
                email: forgot.email, language: forgot.language, key: "reset-\(job.key)")
        },
        "end_sessions": { job in
            let end = try job.decoded(SessionsEnd.self)
            try await services.sessions.endAll(of: end.passport, before: end.epoch)
        },
        "bought": { try await services.orders.emptyCart($0.decoded(BoughtOrder.self)) },
        "flash_return": { try await services.flashClaims.giveBack($0.decoded(FlashReturn.self)) },
    ]
}
