import Foundation
import Logging
import Synchronization
import Testing

@testable import Shop

/// Tests of the queue and its workers, with a Redis server.
@Suite(.timeLimit(.minutes(10))) struct JobTests {
    private static let quick: JobWorker.Settings = {
        var settings = JobWorker.Settings()
        settings.pauses = [.milliseconds(5), .milliseconds(5)]
        settings.abandonedAfter = .milliseconds(200)
        settings.interval = .milliseconds(20)
        return settings
    }()

    private func job(_ key: String, kind: String = "note") -> Job { Job(kind: kind, payload: "{}", key: key) }

    /// Runs workers until a condition holds.
    private func work(
        _ shop: TestShop, _ queue: JobQueue, _ handlers: [String: JobHandler], settings: JobWorker.Settings = quick,
        until condition: () async throws -> Bool
    ) async throws {
        let worker = JobWorker(queue, shop.redis, handlers: handlers, settings: settings, logger: .quiet)
        let task = Task { try await worker.run() }
        while try await !condition() { await Task.yield() }
        task.cancel()
        try await task.value
    }

    @Test func aJobRunsAndLeavesTheQueue() async throws {
        try await TestShop.run { shop in
            let queue = JobQueue("test", shop.redis), done = Log()
            #expect(try await queue.add(job("a")))
            #expect(try await queue.statistics() == JobStatistics(waiting: 1, running: 0, delayed: 0, dead: 0))
            try await work(shop, queue, ["note": { done.add($0.key) }]) {
                try await queue.statistics() == JobStatistics(waiting: 0, running: 0, delayed: 0, dead: 0)
            }
            #expect(done.entries == ["a"])
        }
    }

    @Test func aKeyIsAddedOnceAlsoAfterItsJobIsDone() async throws {
        try await TestShop.run { shop in
            let queue = JobQueue("test", shop.redis), done = Log()
            #expect(try await queue.add(job("a")))
            #expect(try await !queue.add(job("a")))
            try await work(shop, queue, ["note": { done.add($0.key) }]) {
                try await queue.statistics() == JobStatistics(waiting: 0, running: 0, delayed: 0, dead: 0)
            }
            #expect(try await !queue.add(job("a")))
            #expect(done.entries == ["a"])
        }
    }

    @Test func aDelayedJobWaitsForItsTime() async throws {
        try await TestShop.run { shop in
            let queue = JobQueue("test", shop.redis), done = Log()
            try await queue.add(job("late"), after: .seconds(3600))
            try await queue.add(job("soon"), after: .milliseconds(1))
            try await work(shop, queue, ["note": { done.add($0.key) }]) { !done.entries.isEmpty }
            #expect(done.entries == ["soon"])
            #expect(try await queue.statistics().delayed == 1)
        }
    }

    @Test func aFailingJobIsTriedAgainAndThenDead() async throws {
        try await TestShop.run { shop in
            let queue = JobQueue("test", shop.redis), attempts = Log()
            try await queue.add(job("a"))
            let handler: JobHandler = { job in
                attempts.add("\(job.attempt)")
                throw Failure(text: "attempt \(job.attempt)")
            }
            try await work(shop, queue, ["note": handler]) { try await queue.statistics().dead == 1 }
            #expect(attempts.entries == ["1", "2", "3"])
            let dead = try #require(try await queue.deadJobs(limit: 10).first)
            #expect(dead.job.key == "a")
            #expect(dead.error == "attempt 3")
        }
    }

    @Test func aDeadJobThatIsRetriedHasAllItsAttemptsAgain() async throws {
        try await TestShop.run { shop in
            let queue = JobQueue("test", shop.redis),
                connection = try await shop.redis.makeBlockingConnection(waiting: .seconds(60))
            defer { connection.close() }
            try await queue.createGroup()
            try await queue.add(job("a"))
            var taken = try #require(try await queue.take(1, for: "w", within: .seconds(1), on: connection).first)
            taken.job.attempt = 3
            try await queue.bury(taken, error: "why")
            let dead = try #require(try await queue.deadJobs(limit: 10).first)
            #expect(dead.job.attempt == 3)
            #expect(try await queue.retryDead(dead.id))
            #expect(try await !queue.retryDead(dead.id))
            #expect(try await queue.statistics() == JobStatistics(waiting: 1, running: 0, delayed: 0, dead: 0))
            let again = try await queue.take(1, for: "w", within: .seconds(1), on: connection)
            #expect(again.map(\.job) == [job("a")])
        }
    }

    @Test func aPermanentFailureIsDeadAtOnce() async throws {
        try await TestShop.run { shop in
            let queue = JobQueue("test", shop.redis), attempts = Log()
            try await queue.add(job("a"))
            try await queue.add(job("b", kind: "unknown"))
            let handler: JobHandler = { job in
                attempts.add(job.key)
                throw PermanentJobFailure("no such mailbox")
            }
            try await work(shop, queue, ["note": handler]) { try await queue.statistics().dead == 2 }
            #expect(attempts.entries == ["a"])
            let errors = try await queue.deadJobs(limit: 10).map(\.error).sorted()
            #expect(errors == ["no such mailbox", "there is no handler for the kind unknown"])
        }
    }

    @Test func aJobWhoseWorkerDiedIsTakenOver() async throws {
        try await TestShop.run { shop in
            let queue = JobQueue("test", shop.redis), attempts = Log()
            try await queue.createGroup()
            try await queue.add(job("a"))
            let ghost = try await shop.redis.makeBlockingConnection(waiting: .seconds(60))
            let taken = try await queue.take(1, for: "ghost", within: .seconds(1), on: ghost)
            #expect(taken.map(\.job.key) == ["a"])
            ghost.close()
            try await work(shop, queue, ["note": { attempts.add("\($0.attempt)") }]) {
                let running = try await queue.statistics().running
                return !attempts.entries.isEmpty && running == 0
            }
            // The death counts as an attempt.
            #expect(attempts.entries == ["2"])
        }
    }

    @Test func aJobThatKillsItsWorkersIsDead() async throws {
        try await TestShop.run { shop in
            let queue = JobQueue("test", shop.redis), attempts = Log()
            try await queue.createGroup()
            try await queue.add(job("poison"))
            let ghost = try await shop.redis.makeBlockingConnection(waiting: .seconds(60))
            _ = try await queue.take(1, for: "ghost", within: .seconds(1), on: ghost)
            ghost.close()
            for _ in 1...2 { _ = try await queue.takeAbandoned(1, for: "ghost", idle: .zero) }
            try await work(shop, queue, ["note": { attempts.add($0.key) }]) { try await queue.statistics().dead == 1 }
            #expect(attempts.entries.isEmpty)
            #expect(try await queue.deadJobs(limit: 1).first?.error == "its workers died")
        }
    }

    @Test func aWorkerDoesOneJobAtATimeAndWakesDelayedOnesMeanwhile() async throws {
        try await TestShop.run { shop in
            let queue = JobQueue("test", shop.redis), log = Log(), isOpen = Log()
            try await queue.createGroup()
            try await queue.add(job("abandoned"))
            let ghost = try await shop.redis.makeBlockingConnection(waiting: .seconds(60))
            _ = try await queue.take(1, for: "ghost", within: .seconds(1), on: ghost)
            ghost.close()
            try await queue.add(job("waiting"))
            try await queue.add(job("delayed"), after: .milliseconds(1))
            var settings = Self.quick
            settings.concurrency = 1
            let handler: JobHandler = { job in
                log.add("begin")
                while isOpen.entries.isEmpty, !Task.isCancelled { await Task.yield() }
                log.add("end")
            }
            try await work(shop, queue, ["note": handler], settings: settings) {
                let numbers = try await queue.statistics()
                // The abandoned job has been taken over, or the waiting one was taken, and the delayed one is awake.
                if numbers.delayed == 0, log.entries == ["begin"], isOpen.entries.isEmpty { isOpen.add("open") }
                return log.entries.count == 6
            }
            #expect(log.entries == ["begin", "end", "begin", "end", "begin", "end"])
        }
    }

    @Test func aWorkerThatWasTakenForDeadDoesNotAddItsJobAgain() async throws {
        try await TestShop.run { shop in
            let queue = JobQueue("test", shop.redis)
            try await queue.createGroup()
            try await queue.add(job("a"))
            let slow = try await shop.redis.makeBlockingConnection(waiting: .seconds(60))
            let taken = try #require(try await queue.take(1, for: "slow", within: .seconds(1), on: slow).first)
            let again = try #require(try await queue.takeAbandoned(1, for: "quick", idle: .zero).first)
            try await queue.finish(again)
            try await queue.retry(taken, after: .zero, error: "late")
            try await queue.bury(taken, error: "late")
            #expect(try await queue.statistics() == JobStatistics(waiting: 0, running: 0, delayed: 0, dead: 0))
            slow.close()
        }
    }

    @Test func anEffectHappensOnceAlsoWhenItsJobRunsAgain() async throws {
        try await TestShop.run { shop in
            for isNaive in [true, false] {
                let key = isNaive ? "naive" : "guarded"
                for _ in 1...2 {
                    try await shop.store.write { transaction in
                        guard try isNaive || transaction.isFirst(key, now: 0) else { return }
                        try transaction.execute(
                            """
                            INSERT INTO job_outbox (queue, kind, payload, idem_key, created_at)
                            VALUES (?, '', '', ?, 0)
                            """, key, UUID().uuidString)
                    }
                }
                let effects = try await shop.store.read { transaction in
                    try transaction.row("SELECT COUNT(*) AS n FROM job_outbox WHERE queue = ?", key)?.int("n")
                }
                #expect(effects == (isNaive ? 2 : 1))
            }
        }
    }
}

/// A record of the jobs that handlers were given, in order.
final class Log: Sendable {
    private let list = Mutex<[String]>([])
    var entries: [String] { list.withLock { $0 } }
    func add(_ entry: String) { list.withLock { $0.append(entry) } }
}

/// A failure of a handler.
struct Failure: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
}
