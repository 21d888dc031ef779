import ArgumentParser
import Catalog
import Glibc
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

            Every option but --config may also stand in the file that --config or QUIRE_CONFIG names, by its name \
            such as "replyCache", or in the environment, such as QUIRE_REPLY_CACHE; lists are separated by commas \
            there. The command line stands above the environment, the environment above the file. At SIGHUP the \
            server opens its log of requests again, reads its certificate again, and takes over --allowed-host, \
            --cors-origin and the rates.
            """)

    @Option(help: "File of JSON with options.")
    var config: String?

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
        let given = Array(CommandLine.arguments.dropFirst(2))
        let canReload = serving.canReload || ServeConfiguration.file(given) != nil
        // Until the server handles it there is nothing to read again.
        if canReload { signal(SIGHUP, SIG_IGN) }
        for name in ServeConfiguration.unknownVariables() {
            Terminal.printStatus("quire: warning: there is no option with the variable \(name)")
        }
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
        let identity = try serving.identity()
        let store = makeStore(
            folder, writing: writing, timeout: .milliseconds(Int(searchTimeout * 1000)), logger: logger)
        try store.openAll()
        let log = try serving.openRequestLog()
        let recovery = try Self.recover(store, logger)
        let sweeping = Task { await closeIdleWriters(store) }
        let recorder = serving.recorder(folder, logger)
        defer {
            log?.close()
            recovery?.cancel()
            sweeping.cancel()
            recorder?.log.close()
        }
        let hosts = serving.listeners(host)
        let policy = CurrentPolicy(serving.policy(hosts))
        let reload = ServeReload(given, policy, hosts: hosts, identity, log, logger)
        let onHangUp: (@Sendable () -> Void)? = canReload ? { @Sendable in reload.run() } : nil
        let servers = ServeServers(self, store, policy, identity, recorder, log, logger)
        do {
            try await SearchServer.run(
                servers.main(catalogs), beside: [servers.local, servers.metricsServer, servers.admin],
                servers.connections, drainTime: serving.limits.drainTime, logger: logger, onHangUp: onHangUp)
            ServingOptions.restoreSignals()
        } catch {
            let hint =
                "another program may use a port; choose another --port, --host, --admin-address or --metrics-address"
            try? store.close()
            Terminal.printStatus("quire: cannot serve at \(host):\(port): \(error); \(hint)")
            throw ExitCode(74)
        }
        try Self.close(store)
    }

    /// The options of writing.
    private var writing: LiveOptions {
        var writing = LiveOptions()
        writing.commitAfter = .milliseconds(Int(commitAfter * 1000))
        writing.resources = WriteResources(memory: serving.memory << 20)
        return writing
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
