public import Catalog
public import Hummingbird
public import Logging

/// Where and what a server serves.
public struct ServerConfiguration: Sendable {
    /// Address to listen on.
    public var host: String
    /// Port to listen on; 0 for any free one.
    public var port: Int
    /// Where the catalogs are.
    public var data: DataFolder

    /// A server of a data folder, on loopback unless told otherwise.
    public init(data: DataFolder, host: String = "127.0.0.1", port: Int = 8080) {
        self.data = data
        self.host = host
        self.port = port
    }
}

/// Builds the application: routes, middleware, errors.
///
/// `whenRunning` is called once with the port, when requests are accepted.
public func makeServer(
    _ configuration: ServerConfiguration, logger: Logger,
    whenRunning: @escaping @Sendable (Int) async -> Void = { _ in }
) -> some ApplicationProtocol {
    let store = CatalogStore(configuration.data) { name, error in
        logger.error("a new commit cannot be opened", metadata: ["catalog": "\(name)", "error": "\(error)"])
    }
    let router = Router(options: .autoGenerateHeadEndpoints)
    router.addMiddleware {
        SecurityHeaders()
        ProblemMiddleware()
    }
    addHealthRoutes(to: router)
    addPageRoutes(to: router)
    addCatalogRoutes(to: router, store)
    return Application(
        router: router,
        configuration: .init(
            address: .hostname(configuration.host, port: configuration.port), serverName: "quire"),
        onServerRunning: { channel in await whenRunning(channel.localAddress?.port ?? configuration.port) },
        logger: logger)
}
