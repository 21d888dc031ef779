import Logging
import ServiceLifecycle

/// A service that sends the jobs of the database's outbox to their queues.
///
/// Redis syncs its log once a second, so that a power cut may take a job that it has accepted. Two seconds after the
/// offer the queue is therefore asked for the job; when it knows its key, it is on disk, and the outbox forgets it.
struct OutboxRelay: Service {
    /// The jobs that a relay has offered and the outbox has not forgotten.
    struct Offers {
        fileprivate struct Offer {
            let id: Int
            let queue: String
            let key: String
            var time = ContinuousClock.now
        }

        /// The oldest first.
        fileprivate var list: [Offer] = []
        /// The greatest id of a job that was offered: new jobs have greater ones.
        fileprivate var last = 0

        var count: Int { list.count }

        fileprivate mutating func takeFirst(_ limit: Int, offered settleTime: Duration) -> [Offer] {
            let due = list.prefix(limit).prefix { .now - $0.time >= settleTime }
            list.removeFirst(due.count)
            return Array(due)
        }
    }

    let store: Store
    let redis: RedisClient
    let now: @Sendable () -> Milliseconds
    var settleTime = Duration.seconds(2)
    let logger: Logger

    /// Works until a graceful shutdown.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            var offers = Offers()
            while !Task.isCancelled {
                do {
                    try await pass(&offers)
                    try await Task.sleep(for: .milliseconds(100))
                } catch {
                    guard !Task.isCancelled else { return }
                    logger.warning("the outbox waits", metadata: ["error": "\(error)"])
                    // A queue that refuses its jobs is asked again later; after others nobody knows what is missing.
                    if !(error is RedisError) { offers = Offers() }
                    try? await Task.sleep(for: .milliseconds(500))
                }
            }
        }
    }

    /// The numbers of jobs that are offered at a time, and that wait for their two seconds.
    private static let batch = 2000
    private static let maxOffered = 20_000

    /// Offers new jobs, and forgets those of two seconds ago.
    func pass(_ offers: inout Offers) async throws {
        // An outbox from which all jobs were removed begins with small ids again.
        if offers.list.isEmpty { offers.last = 0 }
        while true {
            let due = offers.takeFirst(Self.batch, offered: settleTime)
            try await forget(due, &offers)
            let (last, limit) = (offers.last, min(Self.batch, Self.maxOffered - offers.count))
            let new = try await store.read { try $0.unsentJobs(after: last, limit: limit) }
            if let greatest = new.last?.id { offers.last = greatest }
            try await offer(new, &offers)
            if max(due.count, new.count) < Self.batch { return }
        }
    }

    /// Offers jobs. A queue that refuses them does not hold back the others.
    private func offer(_ jobs: [OutboxJob], _ offers: inout Offers) async throws {
        var failure: (any Error)?
        for (name, jobs) in Dictionary(grouping: jobs, by: \.queue) {
            do {
                _ = try await JobQueue(name, redis).add(
                    jobs.map { Job(kind: $0.kind, payload: $0.payload, key: $0.idempotencyKey) })
            } catch {
                failure = error
            }
        }
        offers.list += jobs.map { Offers.Offer(id: $0.id, queue: $0.queue, key: $0.idempotencyKey) }
        if let failure { throw failure }
    }

    /// Forgets jobs that their queues know, and offers those again that these have lost.
    private func forget(_ due: [Offers.Offer], _ offers: inout Offers) async throws {
        var (sent, lost): ([Int], [Int]) = ([], [])
        var failure: (any Error)?
        for (name, due) in Dictionary(grouping: due, by: \.queue) {
            do {
                for (offer, isKnown) in zip(due, try await JobQueue(name, redis).knows(due.map(\.key))) {
                    if isKnown { sent.append(offer.id) } else { lost.append(offer.id) }
                }
            } catch {
                failure = error
                offers.list += due.map { Offers.Offer(id: $0.id, queue: $0.queue, key: $0.key) }
            }
        }
        let now = now()
        if !sent.isEmpty { try await store.write { [sent] in try $0.markSent(sent, now: now) } }
        if !lost.isEmpty { try await offer(store.read { [lost] in try $0.unsentJobs(among: lost) }, &offers) }
        if let failure { throw failure }
    }
}
