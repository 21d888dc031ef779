import GRDB
import Synchronization

/// The writes of a process, which share commits: those that arrive while a commit is on its way to the disk are the
/// next transaction together, each in a savepoint of its own. So the rate of small writes is not that of the disk's
/// syncs.
///
/// Each write is acknowledged after the commit that it is part of. A write that fails leaves the others as they are.
final class WriteGroup: Sendable {
    /// A write that waits for its turn.
    private struct Write: Sendable {
        /// Runs the body, in a savepoint unless it has the transaction for itself.
        let attempt: @Sendable (Database, _ isAlone: Bool) -> Attempt
        /// Tells the caller that the body was not run.
        let fail: @Sendable (any Error) -> Void
    }

    /// A write whose body was run.
    private struct Attempt: Sendable {
        /// The error of the body; nil if its changes are part of the transaction.
        let error: (any Error)?
        /// Tells the caller the result: the error of the commit, or what the body returned or threw.
        let end: @Sendable (_ commitError: (any Error)?) -> Void
    }

    private struct State {
        var waiting: [Write] = []
        /// True while the queue of the database runs writes.
        var isRunning = false
    }

    private let pool: DatabasePool
    private let state = Mutex(State())

    /// The maximum number of writes of a transaction: the first of them waits for all others.
    private static let maxShared = 64

    /// The writes on a database that has no other writer in this process.
    init(_ pool: DatabasePool) { self.pool = pool }

    /// The number of writes that wait for the end of a transaction.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Runs a body in a transaction and returns its value once the commit is durable.
    ///
    /// Errors: what the body throws; the errors of SQLite, after which no change of the body was made.
    func write<Value: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> Value) async throws -> Value {
        let requestID = RequestID.current
        return try await withCheckedThrowingContinuation { continuation in
            enqueue(
                Write { database, isAlone in
                    let result = Result {
                        let transaction = Transaction(database, requestID: requestID)
                        return isAlone ? try body(transaction) : try Self.inSavepoint(database, transaction, body)
                    }
                    var error: (any Error)?
                    if case .failure(let failure) = result { error = failure }
                    return Attempt(error: error) { commitError in
                        continuation.resume(with: commitError.map { .failure($0) } ?? result)
                    }
                } fail: { error in
                    continuation.resume(throwing: error)
                })
        }
    }

    private static func inSavepoint<Value>(
        _ database: Database, _ transaction: Transaction, _ body: (Transaction) throws -> Value
    ) throws -> Value {
        var value: Value?
        try database.inSavepoint {
            value = try body(transaction)
            return .commit
        }
        guard let value else { throw StoreError.interrupted }
        return value
    }

    private func enqueue(_ write: Write) {
        let isFirst = state.withLock { state in
            state.waiting.append(write)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if isFirst {
            pool.asyncWriteWithoutTransaction { [self] database in
                while let writes = next() { Self.commit(writes, database) }
            }
        }
    }

    /// The writes of the next transaction; nil if none waits.
    private func next() -> [Write]? {
        state.withLock { state in
            let writes = Array(state.waiting.prefix(Self.maxShared))
            state.waiting.removeFirst(writes.count)
            if writes.isEmpty { state.isRunning = false }
            return writes.isEmpty ? nil : writes
        }
    }

    private static func commit(_ writes: [Write], _ database: Database) {
        var attempts: [Attempt] = []
        var commitError: (any Error)?
        do {
            try database.inTransaction(.immediate) {
                for write in writes {
                    let attempt = write.attempt(database, writes.count == 1)
                    attempts.append(attempt)
                    // A full disk, for one, ends the whole transaction and not only the savepoint.
                    guard database.isInsideTransaction else { throw attempt.error ?? StoreError.interrupted }
                }
                return attempts.contains { $0.error == nil } ? .commit : .rollback
            }
        } catch {
            commitError = error
        }
        // A body that failed may have failed by changes that are not there any more.
        for attempt in attempts { attempt.end(commitError) }
        guard let commitError else { return }
        for write in writes.dropFirst(attempts.count) { write.fail(commitError) }
    }
}
