public import Catalog
public import Hummingbird
public import Indexer
public import Logging

/// Where and what a server serves.
public struct ServerConfiguration: Sendable {
    /// Address to listen on.
    public var host: String
    /// Port to listen on; 0 for any free one.
    public var port: Int

    /// A server on loopback unless told otherwise.
    public init(host: String = "127.0.0.1", port: Int = 8080) {
        self.host = host
        self.port = port
    }
}

/// The open catalogs of a server. `close` it when the server has ended.
///
/// Searches take at most `timeout`, unless they ask for another; then they answer with what they have.
public func makeStore(
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

/// Builds the application: routes, middleware, errors.
///
/// `whenRunning` is called once with the port, when requests are accepted.
public func makeServer(
    _ configuration: ServerConfiguration, _ store: CatalogStore, logger: Logger,
    whenRunning: @escaping @Sendable (Int) async -> Void = { _ in }
) -> some ApplicationProtocol {
    let router = Router(options: .autoGenerateHeadEndpoints)
    router.addMiddleware {
        SecurityHeaders()
        ProblemMiddleware()
    }
    addHealthRoutes(to: router)
    addPageRoutes(to: router)
    addCatalogRoutes(to: router, store)
    addDocumentRoutes(to: router, store)
    return Application(
        router: router,
        configuration: .init(
            address: .hostname(configuration.host, port: configuration.port), serverName: "quire"),
        onServerRunning: { channel in await whenRunning(channel.localAddress?.port ?? configuration.port) },
        logger: logger)
}
