import Logging
import ServiceLifecycle

/// The task that starts the shop's own Redis again when it has ended without being asked to.
struct RedisWatch: Service {
    let server: RedisServer
    let logger: Logger

    func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                try await server.startIfNeeded()
            } catch {
                logger.error("redis does not run", metadata: ["error": "\(error)"])
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(1)) }
        }
    }
}
