import ArgumentParser
import Glibc
import SearchServer

/// The options of `quire serve` that limit clients, and what it keeps for them.
struct ServingOptions: ParsableArguments {
    @Option(
        help: """
            A name by which clients may address the server, besides --host, localhost and addresses in digits; \
            repeatable. '*' allows all.
            """)
    var allowedHost: [String] = []

    @Option(help: "Most connections at a time. By default as many as the limit of open files permits.")
    var maxConnections: Int?

    @Option(help: "Seconds that running requests may take to end after the first SIGTERM or Ctrl-C.")
    var drainTimeout = 10.0

    @Option(help: "Megabytes of replies that are kept for requests that come again; 0 for none.")
    var replyCache = ServerConfiguration.defaultReplyCacheBytes >> 20

    func validate() throws {
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

    /// True if only programs on this machine can reach an address.
    static func isLocal(_ host: String) -> Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }

    /// The warning of a server that other machines can reach.
    static func openWarning(_ host: String) -> String {
        "quire: warning: whoever can reach \(host) can read all catalogs, and sees admin keys on their way; put a "
            + "proxy with TLS in front, and limit who can reach it"
    }

    /// Gives SIGTERM and SIGINT back their effect, to end the process at once: the last commit may wait for a disk.
    static func restoreSignals() {
        signal(SIGTERM, SIG_DFL)
        signal(SIGINT, SIG_DFL)
    }
}
