import Logging
import ServiceLifecycle

/// A service that sends the jobs of the database's outbox to their queues.
///
/// Redis syncs its log once a second, so that a power cut may take a job that it has accepted. A job is therefore
/// offered again two seconds later; when the queue then knows its key, it is on disk, and the outbox forgets it.
struct OutboxRelay: Service {
    let store: Store
    let redis: RedisClient
    let now: @Sendable () -> Milliseconds
    var settleTime = Duration.seconds(2)
    let logger: Logger

    /// Works until a graceful shutdown.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            var offers: [Int: ContinuousClock.Instant] = [:]
            while !Task.isCancelled {
                do {
                    try await pass(&offers)
                    try await Task.sleep(for: .milliseconds(100))
                } catch {
                    guard !Task.isCancelled else { return }
                    logger.warning("the outbox waits", metadata: ["error": "\(error)"])
                    try? await Task.sleep(for: .milliseconds(500))
                }
            }
        }
    }

    /// Offers jobs that were not sent; `offers` holds when each was offered for the first time.
    func pass(_ offers: inout [Int: ContinuousClock.Instant]) async throws {
        let jobs = try await store.read { try $0.unsentJobs(limit: 2000) }
        // Others send jobs as well, and then nobody asks for them here again.
        let unsent = Set(jobs.map(\.id))
        offers = offers.filter { unsent.contains($0.key) }
        var sent: [Int] = []
        for job in jobs {
            let offered = offers[job.id]
            if let offered, .now - offered < settleTime { continue }
            let isNew = try await JobQueue(job.queue, redis).add(
                Job(kind: job.kind, payload: job.payload, key: job.idempotencyKey))
            if isNew || offered == nil { offers[job.id] = .now } else { sent.append(job.id) }
        }
        guard !sent.isEmpty else { return }
        let now = now()
        try await store.write { [sent] in try $0.markSent(sent, now: now) }
        for id in sent { offers[id] = nil }
    }
}
