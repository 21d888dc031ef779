import Testing

@testable import Shop

@Suite struct MailJobsTests {
    @Test func aMailWhoseLinkIsDeadIsNotSent() async throws {
        try await TestShop.run { shop in
            _ = try await shop.addPassport("zhang")
            let accounts = shop.services.accounts
            try await accounts.register(username: "wang", email: "w@example.com", password: "12345678", language: "zh")
            try await accounts.sendReset(email: "zhang@example.com", language: "zh", key: "k")
            let outbox = try await shop.store.read { try $0.unsentJobs(limit: 10) }.filter { $0.kind == "account" }
            #expect(outbox.count == 2)
            // Nobody listens there: a mail that is to be sent is tried again.
            let settings = MailSettings(host: "127.0.0.1", port: 9, security: .none, from: "shop@quire.example")
            let mails = MailJobs(
                store: shop.store, client: try SMTPClient(settings), settings: settings, origin: "http://localhost",
                now: shop.services.now)
            let handler = try #require(mails.handlers["account"])
            for job in outbox {
                let job = Job(kind: job.kind, payload: job.payload, key: job.idempotencyKey)
                await #expect(throws: SMTPError.self) { try await handler(job) }
            }
            shop.advance(seconds: 3600)
            for job in outbox {
                let job = Job(kind: job.kind, payload: job.payload, key: job.idempotencyKey)
                await #expect(throws: PermanentJobFailure.self) { try await handler(job) }
            }
        }
    }
}
