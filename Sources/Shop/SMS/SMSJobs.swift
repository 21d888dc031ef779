/// Sends the text messages of the queue `sms`. A message is sent at least once: a worker that dies between sending and
/// saying so sends one of them again.
struct SMSJobs: Sendable {
    let client: AliyunSMS
    let now: @Sendable () -> Milliseconds

    /// The handlers by kind.
    var handlers: [String: JobHandler] {
        [
            "code": { job in
                let message = try job.decoded(PhoneCodes.Message.self)
                guard message.expires > now() else { throw PermanentJobFailure("the code has expired") }
                try await client.send(
                    client.settings.codeTemplate, ["code": message.code], to: message.phone, reference: job.key)
            }
        ]
    }
}
