package import Catalog
import Glibc
package import Hummingbird
import HummingbirdCore
package import Logging
import ServiceLifecycle

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

    /// Makes room for the socket: creates its folder, which only the owner can enter, and removes a socket that a crash
    /// left. Returns why there can be no socket; nil if there can.
    func prepare() -> String? {
        guard path.utf8.count <= Self.maxPathBytes else {
            return "the path \(path) has more than \(Self.maxPathBytes) bytes; give --data a shorter or relative path"
        }
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { return "\(folder) cannot be created" }
        guard chmod(folder, 0o700) == 0 else { return "\(folder) cannot be protected from other users" }
        unlink(path)
        return nil
    }

    /// Removes the socket.
    package func remove() { unlink(path) }
}

/// Creates the server that the commands of `quire` reach by the socket of a data folder, with the same routes as
/// `makeServer`, none of which requires a key. Whoever runs it must be the one server of the folder. Its requests are
/// measured by `metrics`, or else by metrics of its own.
///
/// `whenRunning` is called once, when it accepts requests. Errors: `LocalSocketUnavailable`.
package func makeLocalServer(
    _ store: CatalogStore, threads: SearchThreads = SearchThreads(), recorder: DemandRecorder? = nil,
    metrics: ServerMetrics? = nil, logger: Logger, whenRunning: @escaping @Sendable () async -> Void = {}
) throws(LocalSocketUnavailable) -> some ApplicationProtocol {
    let socket = LocalSocket(store.folder)
    if let reason = socket.prepare() { throw LocalSocketUnavailable(reason: reason) }
    let cache = ReplyCache(maxBytes: 0)
    let replies = CatalogReplies(store: store, threads: threads, cache: cache, recorder: recorder)
    let limits = ServerLimits()
    let registry = ConnectionRegistry(maxConnections: 64, logger: logger)
    let metrics =
        metrics
        ?? ServerMetrics(store, threads: threads, cache: cache, connections: registry, demand: recorder?.log)
    return Application(
        router: makeRouter(replies, AdminAuthorization(keys: nil), metrics),
        server: HTTPServerBuilder { QuireChannel($0, registry, hosts: AllowedHosts([]), limits) },
        configuration: .init(address: .unixDomainSocket(path: socket.path), serverName: "quire"),
        onServerRunning: { _ in await whenRunning() },
        logger: logger)
}

/// Calls `body` with a client of a server of a data folder that runs as long as `body`, and closes the store.
///
/// Errors: `LocalSocketUnavailable`, that of `body`, and that of closing the store.
package func withLocalServer<Result: Sendable>(
    _ store: CatalogStore, logger: Logger, _ body: @escaping @Sendable (LocalClient) async throws -> Result
) async throws -> Result {
    // What a crash left in the logs is there for the commands, too; a damaged catalog does not disturb the others.
    for (name, error) in try store.recover() {
        logger.warning("acknowledged changes are not back", metadata: ["catalog": "\(name)", "error": "\(error)"])
    }
    let (running, sink) = AsyncStream.makeStream(of: Void.self)
    let server = try makeLocalServer(store, logger: logger) { sink.yield() }
    let socket = LocalSocket(store.folder)
    defer { socket.remove() }
    let group = ServiceGroup(configuration: .init(services: [.init(service: server)], logger: logger))
    let serving = Task {
        defer { sink.finish() }
        try await group.run()
    }
    for await _ in running { break }
    let result: Swift.Result<Result, any Error>
    do { result = .success(try await body(LocalClient(socket))) } catch { result = .failure(error) }
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
