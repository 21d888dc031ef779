package import Logging
import ServiceLifecycle

/// A service that does the jobs of a queue, several at a time, next to any number of others.
///
/// A job that fails is tried again after 1 s, 5 s, 30 s, 2 min and 10 min, each a fifth longer or shorter at random;
/// then it is a dead letter. A job whose worker died is taken over by another.
package struct JobWorker {
    /// The choices of a worker.
    package struct Settings: Sendable {
        /// The number of jobs at a time.
        package var concurrency = 16
        /// The number of loops, each of which takes so many jobs at a time.
        var loops = 1
        /// The pauses before the second and each further attempt; their number is that of the repetitions.
        package var pauses: [Duration] = [.seconds(1), .seconds(5), .seconds(30), .seconds(120), .seconds(600)]
        /// The time after which a job that was neither finished nor given back counts as abandoned. Handlers take less.
        package var abandonedAfter = Duration.seconds(180)
        /// The time between two looks at delayed and abandoned jobs.
        package var interval = Duration.seconds(1)

        package init() {}
    }

    private let queue: JobQueue
    private let redis: RedisClient
    private let handlers: [String: JobHandler]
    /// Does the work of several jobs at once, and ends them; nil for a worker that does each by its handler.
    private let batch: (@Sendable ([JobQueue.Taken]) async throws -> Void)?
    private let settings: Settings
    private let name: String
    private let logger: Logger

    /// Creates a worker. The keys of `handlers` are the kinds of jobs.
    package init(
        _ queue: JobQueue, _ redis: RedisClient, handlers: [String: JobHandler], settings: Settings = Settings(),
        logger: Logger
    ) {
        self.init(queue, redis, handlers, batch: nil, settings, logger)
    }

    /// Creates a worker that gives all the jobs that it has taken to a body, which ends them in the queue. When the
    /// body throws, they are taken again after `abandonedAfter`.
    init(
        _ queue: JobQueue, _ redis: RedisClient, batch: @escaping @Sendable ([JobQueue.Taken]) async throws -> Void,
        settings: Settings, logger: Logger
    ) {
        self.init(queue, redis, [:], batch: batch, settings, logger)
    }

    private init(
        _ queue: JobQueue, _ redis: RedisClient, _ handlers: [String: JobHandler],
        batch: (@Sendable ([JobQueue.Taken]) async throws -> Void)?, _ settings: Settings, _ logger: Logger
    ) {
        self.queue = queue
        self.redis = redis
        self.handlers = handlers
        self.batch = batch
        self.settings = settings
        self.logger = logger
        name = randomToken()
    }

    /// Works until a graceful shutdown; jobs that were begun are ended first.
    package func run() async throws {
        await withTaskGroup { group in
            // One of the loops looks after abandoned jobs for all of them.
            for number in 1...settings.loops { group.addTask { await takeJobs(alsoAbandoned: number == 1) } }
            group.addTask { await cancelWhenGracefulShutdown { await maintain() } }
        }
    }

    /// Takes jobs as they come, or also those that were abandoned; never more at a time than the settings say.
    private func takeJobs(alsoAbandoned: Bool) async {
        var connection: BlockingRedisConnection?
        var nextLook = ContinuousClock.now
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                let open: BlockingRedisConnection
                if let connection {
                    open = connection
                } else {
                    open = try await redis.makeBlockingConnection(
                        waiting: .milliseconds(settings.interval.milliseconds))
                    try await queue.createGroup()
                }
                connection = open
                if alsoAbandoned, ContinuousClock.now >= nextLook {
                    try await work(
                        on: try await queue.takeAbandoned(
                            settings.concurrency, for: name, idle: settings.abandonedAfter))
                    nextLook = .now + settings.interval
                }
                try await work(
                    on: try await queue.take(settings.concurrency, for: name, within: settings.interval, on: open))
            } catch {
                connection?.close()
                connection = nil
                await pauseAfter(error)
            }
        }
        connection?.close()
    }

    /// Gives workers delayed jobs whose time has come, while they work.
    private func maintain() async {
        while !Task.isCancelled {
            do {
                try await queue.createGroup()
                try await queue.promote()
                try await queue.forgetWorkers()
                try await Task.sleep(for: settings.interval)
            } catch {
                await pauseAfter(error)
            }
        }
    }

    private func pauseAfter(_ error: any Error) async {
        guard !Task.isCancelled else { return }
        logger.warning("jobs wait", metadata: ["queue": "\(queue.name)", "error": "\(error)"])
        try? await Task.sleep(for: .milliseconds(500))
    }

    private func work(on jobs: [JobQueue.Taken]) async throws {
        if let batch { return try await jobs.isEmpty ? () : batch(jobs) }
        await withTaskGroup { group in
            for job in jobs { group.addTask { await work(on: job) } }
        }
    }

    /// Does one job. A failure of Redis leaves it in the stream, where it will be taken over.
    private func work(on taken: JobQueue.Taken) async {
        do {
            let error: any Error
            do {
                guard let handler = handlers[taken.job.kind] else {
                    throw PermanentJobFailure("there is no handler for the kind \(taken.job.kind)")
                }
                guard taken.job.attempt <= settings.pauses.count + 1 else {
                    throw PermanentJobFailure("its workers died")
                }
                if try await !queue.isDone(taken.job) {
                    // Jobs that it makes belong to the same request.
                    try await RequestID.$current.withValue(taken.job.requestID) { try await handler(taken.job) }
                }
                return try await queue.finish(taken)
            } catch let failure as RedisError {
                throw failure
            } catch let failure where Task.isCancelled {
                throw failure
            } catch let failure {
                error = failure
            }
            try await settle(taken, error)
        } catch {
            logger.warning("a job was not ended", metadata: metadata(taken, error))
        }
    }

    /// Gives a failed job back or buries it.
    private func settle(_ taken: JobQueue.Taken, _ error: any Error) async throws {
        let attempt = taken.job.attempt
        guard !(error is PermanentJobFailure), attempt <= settings.pauses.count else {
            logger.error("a job failed for good", metadata: metadata(taken, error))
            return try await queue.bury(taken, error: "\(error)")
        }
        logger.notice("a job failed and is tried again", metadata: metadata(taken, error))
        let pause = settings.pauses[attempt - 1] * Double.random(in: 0.8...1.2)
        try await queue.retry(taken, after: pause, error: "\(error)")
    }

    /// The facts of a job for the log; not its payload, which may hold tokens.
    private func metadata(_ taken: JobQueue.Taken, _ error: any Error) -> Logger.Metadata {
        [
            "queue": "\(queue.name)", "kind": "\(taken.job.kind)", "key": "\(taken.job.key)",
            "attempt": "\(taken.job.attempt)", "request_id": "\(taken.job.requestID ?? "")", "error": "\(error)",
        ]
    }
}

extension JobWorker: Service {}
