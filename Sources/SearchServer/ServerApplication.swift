package import Catalog
package import Hummingbird
import HummingbirdCore
package import Indexer
package import Logging

/// The address of a server, and the limits of its clients.
package struct ServerConfiguration: Sendable {
    /// The routes of a server.
    package enum Part: Sendable {
        /// All routes.
        case whole
        /// The routes for shoppers and for what feeds a catalog: without those of people who tune and operate it.
        case open
    }

    /// The address or host name to listen on.
    package var host: String
    /// The port to listen on; 0 for any free port.
    package var port: Int
    /// The choices that can change while it runs.
    package var policy: CurrentPolicy
    /// The limits of its clients.
    package var limits: ServerLimits
    /// The bytes of the replies that are kept for requests that come again; 0 for none.
    package var replyCacheBytes: Int
    /// True if searches and the documents that they find need no key.
    package var opensReading: Bool
    /// The proxies that are believed who their client is.
    package var proxies = TrustedProxies.thisMachine
    /// The certificate of connections, which are encrypted then; nil for plain ones.
    package var identity: TLSIdentity?
    /// The routes that it has.
    package var part = Part.whole
    /// True if pages of other sites may read its replies, those of the policy's sites.
    package var admitsPages = true

    /// The default of `replyCacheBytes`: the replies to some 5,000 searches with facets, or 20,000 suggestions.
    package static let defaultReplyCacheBytes = 32 << 20

    /// Creates a configuration; by default the server is only reachable from its own machine, by its own names.
    package init(
        host: String = "127.0.0.1", port: Int = 8080, policy: CurrentPolicy? = nil,
        limits: ServerLimits = ServerLimits(), replyCacheBytes: Int = defaultReplyCacheBytes,
        opensReading: Bool = true
    ) {
        self.opensReading = opensReading
        self.replyCacheBytes = replyCacheBytes
        self.host = host
        self.port = port
        self.policy = policy ?? CurrentPolicy(ServerPolicy(hosts: [host]))
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
/// called once with the port, when the server accepts requests. Searches are recorded by `recorder`, and requests are
/// measured by `metrics`, or else by metrics of its own.
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
    metrics: ServerMetrics? = nil, logger: Logger, whenRunning: @escaping @Sendable (Int) async -> Void = { _ in }
) -> some ApplicationProtocol {
    let cache = cache ?? ReplyCache(maxBytes: configuration.replyCacheBytes)
    let replies = CatalogReplies(store: store, threads: threads, cache: cache, recorder: recorder)
    let registry = connections ?? ConnectionRegistry(maxConnections: .max, logger: logger)
    let metrics =
        metrics
        ?? ServerMetrics(store, threads: threads, cache: cache, connections: registry, demand: recorder?.log)
    let authorization = Authorization(keys: AccessKeys(store.folder), opensReading: configuration.opensReading)
    return Application(
        router: makeRouter(replies, authorization, metrics, configuration),
        server: HTTPServerBuilder {
            QuireChannel($0, registry, configuration.policy, configuration.limits, identity: configuration.identity)
        },
        configuration: .init(address: .hostname(configuration.host, port: configuration.port), serverName: "quire"),
        onServerRunning: { channel in
            try? await AcceptGuard.protect(channel, logger: logger)
            await whenRunning(channel.localAddress?.port ?? configuration.port)
        },
        logger: logger)
}

/// Creates the server of metrics, for those who watch `makeServer`'s: `/metrics` without a key,
/// `/healthz` and `/readyz`. It is
/// meant for an address that clients cannot reach.
///
/// `whenRunning` is called once with the port, when it accepts requests.
package func makeMetricsServer(
    _ configuration: ServerConfiguration, _ metrics: ServerMetrics, logger: Logger,
    whenRunning: @escaping @Sendable (Int) async -> Void = { _ in }
) -> some ApplicationProtocol {
    let registry = ConnectionRegistry(maxConnections: 64, logger: logger)
    let limiter = RateLimiter<BasicRequestContext>(
        policy: configuration.policy, keys: nil, proxies: configuration.proxies)
    let router = makeRouter(metrics, limiter, origins: nil) { router in
        addHealthRoutes(to: router, metrics.connections)
        addMetricsRoutes(to: router, metrics, Authorization(keys: nil))
    }
    return Application(
        router: router,
        server: HTTPServerBuilder { QuireChannel($0, registry, configuration.policy, configuration.limits) },
        configuration: .init(address: .hostname(configuration.host, port: configuration.port), serverName: "quire"),
        onServerRunning: { await whenRunning($0.localAddress?.port ?? configuration.port) },
        logger: logger)
}

/// Returns the routes of a server of catalogs.
func makeRouter(
    _ replies: CatalogReplies, _ authorization: Authorization, _ metrics: ServerMetrics,
    _ configuration: ServerConfiguration = ServerConfiguration()
) -> Router<BasicRequestContext> {
    let limiter = RateLimiter<BasicRequestContext>(
        policy: configuration.policy, keys: authorization.keys, proxies: configuration.proxies)
    let origins = configuration.admitsPages ? configuration.policy : nil
    return makeRouter(metrics, limiter, origins: origins) { router in
        let isWhole = configuration.part == .whole
        addHealthRoutes(to: router, metrics.connections)
        addPageRoutes(to: router, withTuning: isWhole)
        addCatalogRoutes(to: router, replies, authorization)
        addDocumentReadingRoutes(to: router, replies, authorization)
        let writing = router.group().add(middleware: OffEventLoop())
        addPostedSearchRoutes(to: writing, replies, authorization)
        addDocumentRoutes(to: writing, replies.store, authorization)
        addEventRoutes(to: writing, replies.store, replies.recorder, authorization)
        guard isWhole else { return }
        addMetricsRoutes(to: router, metrics, authorization)
        addExportRoutes(to: router, replies, authorization)
        addCatalogCreationRoutes(to: writing, replies, authorization)
        addRebuildRoutes(to: writing, replies.store, authorization)
        addTuningRoutes(to: writing, replies, authorization)
        addReportRoutes(to: writing, replies.store, replies.recorder, authorization)
    }
}

/// Returns the routes that `addRoutes` adds, measured and limited, with security headers and problem documents, and
/// with permissions for pages of the sites of a policy.
private func makeRouter(
    _ metrics: ServerMetrics, _ limiter: RateLimiter<BasicRequestContext>, origins policy: CurrentPolicy?,
    _ addRoutes: (Router<BasicRequestContext>) -> Void
) -> Router<BasicRequestContext> {
    // The first router only tells the second which paths there are.
    let paths = Router()
    addRoutes(paths)
    let router = Router(options: .autoGenerateHeadEndpoints)
    let table = RouteTable(paths)
    router.addMiddleware {
        RequestTimer(paths, metrics)
        SecurityHeaders()
        CrossOrigin(policy: policy, table: table)
        ProblemMiddleware(table: table)
        limiter
    }
    addRoutes(router)
    return router
}
