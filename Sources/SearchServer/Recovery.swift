package import Catalog
import Indexer
package import Logging
import NIOPosix

/// Recovers the changes that a crash left in the logs of catalogs, and tries again until that succeeds: first after
/// `interval`, then after twice as long each time, at most `longest`. Returns when all of them are recovered, or when
/// the task is canceled. In the meantime searches see the last commit. Each new error is logged once.
package func recoverLater(
    _ store: CatalogStore, every interval: Duration = .seconds(5), atMost longest: Duration = .seconds(300),
    logger: Logger
) async {
    var reported: [String: CatalogError] = [:]
    var delays = Backoff(from: interval, to: longest)
    while true {
        do {
            try await Task.sleep(for: delays.next())
            let failures = try await NIOThreadPool.singleton.runIfActive { try store.recover() }
            for (name, error) in failures where reported[name] != error {
                logger.error(
                    "acknowledged changes are not back yet", metadata: ["catalog": "\(name)", "error": "\(error)"])
            }
            reported = failures
            if failures.isEmpty {
                logger.notice("all acknowledged changes are back")
                return
            }
        } catch {
            if Task.isCancelled { return }
            logger.error("acknowledged changes are not back yet", metadata: ["error": "\(error)"])
        }
    }
}

/// Closes the writers of a store that nobody uses, every few seconds, until the task is canceled.
package func closeIdleWriters(_ store: CatalogStore, every interval: Duration = .seconds(5)) async {
    while (try? await Task.sleep(for: interval)) != nil {
        try? await NIOThreadPool.singleton.runIfActive { store.closeIdleWriters() }
    }
}
