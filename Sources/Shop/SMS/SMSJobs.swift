/// Sends the text messages of the queue `sms`. A message is sent at least once: a worker that dies between sending and
/// saying so sends one of them again.
struct SMSJobs: Sendable {
    let store: Store
    var client: AliyunSMS
    let now: @Sendable () -> Milliseconds

    /// The handlers by kind.
    var handlers: [String: JobHandler] {
        var handlers: [String: JobHandler] = [
            "code": { job in
                let message = try job.decoded(PhoneCodes.Message.self)
                guard message.expires > now() else { throw PermanentJobFailure("the code has expired") }
                try await client.send(
                    client.settings.codeTemplate, ["code": message.code], to: message.phone, reference: job.key)
            }
        ]
        for occasion in OrderNotice.Occasion.texted {
            handlers[occasion.rawValue] = { try await sendOrderMessage($0, template(of: occasion)) }
        }
        return handlers
    }

    private func template(of occasion: OrderNotice.Occasion) -> String? {
        switch occasion {
        case .placed: nil
        case .paid: client.settings.paidTemplate
        case .shipped: client.settings.shippedTemplate
        case .refunded: client.settings.refundedTemplate
        }
    }

    /// Tells a buyer of an event, unless the shop has no template for it, or the number is not verified any more.
    private func sendOrderMessage(_ job: Job, _ template: String?) async throws {
        let notice = try job.decoded(OrderNotice.self)
        guard let template, let (_, buyer, parcel) = try await store.read({ try $0.subject(of: notice) }),
            let phone = buyer.phone, buyer.phoneVerifiedAt != nil
        else { return }
        let variables = ["order": notice.orderID, "parcel": parcel].filter { !$0.value.isEmpty }
        try await client.send(template, variables, to: phone, reference: job.key)
    }
}
