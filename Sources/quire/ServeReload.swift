import FoundationEssentials
import Logging
import SearchServer

/// The work of a running server at SIGHUP: it opens its log of requests again, reads its certificate again, and takes
/// over those options of its configuration that can change.
struct ServeReload: Sendable {
    private let given: [String]
    private let known: [String: [String]]
    private let policy: CurrentPolicy
    /// The hosts at which the server listens, which it cannot change.
    private let hosts: [String]
    private let identity: TLSIdentity?
    private let log: RequestLog?
    private let logger: Logger

    /// Creates the work of a server that was started with the arguments `given`, besides those of its configuration.
    init(
        _ given: [String], _ policy: CurrentPolicy, hosts: [String], _ identity: TLSIdentity?, _ log: RequestLog?,
        _ logger: Logger
    ) {
        self.given = given
        known = (try? Self.values(given)) ?? [:]
        self.policy = policy
        self.hosts = hosts
        self.identity = identity
        self.log = log
        self.logger = logger
    }

    private static func values(_ given: [String]) throws -> [String: [String]] {
        try ServeConfiguration.values(
            file: ServeConfiguration.file(given), environment: ProcessInfo.processInfo.environment)
    }

    /// Does it. What cannot be read is reported, and stays as it was.
    func run() {
        log?.reopen()
        do { try identity?.reload() } catch {
            logger.error("the certificate was not read again", metadata: ["error": "\(error)"])
        }
        do {
            let fresh = try ServeCommand.parse(try ServeConfiguration.arguments(given))
            policy.replace(by: fresh.serving.policy(hosts))
            let values = try Self.values(given)
            let others = ServeConfiguration.options.map(\.key).filter {
                values[$0] != known[$0] && !ServeConfiguration.reloadable.contains($0)
            }
            if !others.isEmpty {
                logger.warning(
                    "some options take effect when the server is started again",
                    metadata: ["options": "\(others.joined(separator: ", "))"])
            }
            logger.notice("the configuration was read again")
        } catch {
            logger.error(
                "the configuration was not read again",
                metadata: ["error": "\(ServeCommand.fullMessage(for: error))"])
        }
    }
}
