package import Catalog
import Glibc
package import Hummingbird
import HummingbirdCore
package import Logging
package import ServiceLifecycle
import Storage

/// The socket by which the commands of `quire` reach the server of a data folder. Only the owner of the folder can use
/// it, so that its requests need no key.
package struct LocalSocket: Sendable {
    /// The path of the socket.
    package let path: String
    private let folder: String

    /// The longest path that the system can bind a socket to, in bytes.
    private static let maxPathBytes = 107

    /// The socket of a data folder, whether there is one or not.
    package init(_ data: DataFolder) {
        folder = data.path + "/.local"
        path = folder + "/quire.sock"
    }

    /// Takes the right to serve at the socket, and removes a socket that a crash left; nil while another process has
    /// it. Creates the folder, which only the owner can enter.
    ///
    /// Errors: `LocalSocketUnavailable` if there can be no socket.
    package func claim() throws(LocalSocketUnavailable) -> LocalSocketClaim? {
        guard path.utf8.count <= Self.maxPathBytes else {
            throw LocalSocketUnavailable(
                reason: "the path \(path) has more than \(Self.maxPathBytes) bytes; give --data a shorter or relative"
                    + " path")
        }
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw LocalSocketUnavailable(reason: "\(folder) cannot be created")
        }
        guard chmod(folder, 0o700) == 0 else {
            throw LocalSocketUnavailable(reason: "\(folder) cannot be protected from other users")
        }
        do throws(StorageError) {
            return LocalSocketClaim(path, try DirectoryLock(folder + "/lock"))
        } catch {
            if case .locked = error { return nil }
            throw LocalSocketUnavailable(reason: "\(error)")
        }
    }
}

/// The right to serve at the local socket of a data folder, which one process has at a time. The socket is removed when
/// it is released.
package final class LocalSocketClaim: Sendable {
    fileprivate let path: String
    private let lock: DirectoryLock

    fileprivate init(_ path: String, _ lock: DirectoryLock) {
        self.path = path
        self.lock = lock
        unlink(path)
    }

    // The lock is released after that.
    deinit { unlink(path) }
}

/// Creates the server that the commands of `quire` reach by the socket of a data folder, with the same routes as
/// `makeServer`, none of which requires a key. Keep `claim` for as long as it runs. Its requests are measured by
/// `metrics`, or else by metrics of its own.
///
/// `whenRunning` is called once, when it accepts requests.
private func makeLocalServer(
    _ claim: LocalSocketClaim, _ store: CatalogStore, _ threads: SearchThreads, _ recorder: DemandRecorder?,
    _ metrics: ServerMetrics?, _ logger: Logger, whenRunning: @escaping @Sendable () async -> Void = {}
) -> some ApplicationProtocol {
    let cache = ReplyCache(maxBytes: 0)
    let replies = CatalogReplies(store: store, threads: threads, cache: cache, recorder: recorder)
    let registry = ConnectionRegistry(maxConnections: 64, logger: logger)
    let metrics =
        metrics
        ?? ServerMetrics(store, threads: threads, cache: cache, connections: registry, demand: recorder?.log)
    return Application(
        router: makeRouter(replies, Authorization(keys: nil), metrics),
        server: HTTPServerBuilder { QuireChannel($0, registry, CurrentPolicy(ServerPolicy(hosts: [])), .local) },
        configuration: .init(address: .unixDomainSocket(path: claim.path), serverName: "quire"),
        onServerRunning: { _ in await whenRunning() },
        logger: logger)
}

extension ServerLimits {
    /// The limits of commands, which may read from a pipe, or write to a pager, that stands still.
    fileprivate static var local: ServerLimits {
        var limits = ServerLimits()
        limits.bodySilence = .seconds(86_400)
        limits.writeTime = .seconds(86_400)
        return limits
    }
}

/// The service of a server by which commands of `quire` reach its data folder: as soon as no other process serves them.
/// It goes on until it is told to stop; without a socket the server works all the same, and the log says so.
package struct LocalServing: Service {
    private let store: CatalogStore
    private let threads: SearchThreads
    private let recorder: DemandRecorder?
    private let metrics: ServerMetrics?
    private let logger: Logger

    /// Creates the service of a server with these parts.
    package init(
        _ store: CatalogStore, _ threads: SearchThreads, _ recorder: DemandRecorder?, _ metrics: ServerMetrics?,
        _ logger: Logger
    ) {
        self.metrics = metrics
        self.store = store
        self.threads = threads
        self.recorder = recorder
        self.logger = logger
    }

    package func run() async {
        do {
            while true {
                if let claim = try LocalSocket(store.folder).claim() {
                    defer { withExtendedLifetime(claim) {} }
                    return try await makeLocalServer(claim, store, threads, recorder, metrics, logger).run()
                }
                try await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(1)) }
            }
        } catch is CancellationError {
        } catch {
            logger.warning("commands of quire cannot reach this server", metadata: ["error": "\(error)"])
        }
    }
}

/// Calls `body` with a client of a server of a data folder that runs as long as `body`, and closes the store.
///
/// Errors: that of `body`, of the socket, and of closing the store.
package func withLocalServer<Result: Sendable>(
    _ claim: LocalSocketClaim, _ store: CatalogStore, logger: Logger,
    _ body: @escaping @Sendable (LocalClient) async throws -> Result
) async throws -> Result {
    // What a crash left in the logs is there for the commands, too; a damaged catalog does not disturb the others.
    for (name, error) in try store.recover() {
        logger.warning("acknowledged changes are not back", metadata: ["catalog": "\(name)", "error": "\(error)"])
    }
    let (running, sink) = AsyncStream.makeStream(of: Void.self)
    let server = makeLocalServer(claim, store, SearchThreads(), nil, nil, logger) { sink.yield() }
    defer { withExtendedLifetime(claim) {} }
    let group = ServiceGroup(configuration: .init(services: [.init(service: server)], logger: logger))
    let serving = Task {
        defer { sink.finish() }
        try await group.run()
    }
    for await _ in running { break }
    let result: Swift.Result<Result, any Error>
    do { result = .success(try await body(LocalClient(LocalSocket(store.folder)))) } catch { result = .failure(error) }
    await group.triggerGracefulShutdown()
    try await serving.value
    try store.close()
    return try result.get()
}

/// The reason why a data folder can have no local socket.
package struct LocalSocketUnavailable: Error, CustomStringConvertible {
    package let reason: String
    package var description: String { reason }
}
