package import Histogram

/// The outcome of a request.
package enum Outcome: Hashable, Sendable, CustomStringConvertible {
    /// It got a reply with this status.
    case status(Int)
    /// Its connection ended, or sent something else than a reply.
    case closed
    /// No reply came in time.
    case timeout
    /// There was no connection for it in time.
    case unsent

    package var description: String {
        switch self {
        case .status(let code): "\(code)"
        case .closed: "closed"
        case .timeout: "timeout"
        case .unsent: "unsent"
        }
    }
}

/// The times of a run's requests, by class and outcome. All of them count from when a request was due, so that a slow
/// reply is not hidden by the requests that wait for it.
package struct Measurement: Sendable {
    /// The latest that a generator may be, for 99 of 100 requests, in microseconds: beyond it a run is void.
    package static let maxLateness: UInt64 = 1_000

    /// Times in microseconds with three digits, up to an hour.
    package typealias Times = Histogram<UInt64>

    private var times: [Key: Times] = [:]
    /// The delays between a request's due time and its sending, as far as they are the generator's own.
    package private(set) var lateness = Self.noTimes()
    /// The number of replies with status 503 and without `Retry-After`.
    package private(set) var bareRefusals = 0
    /// The bytes of all bodies, and the number of replies.
    package private(set) var bodyBytes = 0
    package private(set) var replies = 0

    private struct Key: Hashable {
        var requestClass: Int
        var outcome: Outcome
    }

    package init() {}

    /// True if the generator was too late for its times to count.
    package var isVoid: Bool { lateness.valueAtPercentile(99) > Self.maxLateness }

    /// Records that a request was handled at `now`; times in nanoseconds.
    package mutating func recordStart(due: UInt64, now: UInt64) {
        lateness.record((max(now, due) - due) / 1000)
    }

    /// Records the end of a request; times in nanoseconds.
    package mutating func recordEnd(_ outcome: Outcome, class requestClass: Int, due: UInt64, now: UInt64) {
        times[Key(requestClass: requestClass, outcome: outcome), default: Self.noTimes()]
            .record((max(now, due) - due) / 1000)
    }

    /// Records what a reply says beside its status.
    package mutating func record(_ reply: Reply) {
        replies += 1
        bodyBytes += reply.bodyBytes
        if reply.status == 503, !reply.hasRetryAfter { bareRefusals += 1 }
    }

    /// The times of a class's requests, or those of all classes, by outcome.
    package func byOutcome(class requestClass: Int? = nil) -> [Outcome: Times] {
        var result: [Outcome: Times] = [:]
        for (key, histogram) in times where requestClass == nil || key.requestClass == requestClass {
            result[key.outcome, default: Self.noTimes()].add(histogram)
        }
        return result
    }

    /// The number of requests that ended, in any way.
    package var ended: Int { times.values.reduce(0) { $0 + Int($1.totalCount) } }

    private static func noTimes() -> Times {
        Times(highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: .three)
    }
}
