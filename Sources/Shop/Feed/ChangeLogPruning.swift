import Logging
import ServiceLifecycle

/// The task that removes changes that all targets have, every minute and in small steps, because others wait for the
/// database meanwhile.
///
/// The cache of pages is not waited for: it forgets all pages when it has fallen behind.
struct ChangeLogPruning: Service {
    private static let step = 5000

    let store: Store
    let readers: [String]
    let logger: Logger

    func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                let readers = readers
                while try await store.write({ try $0.pruneChanges(readers, limit: Self.step) }) > 0 {}
            } catch {
                logger.error("old changes were not removed", metadata: ["error": "\(error)"])
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(60)) }
        }
    }
}
