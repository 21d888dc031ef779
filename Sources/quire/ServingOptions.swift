import ArgumentParser
import Catalog
import Glibc
import Hummingbird
import Logging
import SearchServer

/// The options of `quire serve` that limit clients, and what it keeps for them.
struct ServingOptions: ParsableArguments {
    @Option(
        help: """
            A name by which clients may address the server, besides --host, localhost and addresses in digits; \
            repeatable. '*' allows all.
            """)
    var allowedHost: [String] = []

    @Option(
        help: """
            A site whose pages may read replies in a browser, such as https://shop.example; repeatable. It is the \
            whole origin, as browsers spell it.
            """)
    var corsOrigin: [String] = []

    @Option(
        help: """
            Address and port, such as 127.0.0.1:8081, for people who tune and operate the server: the pages and calls \
            for them, and /metrics, are there, and not at --host any more. They need keys all the same.
            """)
    var adminAddress: String?

    @Option(help: "File of the certificate in PEM, with its chain: connections are encrypted. Needs --tls-key.")
    var tlsCertificate: String?

    @Option(help: "File of the private key of --tls-certificate, in PEM.")
    var tlsKey: String?

    @Option(help: "Requests a second that a client without a key of its own may send on average; no limit by default.")
    var clientRate: Double?

    @Option(help: "Requests that such a client may send at once. By default those of two seconds.")
    var clientBurst: Int?

    @Option(help: "Requests a second that may be sent with each key on average; no limit by default.")
    var keyRate: Double?

    @Option(help: "Requests that may be sent with a key at once. By default those of two seconds.")
    var keyBurst: Int?

    @Option(help: "Most connections at a time. By default as many as the limit of open files permits.")
    var maxConnections: Int?

    @Option(help: "Seconds that running requests may take to end after the first SIGTERM or Ctrl-C.")
    var drainTimeout = 10.0

    @Option(
        help: """
            Megabytes of memory for writing, in all catalogs together: a quarter for segments in memory, an eighth for \
            changes that wait; the rest is left for merges.
            """)
    var memory = 256

    @Option(help: "Megabytes of replies that are kept for requests that come again; 0 for none.")
    var replyCache = ServerConfiguration.defaultReplyCacheBytes >> 20

    @Option(help: "Days for which searches and what follows from them are logged, for reports; 0 to log nothing.")
    var keepQueries = 30

    @Option(
        help: """
            The address of a proxy whose X-Forwarded-For is believed, in counting and limiting clients; repeatable. \
            This machine is always one.
            """)
    var trustedProxy: [String] = []

    @Option(help: "Address and port, such as 127.0.0.1:9090, at which /metrics is served without a key.")
    var metricsAddress: String?

    @Flag(help: "Searches need a key with the role search even at addresses that only this machine can reach.")
    var requireKeys = false

    @Flag(help: "Searches need no key although other machines can reach the server.")
    var allowOpenRead = false

    @Option(help: "File to which a line of JSON is appended for each request; - for standard output.")
    var requestLog: String?

    @Option(help: "Milliseconds from which on requests are logged; those that fail by a fault of the server always.")
    var logSlower = 0.0

    func validate() throws {
        guard (0...3_600_000).contains(logSlower) else {
            throw ValidationError("--log-slower must be from 0 to 3600000.")
        }
        guard !requireKeys || !allowOpenRead else {
            throw ValidationError("--require-keys and --allow-open-read exclude each other.")
        }
        for (name, text) in [("--metrics-address", metricsAddress), ("--admin-address", adminAddress)] {
            guard text == nil || Self.address(text) != nil else {
                throw ValidationError("\(name) must be an address and a port, such as 127.0.0.1:9090.")
            }
        }
        guard AllowedOrigins(corsOrigin) != nil else {
            throw ValidationError(
                "--cors-origin must be an origin as browsers spell it, such as https://shop.example, without a path.")
        }
        guard (tlsCertificate == nil) == (tlsKey == nil) else {
            throw ValidationError("--tls-certificate and --tls-key need each other.")
        }
        for (name, rate, burst) in [("client", clientRate, clientBurst), ("key", keyRate, keyBurst)] {
            guard (0.001...1_000_000).contains(rate ?? 1) else {
                throw ValidationError("--\(name)-rate must be from 0.001 to 1000000 requests a second.")
            }
            guard (1...1_000_000).contains(burst ?? 1) else {
                throw ValidationError("--\(name)-burst must be from 1 to 1000000 requests.")
            }
            guard rate != nil || burst == nil else {
                throw ValidationError("--\(name)-burst needs --\(name)-rate.")
            }
        }
        guard (0...3650).contains(keepQueries) else { throw ValidationError("--keep-queries must be from 0 to 3650.") }
        guard TrustedProxies(trustedProxy) != nil else {
            throw ValidationError("--trusted-proxy must be an address in digits, such as 192.0.2.7.")
        }
        guard (64...65_536).contains(memory) else { throw ValidationError("--memory must be from 64 to 65536.") }
        guard (0...65_536).contains(replyCache) else {
            throw ValidationError("--reply-cache must be from 0 to 65536.")
        }
        guard (0...3600).contains(drainTimeout) else {
            throw ValidationError("--drain-timeout must be from 0 to 3600.")
        }
        guard maxConnections ?? 1 > 0 else { throw ValidationError("--max-connections must be at least 1.") }
    }

    /// The limits of the server.
    var limits: ServerLimits {
        var limits = ServerLimits()
        limits.maxConnections = maxConnections
        limits.drainTime = .milliseconds(Int(drainTimeout * 1000))
        return limits
    }

    /// The hosts at which the process listens, with `host` as the first.
    func listeners(_ host: String) -> [String] {
        [host, Self.address(adminAddress)?.host, Self.address(metricsAddress)?.host].compactMap(\.self)
    }

    /// The policy of the servers at some hosts.
    func policy(_ hosts: [String]) -> ServerPolicy {
        var rates = RequestRates()
        rates.perClient = clientRate.map { RequestRate(perSecond: $0, burst: clientBurst) }
        rates.perKey = keyRate.map { RequestRate(perSecond: $0, burst: keyBurst) }
        return ServerPolicy(
            hosts: hosts + allowedHost, origins: AllowedOrigins(corsOrigin) ?? .none, rates: rates)
    }

    /// Reads the certificate; nil if none was given. Exit code 74 if that is impossible.
    func identity() throws -> TLSIdentity? {
        guard let tlsCertificate, let tlsKey else { return nil }
        do {
            return try TLSIdentity(certificate: tlsCertificate, key: tlsKey)
        } catch {
            Terminal.printStatus("quire: \(error)")
            throw ExitCode(74)
        }
    }

    /// The two parts of an address with a port; nil if it is none. Addresses of IPv6 stand in brackets.
    private static func address(_ text: String?) -> (host: String, port: Int)? {
        guard let text, let colon = text.lastIndex(of: ":") else { return nil }
        var host = text[..<colon]
        guard let port = Int(text[text.index(after: colon)...]), (0...65_535).contains(port) else { return nil }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        return host.isEmpty ? nil : (String(host), port)
    }

    /// The address of the server for people who tune and operate it; nil if it has none of its own.
    var admin: (host: String, port: Int)? { Self.address(adminAddress) }

    /// The server of metrics; nil if none was asked for.
    func metricsServer(
        _ metrics: ServerMetrics, _ policy: CurrentPolicy, _ logger: Logger
    ) -> (any ApplicationProtocol)? {
        guard let (host, port) = Self.address(metricsAddress) else { return nil }
        let configuration = ServerConfiguration(host: host, port: port, policy: policy)
        return makeMetricsServer(configuration, metrics, logger: logger) { port in
            if !Self.isLocal(host) {
                Terminal.printStatus("quire: whoever reaches \(host) can read the metrics, which name the catalogs")
            }
            Terminal.printStatus("metrics at http://\(Self.inAddress(host)):\(port)/metrics")
        }
    }

    /// A host as it stands in an address: those of IPv6 in brackets.
    static func inAddress(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }

    /// True if there is something to read or to open again at SIGHUP, besides a file of the configuration.
    var canReload: Bool { requestLog != nil || tlsCertificate != nil }

    /// Opens the log of requests; nil if none was asked for. Exit code 74 if that is impossible.
    func openRequestLog() throws -> RequestLog? {
        guard let requestLog else { return nil }
        do {
            return try RequestLog(path: requestLog, slowest: .microseconds(Int(logSlower * 1000)))
        } catch {
            Terminal.printStatus(
                "quire: the log of requests \(requestLog) cannot be opened (error \(error.code)); give another file")
            throw ExitCode(74)
        }
    }

    /// The proxies that are believed.
    var proxies: TrustedProxies { TrustedProxies(trustedProxy) ?? .thisMachine }

    /// Opens the log of searches of a data folder. Without it, or when that is impossible, nothing is recorded.
    func recorder(_ folder: DataFolder, _ logger: Logger) -> DemandRecorder? {
        guard keepQueries > 0 else { return nil }
        var options = DemandLog.Options()
        options.keptDays = keepQueries
        do {
            let log = try DemandLog(DemandFolder(folder.path), options) { error in
                logger.error("the log of searches cannot be written", metadata: ["error": "\(error)"])
            }
            return DemandRecorder(log, proxies)
        } catch {
            logger.error("searches are not logged", metadata: ["error": "\(error)"])
            return nil
        }
    }

    /// True if only programs on this machine can reach an address.
    static func isLocal(_ host: String) -> Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }

    /// True if searches at an address need no key: those of this machine alone, if nothing else was asked for.
    func opensReading(_ host: String) -> Bool { allowOpenRead || Self.isLocal(host) && !requireKeys }

    /// The warning of a server that other machines can reach; nil if its connections are encrypted, and need keys.
    func warning(_ host: String) -> String? {
        if Self.isLocal(host) || tlsCertificate != nil && !allowOpenRead { return nil }
        let dangers =
            (allowOpenRead ? ["can read all catalogs"] : []) + (tlsCertificate == nil ? ["sees keys on their way"] : [])
        let remedy =
            tlsCertificate == nil ? "put a proxy with TLS in front or use --tls-certificate, and limit" : "limit"
        return
            "quire: warning: whoever can reach \(host) \(dangers.joined(separator: ", and ")); \(remedy) who can reach "
            + "it"
    }

    /// Gives SIGTERM and SIGINT back their effect, to end the process at once: the last commit may wait for a disk.
    static func restoreSignals() {
        signal(SIGTERM, SIG_DFL)
        signal(SIGINT, SIG_DFL)
    }
}
