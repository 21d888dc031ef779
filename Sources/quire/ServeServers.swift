import Catalog
import Hummingbird
import Kernels
import Logging
import SearchServer

/// The servers of `quire serve`: that of the catalogs, and beside it those for people who operate it, for those who
/// watch it, and for the commands of `quire`. They share their threads, their connections and their metrics.
struct ServeServers {
    /// The registry of the connections of clients.
    let connections: ConnectionRegistry
    /// The server for the commands of `quire`.
    let local: LocalServing
    private let command: ServeCommand
    private let store: CatalogStore
    private let policy: CurrentPolicy
    private let identity: TLSIdentity?
    private let recorder: DemandRecorder?
    private let threads = SearchThreads()
    private let cache: ReplyCache
    private let metrics: ServerMetrics
    private let logger: Logger

    /// Creates the servers of a command; none runs yet.
    init(
        _ command: ServeCommand, _ store: CatalogStore, _ policy: CurrentPolicy, _ identity: TLSIdentity?,
        _ recorder: DemandRecorder?, _ log: RequestLog?, _ logger: Logger
    ) {
        self.command = command
        self.store = store
        self.policy = policy
        self.identity = identity
        self.recorder = recorder
        self.logger = logger
        cache = ReplyCache(maxBytes: command.serving.replyCache << 20)
        let catalogs = (try? store.folder.catalogs().count) ?? 0
        connections = makeConnections(command.serving.limits, catalogs: catalogs, logger: logger)
        metrics = ServerMetrics(
            store, threads: threads, cache: cache, connections: connections, demand: recorder?.log, log: log)
        local = LocalServing(store, threads, recorder, metrics, logger)
    }

    private var scheme: String { identity == nil ? "http" : "https" }

    /// The server of catalogs, which says where it is when it runs.
    func main(_ catalogs: [String]) -> any ApplicationProtocol {
        let (host, scheme, warning) = (command.host, scheme, command.serving.warning(command.host))
        return server(host, command.port, command.serving.admin == nil ? .whole : .open) { port in
            if let warning { Terminal.printStatus(warning) }
            let names = catalogs.isEmpty ? "no catalog yet" : catalogs.joined(separator: ", ")
            Terminal.printStatus("serving \(names) at \(scheme)://\(ServingOptions.inAddress(host)):\(port)/")
        }
    }

    /// The server for people who tune and operate it; nil if it has no address of its own.
    var admin: (any ApplicationProtocol)? {
        guard let (host, port) = command.serving.admin else { return nil }
        let (scheme, warning) = (scheme, command.serving.warning(host))
        return server(host, port, .whole, admitsPages: false) { port in
            if let warning { Terminal.printStatus(warning) }
            Terminal.printStatus("tuning at \(scheme)://\(ServingOptions.inAddress(host)):\(port)/tune")
        }
    }

    /// The server of metrics; nil if none was asked for.
    var metricsServer: (any ApplicationProtocol)? { command.serving.metricsServer(metrics, policy, logger) }

    private func server(
        _ host: String, _ port: Int, _ part: ServerConfiguration.Part, admitsPages: Bool = true,
        whenRunning: @escaping @Sendable (Int) -> Void
    ) -> any ApplicationProtocol {
        var configuration = ServerConfiguration(
            host: host, port: port, policy: policy, limits: command.serving.limits,
            opensReading: command.serving.opensReading(host))
        configuration.proxies = command.serving.proxies
        configuration.identity = identity
        configuration.part = part
        configuration.admitsPages = admitsPages
        return makeServer(
            configuration, store, threads: threads, cache: cache, connections: connections, recorder: recorder,
            metrics: metrics, logger: logger, whenRunning: whenRunning)
    }
}
