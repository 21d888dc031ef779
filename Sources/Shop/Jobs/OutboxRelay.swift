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

    /// The numbers of jobs that are offered at a time, and that wait to be offered again.
    private static let batch = 2000
    private static let maxOffered = 20_000

    /// Offers jobs that were not sent; `offers` holds when each was offered for the first time.
    func pass(_ offers: inout [Int: ContinuousClock.Instant]) async throws {
        while true {
            let unsent = try await store.read { try $0.unsentIDs(limit: Self.maxOffered) }
            // Others send jobs as well, and then nobody asks for them here again.
            let known = Set(unsent)
            offers = offers.filter { known.contains($0.key) }
            let due = unsent.filter { id in offers[id].map { .now - $0 >= settleTime } ?? true }.prefix(Self.batch)
            if due.isEmpty { return }
            try await offer(Array(due), &offers)
            if due.count < Self.batch { return }
        }
    }

    /// Offers some jobs, and forgets those that their queues knew already when they were offered again. A queue that
    /// refuses its jobs does not hold back the others.
    private func offer(_ ids: [Int], _ offers: inout [Int: ContinuousClock.Instant]) async throws {
        let jobs = try await store.read { try $0.outboxJobs(ids) }
        var sent: [Int] = []
        var failure: (any Error)?
        for (name, jobs) in Dictionary(grouping: jobs, by: \.queue) {
            do {
                let areNew = try await JobQueue(name, redis).add(
                    jobs.map { Job(kind: $0.kind, payload: $0.payload, key: $0.idempotencyKey) })
                for (job, isNew) in zip(jobs, areNew) {
                    if isNew || offers[job.id] == nil { offers[job.id] = .now } else { sent.append(job.id) }
                }
            } catch {
                for job in jobs { offers[job.id] = .now }
                failure = error
            }
        }
        let now = now()
        if !sent.isEmpty { try await store.write { [sent] in try $0.markSent(sent, now: now) } }
        for id in sent { offers[id] = nil }
        if let failure { throw failure }
    }
}
