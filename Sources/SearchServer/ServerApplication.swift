package import Catalog
package import Hummingbird
import HummingbirdCore
package import Indexer
package import Logging

/// The address of a server, and the limits of its clients.
package struct ServerConfiguration: Sendable {
    /// The address or host name to listen on.
    package var host: String
    /// The port to listen on; 0 for any free port.
    package var port: Int
    /// The names by which clients may address the server, besides `host`, `localhost` and addresses in digits; `*`
    /// allows all.
    package var allowedHosts: [String]
    /// The limits of its clients.
    package var limits: ServerLimits
    /// The bytes of the replies that are kept for requests that come again; 0 for none.
    package var replyCacheBytes: Int

    /// The default of `replyCacheBytes`: the replies to some 5,000 searches with facets, or 20,000 suggestions.
    package static let defaultReplyCacheBytes = 32 << 20

    /// Creates a configuration; by default the server is only reachable from its own machine.
    package init(
        host: String = "127.0.0.1", port: Int = 8080, allowedHosts: [String] = [],
        limits: ServerLimits = ServerLimits(), replyCacheBytes: Int = defaultReplyCacheBytes
    ) {
        self.replyCacheBytes = replyCacheBytes
        self.host = host
        self.port = port
        self.allowedHosts = allowedHosts
        self.limits = limits
    }
}

/// Creates the store of a server's catalogs, which logs its failures and events. `close` it after the server has ended.
///
/// A search may take `timeout` at most, or the timeout of its request if that is shorter; then its reply is partial.
package func makeStore(
    _ data: DataFolder, writing options: LiveOptions = LiveOptions(), timeout: Duration? = nil, logger: Logger
) -> CatalogStore {
    CatalogStore(
        data, writing: options, timeout: timeout,
        onFailure: { name, error in
            logger.error("a new commit cannot be opened", metadata: ["catalog": "\(name)", "error": "\(error)"])
        },
        onEvent: { name, event in
            logger.log(level: event.isProblem ? .error : .notice, "\(event)", metadata: ["catalog": "\(name)"])
        })
}

/// Raises the process's limit of descriptors, and creates the registry of a server's connections. Their number is that
/// of the limits, or fewer if the process cannot have so many descriptors beside its files.
package func makeConnections(_ limits: ServerLimits, catalogs: Int, logger: Logger) -> ConnectionRegistry {
    let possible = DescriptorLimit.connections(descriptors: DescriptorLimit.raise(), catalogs: catalogs)
    return ConnectionRegistry(maxConnections: min(limits.maxConnections ?? possible, possible), logger: logger)
}

/// Creates the HTTP application: the routes of the API and of the search page, with security headers and problem
/// documents. It serves nothing until it runs, and it does not close the store.
///
/// Catalogs are read on `threads`, and replies are kept in `cache`, or else in one of the configuration's size.
/// `connections` limits its connections; without it there is no limit. `whenRunning` is
/// called once with the port, when the server accepts requests. Searches are recorded by `recorder`.
///
/// ```swift
/// let store = makeStore(DataFolder("quire-data"), timeout: .seconds(5), logger: logger)
/// let connections = makeConnections(ServerLimits(), catalogs: 1, logger: logger)
/// let server = makeServer(.init(port: 8080), store, connections: connections, logger: logger)
/// try await run(server, connections, drainTime: .seconds(10), logger: logger)   // until SIGTERM or SIGINT
/// try store.close()
/// ```
package func makeServer(
    _ configuration: ServerConfiguration, _ store: CatalogStore, threads: SearchThreads = SearchThreads(),
    cache: ReplyCache? = nil, connections: ConnectionRegistry? = nil, recorder: DemandRecorder? = nil,
    logger: Logger, whenRunning: @escaping @Sendable (Int) async -> Void = { _ in }
) -> some ApplicationProtocol {
    let replies = CatalogReplies(
        store: store, threads: threads, cache: cache ?? ReplyCache(maxBytes: configuration.replyCacheBytes),
        recorder: recorder)
    let registry = connections ?? ConnectionRegistry(maxConnections: .max, logger: logger)
    let hosts = AllowedHosts([configuration.host] + configuration.allowedHosts)
    return Application(
        router: makeRouter(replies, AdminAuthorization(keys: AdminKeys(store.folder))),
        server: HTTPServerBuilder { QuireChannel($0, registry, hosts: hosts, configuration.limits) },
        configuration: .init(address: .hostname(configuration.host, port: configuration.port), serverName: "quire"),
        onServerRunning: { channel in
            try? await AcceptGuard.protect(channel, logger: logger)
            await whenRunning(channel.localAddress?.port ?? configuration.port)
        },
        logger: logger)
}

/// Returns the routes of a server, with security headers and problem documents.
func makeRouter(_ replies: CatalogReplies, _ authorization: AdminAuthorization) -> Router<BasicRequestContext> {
    // The first router only tells the second which paths there are.
    let paths = Router()
    addRoutes(to: paths, replies, authorization)
    let router = Router(options: .autoGenerateHeadEndpoints)
    router.addMiddleware {
        SecurityHeaders()
        ProblemMiddleware(table: RouteTable(paths))
    }
    addRoutes(to: router, replies, authorization)
    return router
}

/// Adds all routes of a server.
private func addRoutes(
    to router: Router<BasicRequestContext>, _ replies: CatalogReplies, _ authorization: AdminAuthorization
) {
    addHealthRoutes(to: router)
    addPageRoutes(to: router)
    addCatalogRoutes(to: router, replies)
    addDocumentReadingRoutes(to: router, replies)
    addExportRoutes(to: router, replies, authorization)
    let writing = router.group().add(middleware: OffEventLoop())
    addDocumentRoutes(to: writing, replies.store, authorization)
    addCatalogCreationRoutes(to: writing, replies, authorization)
    addRebuildRoutes(to: writing, replies.store, authorization)
    addTuningRoutes(to: writing, replies, authorization)
    addDemandRoutes(to: writing, replies.store, replies.recorder, authorization)
}
