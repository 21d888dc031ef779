import FoundationEssentials

/// Writes and sends the mails of the queue `mail`. A mail is sent at least once: a worker that dies between sending and
/// saying so makes one more copy, with the same Message-ID.
struct MailJobs: Sendable {
    let store: Store
    let client: SMTPClient
    let settings: MailSettings
    /// The origin of the shop's pages.
    let origin: String
    let now: @Sendable () -> Milliseconds

    /// The handlers by kind.
    var handlers: [String: JobHandler] {
        var handlers: [String: JobHandler] = ["account": { try await sendAccountMail($0) }]
        for occasion in OrderNotice.Occasion.allCases {
            handlers[occasion.rawValue] = { try await sendOrderMail($0, occasion) }
        }
        return handlers
    }

    private func sendAccountMail(_ job: Job) async throws {
        let payload = try job.decoded(AccountMail.self)
        // After hours without a mail server nobody wants a mail whose link is dead.
        if let expires = payload.expires, expires <= now() {
            throw PermanentJobFailure("the link of the mail has expired")
        }
        let templates = MailTemplates(origin: origin, language: payload.language)
        let name = payload.username
        let content: MailContent
        switch (payload.kind, payload.token) {
        case (.activate, let token?): content = templates.activation(username: name, token: token)
        case (.reset, let token?): content = templates.reset(username: name, token: token)
        case (.accountExists, _): content = templates.accountExists(username: name)
        case (.nameTaken, _): content = templates.nameTaken(username: name)
        default: throw PermanentJobFailure("a mail of the kind \(payload.kind) needs a token")
        }
        try await send(content, to: payload.email, job)
    }

    private func sendOrderMail(_ job: Job, _ occasion: OrderNotice.Occasion) async throws {
        let payload = try job.decoded(OrderNotice.self)
        let (email, content) = try await store.read { transaction -> (String, MailContent) in
            guard let (order, buyer, parcel) = try transaction.subject(of: payload) else {
                throw PermanentJobFailure("the order or its account is not there")
            }
            let lines = try transaction.orderLines(of: order.id)
            let templates = MailTemplates(origin: origin, language: payload.language)
            return (
                buyer.email,
                templates.order(
                    occasion, username: buyer.username, id: order.id, lines: lines, transit: order.transitPrice,
                    parcel: parcel)
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
}
