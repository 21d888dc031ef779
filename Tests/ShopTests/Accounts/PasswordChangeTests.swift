import Testing

@testable import Shop

/// Tests of what a new password ends, in whatever order logging in and changing it happen.
@Suite struct PasswordChangeTests {
    /// Chooses another password by the link of a mail.
    private func reset(_ shop: TestShop, to password: String = "another one") async throws {
        let accounts = shop.services.accounts
        try await accounts.sendReset(email: "zhang@example.com", language: "en", key: randomToken())
        let mail = try #require(try await shop.mails().last)
        try await accounts.reset(token: try #require(mail.token), password: password)
    }

    @Test func aLoginThatAResetOvertakesGetsNowhere() async throws {
        try await TestShop.run { shop in
            _ = try await shop.addPassport("zhang")
            let (sessions, refresh) = (shop.services.sessions, shop.services.refresh)
            // The login has checked the old password, and goes on when the new one is there.
            let old = try await shop.services.accounts.authenticate(name: "zhang", password: "password1")
            try await reset(shop)
            let late = try await sessions.begin(old)
            #expect(try await sessions.find(late) == nil)
            await #expect(throws: StoreError.unchanged) { _ = try await refresh.begin(old) }
            let new = try await shop.services.accounts.authenticate(name: "zhang", password: "another one")
            let session = try await sessions.begin(new)
            #expect(try await sessions.find(session)?.passport == new.id)
            #expect(try await sessions.isValid(family: "f", passport: old.id, epoch: old.epoch) == false)
            #expect(try await sessions.isValid(family: "f", passport: new.id, epoch: new.epoch))
        }
    }

    @Test func aRefreshThatAResetOvertakesYieldsNoValidToken() async throws {
        try await TestShop.run { shop in
            let id = try await shop.addPassport("zhang")
            let (sessions, refresh) = (shop.services.sessions, shop.services.refresh)
            let (token, _) = try await refresh.begin(shop.passport(id))
            guard case .renewed(let next, let family, let passport) = try await refresh.use(token) else {
                Issue.record("the token was refused")
                return
            }
            try await reset(shop)
            #expect(try await sessions.isValid(family: family, passport: id, epoch: passport.epoch) == false)
            #expect(try await refresh.use(next) == .ended(family: family))
        }
    }

    @Test func aChangeThatKnewOnlyTheOldPasswordDoesNotUndoAReset() async throws {
        try await TestShop.run { shop in
            let id = try await shop.addPassport("zhang")
            let before = try await shop.passport(id)
            try await reset(shop)
            await #expect(throws: StoreError.unchanged) {
                try await shop.store.write { try $0.setPassword(of: before, to: "the thief's", now: 0) }
            }
            let after = try await shop.passport(id)
            _ = try await shop.store.write { try $0.setPassword(of: after, to: "x", now: 0) }
            // A clock that goes back does not bring an old epoch back.
            #expect(try await shop.passport(id).epoch > after.epoch)
        }
    }

    @Test func sessionsEndAlsoWhenTheProcessDiesBeforeItEndsThem() async throws {
        try await TestShop.run { shop in
            let id = try await shop.addPassport("zhang")
            let sessions = shop.services.sessions
            let session = try await sessions.begin(shop.passport(id))
            try await reset(shop)
            // As if the process had died after the commit.
            try await shop.redis.send("DEL", "epoch:\(id)")
            #expect(try await sessions.find(session)?.passport == id)
            let jobs = try await shop.store.read { try $0.unsentJobs(limit: 10) }
            let end = try #require(jobs.first { $0.kind == "end_sessions" })
            let handler = try #require(accountHandlers(shop.services)[end.kind])
            for _ in 1...2 {
                try await handler(Job(kind: end.kind, payload: end.payload, key: end.idempotencyKey))
                #expect(try await sessions.find(session) == nil)
            }
            let fresh = try await shop.services.accounts.authenticate(name: "zhang", password: "another one")
            let next = try await sessions.begin(fresh)
            #expect(try await sessions.find(next)?.passport == id)
        }
    }
}
