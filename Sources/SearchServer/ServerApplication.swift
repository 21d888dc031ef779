package import Catalog
package import Hummingbird
package import Indexer
package import Logging

/// The address of a server.
package struct ServerConfiguration: Sendable {
    /// The address or host name to listen on.
    package var host: String
    /// The port to listen on; 0 for any free port.
    package var port: Int

    /// Creates a configuration; by default the server is only reachable from its own machine.
    package init(host: String = "127.0.0.1", port: Int = 8080) {
        self.host = host
        self.port = port
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

/// Creates the HTTP application: the routes of the API and of the search page, with security headers and problem
/// documents. It serves nothing until it runs, and it does not close the store.
///
/// Catalogs are read on `threads`. `whenRunning` is called once with the port, when the server accepts requests.
///
/// ```swift
/// let store = makeStore(DataFolder("quire-data"), timeout: .seconds(5), logger: logger)
/// let server = makeServer(.init(port: 8080), store, logger: logger)
/// try await server.runService()   // until SIGTERM or SIGINT
/// try store.close()
/// ```
package func makeServer(
    _ configuration: ServerConfiguration, _ store: CatalogStore, threads: SearchThreads = SearchThreads(),
    logger: Logger, whenRunning: @escaping @Sendable (Int) async -> Void = { _ in }
) -> some ApplicationProtocol {
    let router = Router(options: .autoGenerateHeadEndpoints)
    router.addMiddleware {
        SecurityHeaders()
        ProblemMiddleware()
    }
    addHealthRoutes(to: router)
    addPageRoutes(to: router)
    addCatalogRoutes(to: router, store, threads)
    addDocumentReadingRoutes(to: router, store, threads)
    addDocumentRoutes(to: router, store)
    return Application(
        router: router,
        configuration: .init(address: .hostname(configuration.host, port: configuration.port), serverName: "quire"),
        onServerRunning: { channel in await whenRunning(channel.localAddress?.port ?? configuration.port) },
        logger: logger)
}
