import GRDB
import Synchronization
import Testing

@testable import Shop

/// Writes that share a transaction, against the rows that they leave.
@Suite struct WriteGroupTests {
    /// A group on a database with a table of numbers, whose first write holds the transaction until `release`.
    private final class Blocked: Sendable {
        let group: WriteGroup
        let pool: DatabasePool
        let commits: Counter
        private let isReleased = Mutex(false)
        private let isHeld = Mutex(false)

        init(_ folder: String) throws {
            let commits = Counter()
            var configuration = Configuration()
            configuration.prepareDatabase { database in
                database.trace { if "\($0)".hasPrefix("COMMIT") { commits.next() } }
            }
            self.commits = commits
            pool = try DatabasePool(path: folder + "/numbers.sqlite", configuration: configuration)
            try pool.write { try $0.execute(sql: "CREATE TABLE numbers (number INTEGER UNIQUE)") }
            group = WriteGroup(pool)
        }

        /// Runs some bodies while a transaction is under way, so that they share the next one; returns their results.
        func together(_ bodies: [@Sendable (Transaction) throws -> Int]) async -> [Result<Int, any Error>] {
            await withTaskGroup { tasks in
                tasks.addTask { [self] in
                    try? await group.write { [self] _ in
                        isHeld.withLock { $0 = true }
                        while !isReleased.withLock({ $0 }) {}
                    }
                    return (-1, Result<Int, any Error>.success(0))
                }
                while !isHeld.withLock({ $0 }) { await Task.yield() }
                for (number, body) in bodies.enumerated() {
                    tasks.addTask { [group] in
                        do {
                            return (number, .success(try await group.write(body)))
                        } catch {
                            return (number, .failure(error))
                        }
                    }
                    while group.waitingCount <= number { await Task.yield() }
                }
                isReleased.withLock { $0 = true }
                var results = [Result<Int, any Error>](repeating: .success(-1), count: bodies.count)
                for await (number, result) in tasks where number >= 0 { results[number] = result }
                return results
            }
        }

        func numbers() throws -> [Int] {
            try pool.read { try Int.fetchAll($0, sql: "SELECT number FROM numbers ORDER BY number") }
        }
    }

    private static func insert(_ number: Int) -> @Sendable (Transaction) throws -> Int {
        { transaction in
            try transaction.execute("INSERT INTO numbers VALUES (?)", number)
            return number
        }
    }

    private static func count(_ transaction: Transaction) throws -> Int {
        try transaction.row("SELECT COUNT(*) AS count FROM numbers")?.int("count") ?? -1
    }

    @Test func aWriteThatFailsLeavesTheOthersOfItsTransaction() async throws {
        try await withTemporaryFolder { folder in
            let blocked = try Blocked(folder)
            let results = await blocked.together([
                Self.insert(1), { try $0.execute("INSERT INTO numbers VALUES (7)") },
                { transaction in
                    _ = try Self.insert(2)(transaction)
                    throw StoreError.unchanged
                }, Self.insert(1), Self.count, Self.insert(3),
            ])
            #expect(results.map { try? $0.get() } == [1, 1, nil, nil, 2, 3])
            #expect(throws: StoreError.unchanged) { try results[2].get() }
            #expect(throws: StoreError.duplicate) { try results[3].get() }
            #expect(try blocked.numbers() == [1, 3, 7])
        }
    }

    @Test func anErrorThatEndsTheTransactionIsTheErrorOfAllItsWrites() async throws {
        try await withTemporaryFolder { folder in
            let blocked = try Blocked(folder)
            let results = await blocked.together([
                Self.insert(1),
                { transaction in
                    // As SQLite does when the disk is full.
                    try transaction.execute("ROLLBACK")
                    return 0
                }, Self.insert(2),
            ])
            #expect(results.allSatisfy { (try? $0.get()) == nil })
            #expect(try blocked.numbers().isEmpty)
            // The next write has a transaction of its own.
            #expect(try await blocked.group.write(Self.insert(4)) == 4)
            #expect(try blocked.numbers() == [4])
        }
    }

    @Test func writesThatWaitShareCommits() async throws {
        try await withTemporaryFolder { folder in
            let blocked = try Blocked(folder)
            let before = blocked.commits.value
            let numbers = Array(1...130)
            let results = await blocked.together(numbers.map(Self.insert))
            // That of the write that the others waited for, and three of up to 64.
            #expect(blocked.commits.value - before == 4)
            #expect(results.compactMap { try? $0.get() } == numbers)
            #expect(try blocked.numbers() == numbers)
        }
    }
}
