public import Catalog
public import Logging
import NIOPosix

/// Brings back what a crash left in the logs of catalogs, again and again until the disk lets it. Ends when all of it
/// is back, or the task is cancelled. Searches see the last commit meanwhile.
public func recoverLater(_ store: CatalogStore, every interval: Duration = .seconds(5), logger: Logger) async {
    var told: [String: CatalogError] = [:]
    while true {
        do {
            try await Task.sleep(for: interval)
            let failures = try await NIOThreadPool.singleton.runIfActive { try store.recover() }
            for (name, error) in failures where told[name] != error {
                logger.error(
                    "acknowledged changes are not back yet", metadata: ["catalog": "\(name)", "error": "\(error)"])
            }
            told = failures
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
