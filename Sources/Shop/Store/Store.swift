import GRDB
import Glibc

/// The shop's database: one SQLite file in WAL mode, with one writer at a time and readers beside it.
///
/// All SQL is in this folder, in extensions of `Transaction`, and it is plain: no `RETURNING`, no `ON CONFLICT`,
/// integers for money and times. Nothing else knows which database it is.
package final class Store: Sendable {
    private let pool: DatabasePool
    private let writes: WriteGroup

    /// Opens the database in a folder, creates it if there is none, and migrates it to the newest schema.
    ///
    /// `onStatement` is told of each statement; nil for nobody. Errors: `StoreError`.
    package init(folder: String, onStatement: (@Sendable (String) -> Void)? = nil) throws {
        var configuration = Configuration()
        // Several processes may write: the wait for the lock is SQLite's, and `write` repeats what still collides.
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 4
        configuration.foreignKeysEnabled = true
        if let onStatement {
            configuration.prepareDatabase { database in
                database.trace { event in
                    if case .statement(let statement) = event { onStatement(statement.sql) }
                }
            }
        }
        let path = folder + "/shop.sqlite"
        // SQLite gives its other files the permissions of the first: nobody else reads hashes and tokens.
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw ConfigurationProblem("\(path) cannot be opened") }
        Glibc.close(file)
        pool = try DatabasePool(path: path, configuration: configuration)
        // A commit that was acknowledged survives a power cut. GRDB sets NORMAL when it opens the pool.
        try pool.writeWithoutTransaction { database in try database.execute(sql: "PRAGMA synchronous = FULL") }
        try Self.migrate(pool, folder)
        writes = WriteGroup(pool)
    }

    /// Migrates the database. Processes that open it at the same time wait for the first one.
    private static func migrate(_ pool: DatabasePool, _ folder: String) throws {
        let lock = open(folder + "/shop.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw ConfigurationProblem("\(folder)/shop.lock cannot be opened") }
        defer { Glibc.close(lock) }
        while flock(lock, LOCK_EX) != 0, errno == EINTR {}
        try Schema.migrator.migrate(pool)
    }

    /// Runs a body on one snapshot of the database.
    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        try await pool.read { database in try body(Transaction(database)) }
    }

    /// Runs a body in a transaction, which it may share with others: all its changes are made, durably, or none. The
    /// body is run again when the database was busy, so it has no effects but those on the database.
    ///
    /// Errors: what the body throws; `StoreError.busy` when others held the database for too long.
    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        for attempt in 1... {
            do {
                return try await writes.write(body)
            } catch let error as DatabaseError
                where error.resultCode == .SQLITE_BUSY || error.resultCode == .SQLITE_LOCKED
            {
                guard attempt < 5 else { throw StoreError.busy }
                try await Task.sleep(for: .milliseconds(Int.random(in: 1...(10 << attempt))))
            }
        }
        throw StoreError.busy
    }

    /// Ends all use of the database.
    package func close() throws { try pool.close() }
}
