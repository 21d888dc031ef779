import Crypto
import FoundationEssentials
import NIOCore
import Synchronization

/// A client of Redis with one connection for all commands, which it renews when it has ended.
///
/// After a failed attempt to connect, commands fail at once until the time for the next attempt has come; that time
/// doubles from 50 ms to 2 s.
package final class RedisClient: Sendable {
    private enum State {
        case idle(failures: Int, notBefore: NIODeadline)
        case connecting(Task<RedisConnection, any Error>)
        case connected(RedisConnection)
    }

    private let settings: RedisSettings
    private let state = Mutex(State.idle(failures: 0, notBefore: .uptimeNanoseconds(0)))

    /// Creates a client, which connects with its first command.
    init(_ settings: RedisSettings) { self.settings = settings }

    /// Sends a command and returns its reply.
    ///
    /// Errors: `RedisError`. After `unavailable` and `timeout` nobody knows whether the command has run.
    @discardableResult
    func send(_ words: any RedisArgument...) async throws -> RedisValue { try await send(words) }

    /// Sends a command of any number of words and returns its reply.
    @discardableResult
    func send(_ words: [any RedisArgument]) async throws -> RedisValue {
        try await connection().send(words)
    }

    /// Runs a script by its digest, or by its text where the server does not know it yet.
    @discardableResult
    func run(
        _ script: RedisScript, keys: [String], _ arguments: [any RedisArgument] = []
    ) async throws -> RedisValue {
        let rest = [keys.count] + keys as [any RedisArgument] + arguments
        do {
            return try await send(["EVALSHA", script.digest] + rest)
        } catch RedisError.refused(let reason) where reason.hasPrefix("NOSCRIPT") {
            return try await send(["EVAL", script.text] + rest)
        }
    }

    /// Runs a script several times, without waiting for one reply before the next call, and returns the replies in the
    /// order of the calls.
    func run(_ script: RedisScript, _ calls: [RedisScript.Call]) async throws -> [RedisValue] {
        guard let first = calls.first else { return [] }
        // The first call tells the server the script, if it does not know it.
        let reply = try await run(script, keys: first.keys, first.arguments)
        let others = calls.dropFirst().map { call in
            ["EVALSHA", script.digest, call.keys.count] + call.keys as [any RedisArgument] + call.arguments
        }
        return [reply] + (try await connection().send(all: others))
    }

    /// Opens a connection of its own for commands that wait up to `wait`, such as XREADGROUP with BLOCK. A server that
    /// is silent for longer than that and the time for a reply is gone.
    func makeBlockingConnection(waiting wait: TimeAmount) async throws -> BlockingRedisConnection {
        BlockingRedisConnection(connection: try await .connect(settings, timeout: wait + settings.replyTimeout))
    }

    /// Returns the messages of a channel until the task is canceled. The subscription is renewed after a lost
    /// connection; then the sequence yields nil, because messages may have been missed.
    func messages(of channel: String) -> AsyncStream<String?> {
        let settings = settings
        return AsyncStream { continuation in
            let task = Task {
                var pause = 50
                while !Task.isCancelled {
                    let connection = try? await RedisConnection.connect(settings, timeout: nil) { value in
                        guard value.elements.first?.text == "message" else { return }
                        continuation.yield(value.elements.last?.text)
                    }
                    if let connection {
                        pause = 50
                        connection.post(["SUBSCRIBE", channel])
                        continuation.yield(nil)
                        await withTaskCancellationHandler {
                            await connection.untilClosed()
                        } onCancel: {
                            connection.close()
                        }
                    }
                    try? await Task.sleep(for: .milliseconds(pause))
                    pause = min(pause * 2, 2000)
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    /// Ends the connection; the next command opens another.
    func close() {
        state.withLock { state in
            if case .connected(let connection) = state { connection.close() }
            state = .idle(failures: 0, notBefore: .uptimeNanoseconds(0))
        }
    }

    private func connection() async throws -> RedisConnection {
        let task = try state.withLock { state throws(RedisError) -> Task<RedisConnection, any Error>? in
            switch state {
            case .connected(let connection) where connection.isActive: return nil
            case .connecting(let task): return task
            case .idle(let failures, let notBefore):
                guard .now() >= notBefore else { throw .unavailable("the last attempt has just failed") }
                return begin(&state, failures)
            case .connected: return begin(&state, 0)
            }
        }
        if let task { return try await task.value }
        return try state.withLock { state throws(RedisError) in
            guard case .connected(let connection) = state else { throw .unavailable("the connection has ended") }
            return connection
        }
    }

    /// Starts an attempt to connect. The caller holds the lock.
    private func begin(_ state: inout State, _ failures: Int) -> Task<RedisConnection, any Error> {
        let task = Task { [settings] in
            do {
                let connection = try await RedisConnection.connect(settings, timeout: settings.replyTimeout)
                self.state.withLock { $0 = .connected(connection) }
                return connection
            } catch {
                let pause = TimeAmount.milliseconds(min(50 << Int64(min(failures, 6)), 2000))
                self.state.withLock { $0 = .idle(failures: failures + 1, notBefore: .now() + pause) }
                throw error
            }
        }
        state = .connecting(task)
        return task
    }
}

/// A connection of its own for commands that wait; its replies have no time limit.
struct BlockingRedisConnection: Sendable {
    fileprivate let connection: RedisConnection

    /// Sends a command and returns its reply. When the task is canceled, the connection is closed.
    func send(_ words: any RedisArgument...) async throws -> RedisValue {
        try await withTaskCancellationHandler {
            try await connection.send(words)
        } onCancel: {
            connection.close()
        }
    }

    func close() { connection.close() }
}

/// A Lua script, which Redis runs as one step.
struct RedisScript: Sendable {
    let text: String
    /// The SHA-1 of the text, by which Redis knows the script.
    let digest: String

    /// The keys and the arguments of one call.
    struct Call: Sendable {
        var keys: [String]
        var arguments: [any RedisArgument]
    }

    init(_ text: String) {
        self.text = text
        digest = Insecure.SHA1.hash(data: Data(text.utf8)).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}
