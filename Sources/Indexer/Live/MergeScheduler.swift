import Kernels
import Segments

/// The scheduler of a live index's merges: one merge of small segments and one of large ones at a time, so that small
/// segments do not pile up while large ones are rewritten.
///
/// Used by the writer's thread only; the merges themselves run on two workers of lower priority.
struct MergeScheduler {
    /// A merge that was started.
    private struct Running {
        let job: MergeJob
        let limiter: RateLimiter
        let isLarge: Bool
    }

    private let options: LiveOptions
    private let queue: LiveQueue
    /// The worker for merges of small segments.
    private let small: SerialWorker
    /// The worker for merges with a large segment.
    private let large: SerialWorker
    private var running: [Running] = []
    /// The time at which merges are tried again after one failed.
    private(set) var pausedUntil: ContinuousClock.Instant?
    /// The lengths of these pauses.
    private var backoff: Backoff

    /// The size in bytes above which a segment makes a merge large.
    private static let largeBytes = 16 << 20
    /// The maximum time without merges: each attempt may read gigabytes before it fails.
    private static let maxPause = Duration.seconds(600)

    /// Starts the workers.
    init(_ options: LiveOptions, _ queue: LiveQueue) throws(WorkerThread.Unavailable) {
        self.options = options
        self.queue = queue
        backoff = Backoff(from: max(options.retryAfter, options.commitAfter), to: Self.maxPause)
        small = try SerialWorker(niceness: 5)
        large = try SerialWorker(niceness: 10)
    }

    /// True if no merge is running.
    var isEmpty: Bool { running.isEmpty }

    /// Starts the merges that the policy selects and that have a free worker.
    mutating func start(_ writer: IndexWriter) {
        if let pausedUntil {
            if pausedUntil > .now { return }
            self.pausedUntil = nil
        }
        while let range = next(writer.stack.segments) {
            let job = writer.startMerge(range)
            let limiter = RateLimiter(bytesPerSecond: options.mergeBytesPerSecond)
            let isLarge = Self.isLarge(job.merger.sources.map(\.segment.description.bytes))
            running.append(Running(job: job, limiter: limiter, isLarge: isLarge))
            (isLarge ? large : small).run { [queue] in
                do throws(IndexError) {
                    queue.post(.merged(job, .success(try job.run(limiter))))
                } catch {
                    // The file may be large: the writer does not wait for its removal.
                    job.abandon()
                    queue.post(.merged(job, .failure(error)))
                }
                // A large merge takes memory in proportion to its segments, and is rare: return it to the system.
                if isLarge { ProcessMemory.returnFreed() }
            }
        }
    }

    /// Returns true if one of the segments, by their sizes in bytes, makes a merge large.
    private static func isLarge(_ bytes: [Int]) -> Bool { bytes.contains { $0 > largeBytes } }

    /// Returns the indices of the next segments to merge for which a worker is free; nil when there are none.
    private func next(_ segments: [WrittenSegment]) -> Range<Int>? {
        let isFree = (small: !running.contains { !$0.isLarge }, large: !running.contains { $0.isLarge })
        guard isFree.small || isFree.large else { return nil }
        var policy = options.mergePolicy
        if !isFree.large { policy.maxMergedBytes = min(policy.maxMergedBytes, 2 * Self.largeBytes) }
        var end = segments.count
        while end > 0 {
            if !segments[end - 1].mayMerge {
                end -= 1
                continue
            }
            let start = segments[..<end].lastIndex { !$0.mayMerge }.map { $0 + 1 } ?? 0
            if let selected = policy.next(segments[start..<end].map(\.candidate)) {
                let range = start + selected.lowerBound..<start + selected.upperBound
                let isLarge = Self.isLarge(segments[range].map(\.reader.description.bytes))
                if isLarge ? isFree.large : isFree.small { return range }
            }
            end = start
        }
        return nil
    }

    /// Records that a merge has ended.
    mutating func finished(_ job: MergeJob) { running.removeAll { $0.job === job } }

    /// Returns true if more segments wait to be merged than there may be.
    func isBehind(_ segments: [WrittenSegment]) -> Bool {
        segments.count > options.maxMergeableSegments
            && options.mergePolicy.mergeableCount(segments.map(\.candidate)) > options.maxMergeableSegments
    }

    /// Starts no merge for a while, each time for longer until `resume`.
    mutating func pause() { pausedUntil = .now + backoff.next() }

    /// Records that a merge succeeded.
    mutating func resume() { backoff.reset() }

    /// Cancels the running merges, whose results are posted as failures, and ends a pause: when nothing is merged any
    /// more, nobody should wake up at its end.
    mutating func cancel() {
        for merge in running { merge.limiter.cancel() }
        pausedUntil = nil
    }

    /// Ends the workers, after the jobs they have.
    func close() {
        small.close()
        large.close()
    }
}
