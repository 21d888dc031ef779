/// Removes what nobody needs any more, in small steps, because others wait for the database meanwhile: tokens, codes
/// and registrations that have expired, old jobs, dead letters and events, and changes of goods that all targets have.
///
/// The cache of pages is not waited for: it forgets all pages when it has fallen behind.
struct Pruning: Sendable {
    private static let step = 1000
    /// The time between two steps, in which others get the database.
    private static let pause = Duration.milliseconds(20)

    let store: Store
    let redis: RedisClient
    /// The readers of the change log.
    let readers: [String]
    /// The time for which dead letters are kept. What keeps a job from having its effect twice is kept twice as long,
    /// because a dead letter may be retried.
    let jobRetention: Duration
    let eventRetention: Duration
    let now: @Sendable () -> Milliseconds

    /// Removes what is old now.
    func pass() async throws {
        let (now, readers) = (now(), readers)
        try await repeatStep { try $0.pruneChanges(readers, limit: Self.step) }
        for rows in AgingRows.allCases {
            let time =
                switch rows {
                case .registrations, .oneTimeTokens, .refreshTokens, .phoneCodes: now
                case .sentJobs, .jobEffects: now - 2 * jobRetention.milliseconds
                case .events: now - eventRetention.milliseconds
                }
            try await repeatStep { try $0.prune(rows, until: time, limit: Self.step) }
        }
        for name in JobQueues.all { try await JobQueue(name, redis).dropDead(olderThan: jobRetention) }
    }

    /// Repeats a step, which returns the number of rows that it has removed, until it has nothing more to do.
    private func repeatStep(_ step: @escaping @Sendable (Transaction) throws -> Int) async throws {
        while try await store.write(step) >= Self.step { try await Task.sleep(for: Self.pause) }
    }
}
