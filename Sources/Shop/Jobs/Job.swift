import FoundationEssentials

/// A piece of work that is done later, in the background.
package struct Job: Sendable, Equatable {
    /// The name of the handler.
    package var kind: String
    /// The facts that the handler needs: a JSON object for all kinds but claims.
    var payload: String
    /// The idempotency key: two jobs with one key are the same job, whose effect happens once.
    package var key: String
    /// The number of the attempt, from 1 on.
    package var attempt = 1

    /// The id of the request from which the job comes; nil for other jobs.
    var requestID: String? {
        struct Origin: Decodable {
            var requestID: String?

            private enum CodingKeys: String, CodingKey { case requestID = "request_id" }
        }
        return (try? JSONDecoder().decode(Origin.self, from: Data(payload.utf8)))?.requestID
    }

    /// Reads the payload. Errors: `PermanentJobFailure` for another form, which does not show it: it may hold a token.
    func decoded<Value: Decodable>(_ type: Value.Type) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(payload.utf8))
        } catch {
            throw PermanentJobFailure("the payload of the job is not of the kind \(kind)")
        }
    }
}

/// Does the work of one kind of jobs. It may be called again for a job that it has done, when a worker died before it
/// could say so: effects on the database are guarded by `Transaction.isFirst`, others must be harmless to repeat.
///
/// Errors: `PermanentJobFailure` for what no repetition changes; after all others the job is tried again.
package typealias JobHandler = @Sendable (Job) async throws -> Void

/// A failure of a job that would recur: the job goes to the dead letters at once.
package struct PermanentJobFailure: Error, CustomStringConvertible {
    package let description: String

    package init(_ reason: String) { description = reason }
}

/// A job that has failed for good, and is kept until somebody retries it.
package struct DeadJob: Sendable, Equatable {
    /// The name under which the queue keeps it.
    package var id: String
    package var job: Job
    /// The last error.
    package var error: String
}

/// The numbers of jobs of a queue.
package struct JobStatistics: Sendable, Equatable {
    /// The jobs that wait for a worker.
    package var waiting: Int
    /// The jobs that workers have taken.
    package var running: Int
    /// The jobs whose time has not come.
    package var delayed: Int
    /// The dead letters.
    package var dead: Int
}
