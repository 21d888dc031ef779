/// A run as JSON, and as a line for people. All times are in milliseconds.
package struct Report: Encodable, Sendable {
    /// Percentiles of some requests' times.
    package struct Times: Encodable, Sendable {
        package var count: Int
        package var p50: Double
        package var p90: Double
        package var p99: Double
        package var p999: Double
        package var max: Double

        init(_ times: Measurement.Times) {
            let at = { Double(times.valueAtPercentile($0)) / 1000 }
            count = Int(times.totalCount)
            (p50, p90, p99, p999, max) = (at(50), at(90), at(99), at(99.9), at(100))
        }
    }

    /// True if the generator was too late for the times to count.
    package var void: Bool
    package var lateness: Times
    package var rate: Double
    package var seconds: Double
    /// The requests that were due in the measured time; all of them ended in some way.
    package var requests: Int
    /// The replies a second in the measured time.
    package var throughput: Double
    package var connections: Int
    package var drainSeconds: Double
    /// The replies with status 503 and without `Retry-After`.
    package var bareRefusals: Int
    /// The average length of a body.
    package var bodyBytes: Double
    /// The processor microseconds of the watched process for a reply.
    package var serverMicroseconds: Double?
    /// The share of the measured time in which the watched process had a processor; 2 is two processors.
    package var serverShare: Double?
    /// Times by status, or by `closed`, `timeout` and `unsent`.
    package var outcomes: [String: Times]
    /// The same for each class.
    package var classes: [String: [String: Times]]

    package init(_ result: LoadResult, _ plan: LoadPlan, classes names: [String]) {
        let measurement = result.measurement
        void = measurement.isVoid
        lateness = Times(measurement.lateness)
        rate = plan.rate
        seconds = plan.seconds
        requests = measurement.ended
        throughput = Double(result.repliesInWindow) / result.windowSeconds
        connections = result.connections
        drainSeconds = result.drainSeconds
        bareRefusals = measurement.bareRefusals
        bodyBytes = Double(measurement.bodyBytes) / Double(max(measurement.replies, 1))
        if let seconds = result.serverSeconds {
            serverMicroseconds = seconds * 1e6 / Double(max(result.repliesInWindow, 1))
            serverShare = seconds / result.windowSeconds
        }
        outcomes = Self.named(measurement.byOutcome())
        classes = [:]
        for (number, name) in names.enumerated() { classes[name] = Self.named(measurement.byOutcome(class: number)) }
    }

    private static func named(_ times: [Outcome: Measurement.Times]) -> [String: Times] {
        var result: [String: Times] = [:]
        for (outcome, histogram) in times { result["\(outcome)"] = Times(histogram) }
        return result
    }

    /// One line: rate, outcomes with their percentiles, lateness, and VOID if the times do not count.
    package var line: String {
        let parts = outcomes.sorted { $0.key < $1.key }.map { name, times in
            "\(name): \(times.count) (p50 \(times.p50), p99 \(times.p99), max \(times.max) ms)"
        }
        let cost = serverMicroseconds.map { ", server \(Int($0)) µs a reply" } ?? ""
        let verdict = void ? "VOID, the generator was late: " : ""
        return "\(verdict)\(requests) requests at \(rate)/s: \(parts.joined(separator: ", "))\(cost); "
            + "late p99 \(lateness.p99), max \(lateness.max) ms; \(connections) connections"
    }
}
