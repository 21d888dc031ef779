import Glibc
import Logging
import Shop

/// A worker of the queue `test` of the data folder that is its only argument. Each job has an effect on the database,
/// and one attempt of twenty fails, before or after the effect.
///
/// With `flash` as the second argument it is the worker of a shop, which dies at once when a trigger writes to a table
/// with the name `deadly`.
@main struct ShopJobWorker {
    static func main() async throws {
        let configuration = ShopConfiguration(data: CommandLine.arguments[1])
        let logger = Logger(label: "worker", factory: { _ in SwiftLogNoOpLogHandler() })
        let services = try await ShopServices(
            configuration, logger: logger,
            onStatement: { if $0.contains("INTO deadly") { kill(getpid(), SIGKILL) } })
        if CommandLine.arguments.last == "flash" {
            try await Shop.run([.worker], services) { _, _ in }
            return await services.close()
        }
        var settings = JobWorker.Settings()
        settings.pauses = Array(repeating: .milliseconds(20), count: 20)
        settings.abandonedAfter = .milliseconds(1500)
        settings.interval = .milliseconds(100)
        let queue = JobQueue("test", services.redis)
        let handler: JobHandler = { job in
            if Int.random(in: 0..<40) == 0 { throw Failure() }
            let now = services.now()
            // The second row is the effect: its key is new each time, so that only the first one protects it.
            let effect = "effect:\(job.key):\(UInt64.random(in: 0 ... .max))"
            try await services.store.write { transaction in
                guard try transaction.isFirst(job.key, now: now) else { return }
                _ = try transaction.isFirst(effect, now: now)
            }
            if Int.random(in: 0..<40) == 0 { throw Failure() }
        }
        let worker = JobWorker(queue, services.redis, handlers: ["effect": handler], settings: settings, logger: logger)
        try await worker.run()
        await services.close()
    }

    private struct Failure: Error {}
}
