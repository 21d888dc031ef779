import Kernels

/// A rate limit for the writes of a background job, so that other jobs can use the disk; also cancels the job.
///
/// A token bucket without savings: time that was not used is lost, and at most `burst` of writing may be ahead.
/// Thread-safe: `cancel` is usually called by another thread than `wrote`.
package final class RateLimiter: Sendable {
    private struct Bucket: Sendable {
        var isCanceled = false
        /// The time at which the bytes so far are due.
        var due = ContinuousClock.now
    }

    private let nanosecondsPerByte: Double
    private let bucket = Monitor(Bucket())

    /// Creates a limit in bytes per second; nil for no limit.
    package init(bytesPerSecond: Int?) {
        nanosecondsPerByte = bytesPerSecond.map { 1e9 / Double(max($0, 1)) } ?? 0
    }

    /// Makes the current and all later calls of `wrote` throw.
    package func cancel() { bucket.withLock { $0.isCanceled = true } }

    /// Records that bytes were written, and waits while the job is ahead of its rate. Zero bytes only check for
    /// cancellation.
    ///
    /// Errors: `stopped` after `cancel`.
    package func wrote(_ bytes: Int) throws(IndexError) {
        let cost = Duration.nanoseconds(Int64(Double(bytes) * nanosecondsPerByte))
        let due = bucket.withLock { bucket in
            // Time that was not used is not saved up.
            bucket.due = max(bucket.due, .now) + cost
            return bucket.due
        }
        if bucket.wait(until: due - Self.burst, for: { $0.isCanceled ? true : nil }) != nil {
            throw Self.canceled
        }
    }

    /// The error of a job that was canceled.
    package static let canceled = IndexError.stopped(reason: "the merge was canceled")

    /// True after `cancel`.
    package var isCanceled: Bool { bucket.withLock { $0.isCanceled } }

    /// The writing time that may be ahead of the rate.
    private static let burst = Duration.milliseconds(50)
}
