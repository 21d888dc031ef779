import Logging
import ServiceLifecycle

/// The task that cancels orders that were not paid in time, and so returns their goods to the stock.
struct OrderTimeouts: Service {
    let orders: OrderService
    let logger: Logger

    func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                while try await orders.cancelExpired() > 0 {}
            } catch {
                logger.error("unpaid orders were not canceled", metadata: ["error": "\(error)"])
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(1)) }
        }
    }
}
