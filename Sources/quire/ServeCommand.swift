import ArgumentParser
import Catalog
import Hummingbird
import Indexer
import Kernels
import Logging
import SearchServer

/// `quire serve`: serves the HTTP API and the search page until SIGINT or SIGTERM.
///
/// It writes the line `serving … at http://…/` to standard error as soon as it accepts requests. At the end it commits
/// the acknowledged changes; a second signal ends it without waiting for requests. Exit codes: 66 without a data
/// folder, 74 if the address cannot be used or the last commit fails.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve the catalogs over HTTP, with a search page at /.",
        discussion: """
            New commits of `quire index` are picked up within a quarter of a second. Whoever has a key \
            (`quire keys add NAME --role write`) may change documents; from the first change on this server is the one \
            process that writes the catalog. Stops at Ctrl-C or SIGTERM, when running requests have ended; at once at \
            a second one.
            """)

    @Option(name: .shortAndLong, help: "The folder that holds the catalogs.")
    var data = "quire-data"

    @Option(help: "Address to listen on.")
    var host = "127.0.0.1"

    @Option(name: .shortAndLong, help: "Port to listen on; 0 for any free one.")
    var port = 8080

    @Option(help: "Seconds after which changes over HTTP are committed, so that other processes see them.")
    var commitAfter = 5.0

    @Option(help: "Seconds a search may take, unless it asks for another time; then it answers with what it has.")
    var searchTimeout = 5.0

    @OptionGroup var serving: ServingOptions

    func validate() throws {
        guard (0.01...3600).contains(commitAfter) else {
            throw ValidationError("--commit-after must be from 0.01 to 3600.")
        }
        guard (0.001...60).contains(searchTimeout) else {
            throw ValidationError("--search-timeout must be from 0.001 to 60.")
        }
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be from 0 to 65535.") }
    }

    /// Recovers the changes that a crash left in the logs. If that is impossible for a catalog, searches work without
    /// them, and the returned task tries again; nil if everything was recovered.
    private static func recover(_ store: CatalogStore, _ logger: Logger) throws -> Task<Void, Never>? {
        let failures = try store.recover()
        for (name, error) in failures.sorted(by: { $0.key < $1.key }) {
            Terminal.printStatus(
                "quire: \(error); acknowledged changes of \(name) that were not committed are recovered as soon as that"
                    + " is possible; until then searches work without them")
        }
        return failures.isEmpty ? nil : Task { await recoverLater(store, logger: logger) }
    }

    func run() async throws {
        ProcessMemory.returnLargeBlocks()
        serving.ignoreHangUp()
        let folder = DataFolder(data)
        guard try folder.exists() else {
            Terminal.printStatus(
                "quire: there is no folder \(data); create a catalog in it with `quire index`, or use another --data")
            throw ExitCode(66)
        }
        try folder.clean()
        let catalogs = try folder.catalogs()
        var logger = Logger(label: "quire")
        logger.logLevel = .notice
        var writing = LiveOptions()
        writing.commitAfter = .milliseconds(Int(commitAfter * 1000))
        let store = makeStore(
            folder, writing: writing, timeout: .milliseconds(Int(searchTimeout * 1000)), logger: logger)
        try store.openAll()
        let log = try serving.openRequestLog()
        let recovery = try Self.recover(store, logger)
        let sweeping = Task { await closeIdleWriters(store) }
        defer {
            log?.close()
            recovery?.cancel()
            sweeping.cancel()
        }
        let host = host
        let limits = serving.limits
        let connections = makeConnections(limits, catalogs: catalogs.count, logger: logger)
        let configuration = ServerConfiguration(
            host: host, port: port, allowedHosts: serving.allowedHost, limits: limits,
            opensReading: serving.opensReading(host))
        let recorder = serving.recorder(folder, logger)
        defer { recorder?.log.close() }
        let (threads, cache) = (SearchThreads(), ReplyCache(maxBytes: serving.replyCache << 20))
        let metrics = ServerMetrics(
            store, threads: threads, cache: cache, connections: connections, demand: recorder?.log, log: log)
        let local = LocalServing(store, threads, recorder, metrics, logger)
        let server = makeServer(
            configuration, store, threads: threads, cache: cache, connections: connections, recorder: recorder,
            metrics: metrics, logger: logger
        ) { port in
            if !ServingOptions.isLocal(host) { Terminal.printStatus(serving.warning(host)) }
            let address = ServingOptions.inAddress(host)
            let names = catalogs.isEmpty ? "no catalog yet" : catalogs.joined(separator: ", ")
            Terminal.printStatus("serving \(names) at http://\(address):\(port)/")
        }
        do {
            try await SearchServer.run(
                server, beside: [local, serving.metricsServer(metrics, logger)], connections,
                drainTime: limits.drainTime, logger: logger, onHangUp: log?.reopen)
            ServingOptions.restoreSignals()
        } catch {
            let hint = "another program may use a port; choose another --port, --host or --metrics-address"
            try? store.close()
            Terminal.printStatus("quire: cannot serve at \(host):\(port): \(error); \(hint)")
            throw ExitCode(74)
        }
        try Self.close(store)
    }

    /// Commits the acknowledged changes.
    private static func close(_ store: CatalogStore) throws {
        do {
            try store.close()
        } catch {
            Terminal.printStatus("quire: the last changes are in the log but not committed: \(error)")
            throw ExitCode(74)
        }
    }
}
