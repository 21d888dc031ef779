import Logging
import ServiceLifecycle

/// A service that repeats a step until a graceful shutdown. After failures the pauses double, up to a longest one; the
/// first of a row is logged.
struct RepeatedTask: Service {
    let pause: Duration
    var longestPause: Duration?
    /// The log's message after a failure.
    let trouble: Logger.Message
    let logger: Logger
    let step: @Sendable () async throws -> Void

    func run() async throws {
        var current = pause
        var isFailing = false
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                try await step()
                (current, isFailing) = (pause, false)
            } catch is CancellationError where Task.isCancelled || Task.isShuttingDownGracefully {
                return
            } catch {
                if !isFailing { logger.error(trouble, metadata: ["error": "\(error)"]) }
                (current, isFailing) = (longerPause(than: current), true)
            }
            try? await cancelWhenGracefulShutdown { [current] in try await Task.sleep(for: current) }
        }
    }

    /// The pause after one more failure. Processes that failed together do not come back together.
    func longerPause(than current: Duration) -> Duration {
        min(current * 2 * Double.random(in: 1...1.25), longestPause ?? pause)
    }
}
