import FoundationEssentials

/// A job that must not be lost: it is written in the transaction that makes it necessary, and sent to a queue later.
struct OutboxJob: Sendable, Equatable {
    var id = 0
    var queue: String
    var kind: String
    /// A JSON object.
    var payload: String
    /// The same for all copies of the job, so that its effect happens once.
    var idempotencyKey: String
}

extension OutboxJob {
    /// Creates a job whose payload is a value as JSON.
    init(queue: String, kind: String, _ payload: some Encodable, key: String) throws {
        let text = String(decoding: try JSONEncoder().encode(payload), as: UTF8.self)
        self.init(queue: queue, kind: kind, payload: text, idempotencyKey: key)
    }
}

extension Transaction {
    /// Adds a job to the outbox. The id of the request that it comes from becomes a member of its payload,
    /// `request_id`, which the log of the worker shows.
    func enqueue(_ job: OutboxJob, now: Milliseconds) throws {
        var payload = job.payload
        if let requestID, payload.count > 2 { payload = "{\"request_id\":\"\(requestID)\"," + payload.dropFirst() }
        try execute(
            "INSERT INTO job_outbox (queue, kind, payload, idem_key, created_at) VALUES (?, ?, ?, ?, ?)",
            job.queue, job.kind, payload, job.idempotencyKey, now)
    }

    /// Returns jobs that were not sent yet and whose ids are greater than another, the oldest first.
    func unsentJobs(after id: Int = 0, limit: Int) throws -> [OutboxJob] {
        try unsentJobs("id > ? ORDER BY id LIMIT ?", id, limit)
    }

    /// Returns those of some jobs that were not sent yet.
    func unsentJobs(among ids: [Int]) throws -> [OutboxJob] {
        try unsentJobs("id IN (SELECT value FROM json_each(?))", jsonList(ids))
    }

    private func unsentJobs(_ condition: String, _ arguments: any SQLValue...) throws -> [OutboxJob] {
        try rows(
            "SELECT id, queue, kind, payload, idem_key FROM job_outbox WHERE sent_at IS NULL AND " + condition,
            all: arguments
        ).map {
            OutboxJob(
                id: $0.int("id"), queue: $0.text("queue"), kind: $0.text("kind"), payload: $0.text("payload"),
                idempotencyKey: $0.text("idem_key"))
        }
    }

    /// Records that jobs were sent. Their payloads, which may hold tokens, are dropped.
    func markSent(_ ids: [Int], now: Milliseconds) throws {
        try execute(
            """
            UPDATE job_outbox SET sent_at = ?, payload = ''
            WHERE id IN (SELECT value FROM json_each(?)) AND sent_at IS NULL
            """, now, jsonList(ids))
    }
}
