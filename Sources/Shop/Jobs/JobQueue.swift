/// A queue of jobs in Redis: the stream `jobs:{name}`, which workers read as one group, jobs whose time has not come in
/// the sorted set `jobs:{name}:delayed`, the dead letters in the stream `jobs:{name}:dead`, and for each job whether
/// it was added or done in `jobs:{name}:state:KEY`.
///
/// Jobs run at least once. A key that was added or done within a week is not added again.
package struct JobQueue: Sendable {
    /// A job that a worker has taken, with the name of its entry in the stream.
    struct Taken: Sendable {
        var entry: String
        var job: Job
    }

    static let group = "workers"
    private static let stateLifetime = 7 * 86_400
    /// The jobs of a step of Redis, in which nobody else has it: some tenths of a millisecond.
    private static let addedAtOnce = 100

    let name: String
    private let redis: RedisClient

    /// Creates the handle of a queue; queues need no setting up.
    package init(_ name: String, _ redis: RedisClient) {
        self.name = name
        self.redis = redis
    }

    var stream: String { "jobs:{\(name)}" }
    private var delayed: String { stream + ":delayed" }
    private var dead: String { stream + ":dead" }
    private var trials: String { stream + ":trials" }
    private func state(_ key: String) -> String { stream + ":state:" + key }

    // MARK: Adding

    /// Adds a job, and returns false if there was one with its key already.
    @discardableResult
    func add(_ job: Job, after delay: Duration = .zero) async throws -> Bool {
        try await add([job], after: delay).first == true
    }

    /// Adds jobs, and returns for each whether there was none with its key yet.
    func add(_ jobs: [Job], after delay: Duration = .zero) async throws -> [Bool] {
        let calls = stride(from: 0, to: jobs.count, by: Self.addedAtOnce).map { start in
            let jobs = jobs[start..<min(start + Self.addedAtOnce, jobs.count)]
            return RedisScript.Call(
                keys: [stream, delayed] + jobs.map { state($0.key) },
                arguments: [String(delay.milliseconds), String(Self.stateLifetime)]
                    + jobs.flatMap { [$0.kind, $0.payload, $0.key] })
        }
        return try await redis.run(JobScripts.add, calls).flatMap(\.elements).map { $0.int == 1 }
    }

    /// Returns for each of some keys whether a job with it was added.
    func knows(_ keys: [String]) async throws -> [Bool] {
        try await redis.send(["MGET"] + keys.map(state)).elements.map { $0 != .null }
    }

    /// Gives workers the jobs whose time has come.
    func promote() async throws {
        let limit = 100
        while try await redis.run(JobScripts.promote, keys: [stream, delayed], [limit]).int == limit {}
    }

    // MARK: Taking

    /// Creates the group of the workers, unless it is there.
    func createGroup() async throws {
        do {
            try await redis.send("XGROUP", "CREATE", stream, Self.group, "0", "MKSTREAM")
        } catch RedisError.refused(let reason) where reason.hasPrefix("BUSYGROUP") {}
    }

    /// Waits at most `time` for jobs, and takes up to `count`. The connection is the caller's own.
    func take(
        _ count: Int, for worker: String, within time: Duration, on connection: BlockingRedisConnection
    ) async throws -> [Taken] {
        let reply = try await connection.send(
            "XREADGROUP", "GROUP", Self.group, worker, "COUNT", count, "BLOCK", time.milliseconds, "STREAMS", stream,
            ">")
        return reply.elements.first?.elements.last?.elements.compactMap(Self.taken) ?? []
    }

    /// Takes over jobs that others took `idle` ago and neither finished nor gave back: their workers have died. Each
    /// death counts as an attempt.
    func takeAbandoned(_ count: Int, for worker: String, idle: Duration) async throws -> [Taken] {
        let reply = try await redis.run(
            JobScripts.takeAbandoned, keys: [stream], [Self.group, worker, idle.milliseconds, count]
        ).elements
        return zip(reply.first?.elements ?? [], reply.last?.elements ?? []).compactMap { entry, deliveries in
            guard var taken = Self.taken(entry) else { return nil }
            taken.job.attempt += (deliveries.int ?? 1) - 1
            return taken
        }
    }

    /// Forgets workers that have been away for an hour and hold no job.
    func forgetWorkers() async throws {
        for worker in try await redis.send("XINFO", "CONSUMERS", stream, Self.group).elements {
            let facts = Dictionary(uniqueKeysWithValues: worker.pairs)
            guard let name = facts["name"]?.text, facts["pending"]?.int == 0, let idle = facts["idle"]?.int,
                idle > 3_600_000
            else { continue }
            try await redis.send("XGROUP", "DELCONSUMER", stream, Self.group, name)
        }
    }

    /// True if a job was done, by a worker that could not say so to the stream.
    func isDone(_ job: Job) async throws -> Bool { try await redis.send("GET", state(job.key)).text == "done" }

    /// Counts that a job is about to be worked on, and returns how often that was. Whoever comes back from it, with or
    /// without success, forgets the count: it is that of the workers that have died of the job.
    func countTrial(_ taken: Taken) async throws -> Int {
        let count = try await redis.send("HINCRBY", trials, taken.entry, 1).int ?? 1
        try await redis.send("EXPIRE", trials, 3600)
        return count
    }

    func forgetTrials(_ taken: Taken) async throws { try await redis.send("HDEL", trials, taken.entry) }

    // MARK: Ending

    /// Ends a job that was done.
    func finish(_ taken: Taken) async throws {
        try await redis.run(
            JobScripts.finish, keys: [stream, state(taken.job.key)], [Self.group, taken.entry, Self.stateLifetime])
    }

    /// Gives a job back, for another attempt after a delay.
    func retry(_ taken: Taken, after delay: Duration, error: String) async throws {
        let job = taken.job
        try await redis.run(
            JobScripts.retry, keys: [stream, delayed],
            [
                Self.group, taken.entry, delay.milliseconds, job.kind, job.payload, job.key, String(job.attempt + 1),
                error,
            ])
    }

    /// Moves a job to the dead letters.
    func bury(_ taken: Taken, error: String) async throws {
        let job = taken.job
        try await redis.run(
            JobScripts.bury, keys: [stream, dead],
            [Self.group, taken.entry, job.kind, job.payload, job.key, String(job.attempt), error])
    }

    /// Adds a job that has left the stream to the dead letters.
    func addDead(_ job: Job, error: String) async throws {
        try await redis.send(
            "XADD", dead, "*", "kind", job.kind, "payload", job.payload, "key", job.key, "attempt", job.attempt,
            "error", error)
    }

    // MARK: Looking

    /// Returns the numbers of jobs.
    package func statistics() async throws -> JobStatistics {
        try await createGroup()
        async let length = redis.send("XLEN", stream).int ?? 0
        async let pending = redis.send("XPENDING", stream, Self.group).elements.first?.int ?? 0
        async let delayed = redis.send("ZCARD", delayed).int ?? 0
        async let dead = redis.send("XLEN", dead).int ?? 0
        let running = try await pending
        return JobStatistics(
            waiting: max(0, try await length - running), running: running, delayed: try await delayed,
            dead: try await dead)
    }

    /// Returns dead letters, the oldest first.
    package func deadJobs(limit: Int) async throws -> [DeadJob] {
        try await redis.send("XRANGE", dead, "-", "+", "COUNT", limit).elements.compactMap { entry in
            guard let taken = Self.taken(entry) else { return nil }
            let error = entry.elements[1].pairs.first { $0.0 == "error" }?.1.text ?? ""
            return DeadJob(id: taken.entry, job: taken.job, error: error)
        }
    }

    /// Gives a dead letter to the workers again, and returns false if it is not there.
    package func retryDead(_ id: String) async throws -> Bool {
        try await redis.run(JobScripts.revive, keys: [stream, dead], [id]).int == 1
    }

    /// Forgets dead letters that are older than an age, by the clock of Redis.
    func dropDead(olderThan age: Duration) async throws {
        try await redis.run(JobScripts.dropDead, keys: [dead], [age.milliseconds])
    }

    /// Reads an entry of a stream; nil for one that was deleted meanwhile.
    private static func taken(_ value: RedisValue) -> Taken? {
        guard value.elements.count == 2, let entry = value.elements[0].text else { return nil }
        let fields = value.elements[1].pairs
        func field(_ name: String) -> RedisValue? { fields.first { $0.0 == name }?.1 }
        guard let kind = field("kind")?.text, let key = field("key")?.text else { return nil }
        let job = Job(kind: kind, payload: field("payload")?.text ?? "", key: key, attempt: field("attempt")?.int ?? 1)
        return Taken(entry: entry, job: job)
    }
}
