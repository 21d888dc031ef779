import Foundation
import Testing

@testable import Shop

/// Kills workers while they work: every effect happens once all the same.
@Suite(.timeLimit(.minutes(10))) struct KilledWorkerTests {
    /// The number of jobs; `SHOP_TEST_JOBS=10000` is the long proof.
    private static let count = ProcessInfo.processInfo.environment["SHOP_TEST_JOBS"].flatMap { Int($0) } ?? 600

    /// The program, which is built into the same folder as the tests.
    static let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appending(path: "shop-job-worker")

    private func startWorker(_ shop: TestShop) throws -> Process {
        let process = Process()
        process.executableURL = Self.program
        process.arguments = [shop.folder]
        try process.run()
        return process
    }

    @Test func everyEffectHappensOnceWhileWorkersAreKilled() async throws {
        try await TestShop.run { shop in
            let queue = JobQueue("test", shop.redis)
            var jobs = try await add(Self.count, to: queue, after: 0)
            var workers = [try startWorker(shop), try startWorker(shop)]
            // Each holds on to the shop's own Redis while it lives.
            defer {
                for worker in workers where worker.isRunning {
                    kill(worker.processIdentifier, SIGKILL)
                    worker.waitUntilExit()
                }
            }
            var kills = 0, done = 0
            let empty = JobStatistics(waiting: 0, running: 0, delayed: 0, dead: 0)
            while true {
                if try await queue.statistics() == empty {
                    // A test that runs too slowly to see the workers at work gives them more.
                    if kills >= 3 { break }
                    jobs = try await add(Self.count, to: queue, after: jobs)
                }
                // A worker dies each time that another tenth of the effects has happened.
                let effects = try await self.effects(shop).count
                guard effects >= done + Self.count / 10 else {
                    try await Task.sleep(for: .milliseconds(20))
                    continue
                }
                done = effects
                let victim = workers.removeFirst()
                kill(victim.processIdentifier, SIGKILL)
                victim.waitUntilExit()
                kills += 1
                workers.append(try startWorker(shop))
            }
            let effects = try await effects(shop)
            #expect(effects.count == jobs)
            #expect(Set(effects) == Set((0..<jobs).map { "job-\($0)" }))
        }
    }

    /// Adds `count` jobs that are numbered from `first` on, and returns the number of jobs so far.
    private func add(_ count: Int, to queue: JobQueue, after first: Int) async throws -> Int {
        for number in first..<first + count {
            try await queue.add(Job(kind: "effect", payload: "{}", key: "job-\(number)"))
        }
        return first + count
    }

    /// The keys of the jobs whose effects have happened, one for each effect.
    private func effects(_ shop: TestShop) async throws -> [String] {
        try await shop.store.read { transaction in
            try transaction.rows("SELECT idem_key FROM job_effect WHERE idem_key LIKE 'effect:%'")
                .map { String($0.text("idem_key").split(separator: ":")[1]) }
        }
    }
}
