import Kernels

/// How fast a background job may write, so that others get at the disk, and whether it goes on at all.
final class WritePace: Sendable {
    private struct Bucket: Sendable {
        var isCancelled = false
        /// When the bytes so far may have been written.
        var due = ContinuousClock.now
    }

    private let nanosecondsPerByte: Double
    private let bucket = Monitor(Bucket())

    /// A pace in bytes a second; nil for no limit.
    init(bytesPerSecond: Int?) {
        nanosecondsPerByte = bytesPerSecond.map { 1e9 / Double(max($0, 1)) } ?? 0
    }

    /// Has whoever is writing give up.
    func cancel() { bucket.withLock { $0.isCancelled = true } }

    /// Takes some written bytes into account, and waits when there were too many of them lately.
    ///
    /// Errors: `stopped` after `cancel`.
    func wrote(_ bytes: Int) throws(IndexError) {
        let cost = Duration.nanoseconds(Int64(Double(bytes) * nanosecondsPerByte))
        let due = bucket.withLock { bucket in
            // Time that was not used is not saved up.
            bucket.due = max(bucket.due, .now) + cost
            return bucket.due
        }
        if bucket.wait(until: due - Self.burst, for: { $0.isCancelled ? true : nil }) != nil {
            throw .stopped(reason: "a merge was given up")
        }
    }

    /// How much time of writing may be ahead.
    private static let burst = Duration.milliseconds(50)
}
