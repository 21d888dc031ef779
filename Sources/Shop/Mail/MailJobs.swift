import FoundationEssentials

/// Writes and sends the mails of the queue `mail`. A mail is sent at least once: a worker that dies between sending and
/// saying so makes one more copy, with the same Message-ID.
struct MailJobs: Sendable {
    /// The payload of a job of the kind `account`.
    private struct AccountPayload: Decodable {
        var kind: String
        var email: String
        var username: String
        var language: String
        var token: String?
    }

    /// The payload of a job of the kind `order`.
    private struct OrderPayload: Decodable {
        var orderID: String
        var language: String
    }

    let store: Store
    let client: SMTPClient
    let settings: MailSettings
    /// The origin of the shop's pages.
    let origin: String
    let now: @Sendable () -> Milliseconds

    /// The handlers by kind.
    var handlers: [String: JobHandler] {
        ["account": { try await sendAccountMail($0) }, "order": { try await sendOrderMail($0) }]
    }

    private func sendAccountMail(_ job: Job) async throws {
        let payload = try Self.payload(AccountPayload.self, of: job)
        let templates = MailTemplates(origin: origin, language: payload.language)
        let name = payload.username
        let content: MailContent
        switch (payload.kind, payload.token) {
        case ("activate", let token?): content = templates.activation(username: name, token: token)
        case ("reset", let token?): content = templates.reset(username: name, token: token)
        case ("account_exists", _): content = templates.accountExists(username: name)
        case ("name_taken", _): content = templates.nameTaken(username: name)
        default: throw PermanentJobFailure("there is no mail of the kind \(payload.kind)")
        }
        try await send(content, to: payload.email, job)
    }

    private func sendOrderMail(_ job: Job) async throws {
        let payload = try Self.payload(OrderPayload.self, of: job)
        let (email, content) = try await store.read { transaction -> (String, MailContent) in
            guard let order = try transaction.order(payload.orderID),
                let passport = try transaction.passport(order.passport)
            else { throw PermanentJobFailure("the order or its account is not there") }
            let lines = try transaction.orderLines(of: order.id)
                .map { MailTemplates.OrderLine(name: $0.name, count: $0.count, price: $0.price) }
            let templates = MailTemplates(origin: origin, language: payload.language)
            return (
                passport.email,
                templates.order(
                    username: passport.username, id: order.id, lines: lines, transit: order.transitPrice)
            )
        }
        try await send(content, to: email, job)
    }

    private func send(_ content: MailContent, to address: String, _ job: Job) async throws {
        guard let recipient = MailAddress(address) else { throw PermanentJobFailure("the mail address is not valid") }
        let date = Date(timeIntervalSince1970: Double(now()) / 1000)
        try await client.send(
            MailMessage(
                from: client.from, fromName: settings.fromName, to: recipient, subject: content.subject,
                text: content.plainText, html: content.html, identifier: job.key, date: date))
    }

    private static func payload<Value: Decodable>(_ type: Value.Type, of job: Job) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(job.payload.utf8))
        } catch {
            // The error would show the payload, which may hold a token.
            throw PermanentJobFailure("the payload of the job is not of the kind \(job.kind)")
        }
    }
}
