import Testing

@testable import Shop

/// Tests of the way from the database's outbox to the queues.
@Suite struct OutboxRelayTests {
    private func relay(_ shop: TestShop, settleTime: Duration = .zero) -> OutboxRelay {
        OutboxRelay(
            store: shop.store, redis: shop.redis, now: shop.services.now, settleTime: settleTime, logger: .quiet)
    }

    private func enqueue(_ shop: TestShop, _ key: String, isAborted: Bool = false) async throws {
        try? await shop.store.write { transaction in
            try transaction.enqueue(
                OutboxJob(queue: "test", kind: "note", payload: "{\"token\":\"t\"}", idempotencyKey: key), now: 1)
            if isAborted { throw Failure(text: "rolled back") }
        }
    }

    private func payloads(_ shop: TestShop) async throws -> [String] {
        try await shop.store.read { try $0.rows("SELECT payload FROM job_outbox").map { $0.text("payload") } }
    }

    @Test func onlyJobsOfCommittedTransactionsAreSentAndEachOnce() async throws {
        try await TestShop.run { shop in
            let queue = JobQueue("test", shop.redis)
            try await enqueue(shop, "a")
            try await enqueue(shop, "b", isAborted: true)
            var offers = OutboxRelay.Offers()
            for _ in 1...3 { try await relay(shop).pass(&offers) }
            #expect(try await queue.statistics().waiting == 1)
            #expect(try await shop.store.read { try $0.unsentJobs(limit: 10) }.isEmpty)
            #expect(try await payloads(shop) == [""])
            #expect(offers.count == 0)
        }
    }

    @Test func aRelayThatDiedIsFollowedWithoutASecondJob() async throws {
        try await TestShop.run { shop in
            try await enqueue(shop, "a")
            for _ in 1...2 {
                var offers = OutboxRelay.Offers()
                try await relay(shop, settleTime: .seconds(3600)).pass(&offers)
            }
            #expect(try await JobQueue("test", shop.redis).statistics().waiting == 1)
            #expect(try await shop.store.read { try $0.unsentJobs(limit: 10) }.count == 1)
        }
    }

    @Test func aRelayForgetsWhatAnotherHasSent() async throws {
        try await TestShop.run { shop in
            for key in ["a", "b"] { try await enqueue(shop, key) }
            var offers = OutboxRelay.Offers()
            try await relay(shop).pass(&offers)
            #expect(offers.count == 2)
            // Another relay has sent both; and one was lost after that, which is nobody's any more.
            try await shop.store.write { transaction in
                try transaction.markSent(try transaction.unsentJobs(limit: 9).map(\.id), now: 1)
            }
            try await shop.redis.send("DEL", "jobs:{test}:state:b")
            try await relay(shop).pass(&offers)
            #expect(offers.count == 0)
            #expect(try await JobQueue("test", shop.redis).statistics().waiting == 2)
            let sent = "SELECT COUNT(*) AS n FROM job_outbox WHERE sent_at = 1"
            #expect(try await shop.store.read { try $0.row(sent)?.int("n") } == 2)
        }
    }

    @Test func jobsThatFollowARemovedOneAreSent() async throws {
        try await TestShop.run { shop in
            var offers = OutboxRelay.Offers()
            for key in ["a", "b"] {
                try await enqueue(shop, key)
                for _ in 1...2 { try await relay(shop).pass(&offers) }
                // The outbox is empty: the next job has the same id.
                _ = try await shop.store.write { try $0.execute("DELETE FROM job_outbox WHERE sent_at IS NOT NULL") }
            }
            #expect(try await JobQueue("test", shop.redis).statistics().waiting == 2)
        }
    }

    @Test func aJobThatRedisLostBeforeItWasOnDiskIsSentAgain() async throws {
        try await TestShop.run { shop in
            let queue = JobQueue("test", shop.redis)
            try await enqueue(shop, "a")
            var offers = OutboxRelay.Offers()
            try await relay(shop).pass(&offers)
            // What a power cut leaves of a log that was not synced.
            try await shop.redis.send("FLUSHALL")
            try await relay(shop).pass(&offers)
            #expect(try await queue.statistics().waiting == 1)
            #expect(try await payloads(shop) == ["{\"token\":\"t\"}"])
            try await relay(shop).pass(&offers)
            #expect(try await payloads(shop) == [""])
        }
    }

    @Test func oneLookSendsEveryJobOfALongOutbox() async throws {
        try await TestShop.run { shop in
            let count = 4100
            try await shop.store.write { transaction in
                for number in 1...count {
                    let queue = number % 3 == 0 ? "other" : "test"
                    try transaction.enqueue(
                        OutboxJob(queue: queue, kind: "note", payload: "{}", idempotencyKey: "\(number)"), now: 1)
                }
            }
            var offers = OutboxRelay.Offers()
            try await relay(shop, settleTime: .seconds(3600)).pass(&offers)
            #expect(offers.count == count)
            #expect(try await JobQueue("test", shop.redis).statistics().waiting == count - count / 3)
            #expect(try await JobQueue("other", shop.redis).statistics().waiting == count / 3)
        }
    }

    @Test func jobsThatAreAddedTogetherAreToldApart() async throws {
        try await TestShop.run { shop in
            let queue = JobQueue("test", shop.redis)
            func jobs(_ keys: Int...) -> [Job] { keys.map { Job(kind: "note", payload: "{}", key: "\($0)") } }
            #expect(try await queue.add(jobs(1, 2, 3)) == [true, true, true])
            #expect(try await queue.add(jobs(4, 2, 5, 1, 5)) == [true, false, true, false, false])
            #expect(try await queue.add([]) == [])
            // A server that was started anew does not know the script.
            try await shop.redis.send("SCRIPT", "FLUSH")
            #expect(try await queue.add(jobs(6, 1)) == [true, false])
        }
    }

    @Test func aQueueThatRefusesJobsDoesNotHoldBackOthers() async throws {
        try await TestShop.run { shop in
            try await enqueue(shop, "a")
            try await shop.store.write { transaction in
                for number in 1...2100 {
                    try transaction.enqueue(
                        OutboxJob(queue: "broken", kind: "note", payload: "{}", idempotencyKey: "b\(number)"), now: 1)
                }
                try transaction.enqueue(
                    OutboxJob(queue: "test", kind: "note", payload: "{}", idempotencyKey: "last"), now: 1)
            }
            try await shop.redis.send("SET", "jobs:{broken}", "no stream")
            var offers = OutboxRelay.Offers()
            for _ in 1...2 {
                await #expect(throws: RedisError.self) {
                    try await relay(shop, settleTime: .seconds(3600)).pass(&offers)
                }
            }
            #expect(try await JobQueue("test", shop.redis).statistics().waiting == 2)
            // What was refused does not count as added.
            try await shop.redis.send("DEL", "jobs:{broken}")
            var later = OutboxRelay.Offers()
            try await relay(shop).pass(&later)
            #expect(try await JobQueue("broken", shop.redis).statistics().waiting == 2100)
        }
    }
}
