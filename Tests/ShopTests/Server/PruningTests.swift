import Testing

@testable import Shop

@Suite struct PruningTests {
    private static let tables = ["registration", "one_time", "refresh_token", "job_outbox", "job_effect"]

    private func counts(_ shop: TestShop) async throws -> [String: Int] {
        try await shop.store.read { transaction in
            try Self.tables.reduce(into: [:]) { counts, table in
                counts[table] = try transaction.row("SELECT COUNT(*) AS n FROM \(table)")?.int("n")
            }
        }
    }

    private func prune(_ shop: TestShop) async throws {
        try await Pruning(
            store: shop.store, redis: shop.redis, readers: [], jobRetention: .seconds(30 * 86_400),
            eventRetention: .seconds(90 * 86_400),
            now: shop.services.now
        ).pass()
    }

    @Test func whatIsOldGoesAndWhatIsInUseStays() async throws {
        try await TestShop.run { shop in
            let id = try await shop.addPassport("zhang")
            let accounts = shop.services.accounts
            try await accounts.register(username: "wang", email: "w@example.com", password: "12345678", language: "zh")
            try await accounts.sendReset(email: "zhang@example.com", language: "zh", key: "k")
            let (token, _) = try await shop.services.refresh.begin(shop.passport(id))
            let now = shop.services.now()
            try await shop.store.write { transaction in
                _ = try transaction.isFirst("effect", now: now)
                let jobs = try transaction.unsentJobs(limit: 100)
                // One of the two mails was sent, the other waits.
                try transaction.markSent(jobs.prefix(1).map(\.id), now: now)
            }
            let all = ["registration": 1, "one_time": 1, "refresh_token": 1, "job_outbox": 2, "job_effect": 1]
            try await prune(shop)
            #expect(try await counts(shop) == all)
            shop.advance(seconds: 3601)
            try await prune(shop)
            var left = all
            for table in ["registration", "one_time"] { left[table] = 0 }
            #expect(try await counts(shop) == left)
            #expect(try await shop.services.refresh.use(token) != .refused)
            shop.advance(seconds: 61 * 86_400)
            try await prune(shop)
            #expect(
                try await counts(shop)
                    == ["registration": 0, "one_time": 0, "refresh_token": 0, "job_outbox": 1, "job_effect": 0])
            #expect(try await shop.store.read { try $0.unsentJobs(limit: 10).map(\.kind) } == ["account"])
        }
    }

    @Test func manyOldRowsGoInSmallSteps() async throws {
        try await TestShop.run { shop in
            try await shop.store.write { transaction in
                for number in 1...2500 { _ = try transaction.isFirst("effect \(number)", now: 0) }
            }
            #expect(
                try await shop.store.write { try $0.prune(.jobEffects, until: 0, limit: 1000) } == 1000)
            try await prune(shop)
            #expect(try await counts(shop)["job_effect"] == 0)
        }
    }

    @Test func oldEventsGoAndTheDaysOfAccountsStay() async throws {
        try await TestShop.run { shop in
            let now = shop.services.now()
            try await shop.store.write { transaction in
                try transaction.add([
                    Event(at: now - 91 * 86_400_000, kind: .view, passportId: 1),
                    Event(at: now, kind: .search, passportId: 1),
                ])
            }
            try await prune(shop)
            #expect(try await shop.store.read { try $0.events().map(\.kind) } == [.search])
            let days = try await shop.store.read {
                try $0.activeDays(after: ActiveDay(day: 0, passportId: 0), limit: 10)
            }
            #expect(days.count == 2)
        }
    }

    @Test func theLastEventStaysSoThatTheIdsOfTheNextFollow() async throws {
        try await TestShop.run { shop in
            let now = shop.services.now()
            let old = Event(at: now - 91 * 86_400_000, kind: .view)
            try await shop.store.write { try $0.add([old, old]) }
            try await prune(shop)
            try await shop.store.write { try $0.add([Event(at: now, kind: .search)]) }
            let ids = try await shop.store.read { try $0.events(after: 0, memory: 0, limit: 10).map(\.id) }
            #expect(ids == [2, 3])
        }
    }

    @Test func oldDeadLettersGo() async throws {
        try await TestShop.run { shop in
            let queue = JobQueue(JobQueues.mail, shop.redis)
            let old = ["kind", "note", "payload", "{}", "key", "old", "attempt", "1", "error", "x"]
            try await shop.redis.send(["XADD", queue.stream + ":dead", "1000-1"] + old)
            try await shop.redis.send(["XADD", queue.stream + ":dead", "*"] + old)
            try await prune(shop)
            let dead = try await queue.deadJobs(limit: 10)
            #expect(dead.count == 1)
            #expect(dead.first?.id != "1000-1")
        }
    }
}
