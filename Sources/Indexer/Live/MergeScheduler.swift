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
    /// The merge that was asked for: the number of the oldest segments that it concerns, and how many shall be left of
    /// them; nil for none.
    private var wanted: (segments: Int, count: Int)?

    /// The size in bytes above which a segment makes a merge large.
    private static let largeBytes = 16 << 20
    /// The maximum time without merges: each attempt may read gigabytes before it fails.
    private static let maxPause = Duration.seconds(600)

    /// Creates a scheduler without running merges.
    init(_ options: LiveOptions, _ queue: LiveQueue) {
        self.options = options
        self.queue = queue
        backoff = Backoff(from: max(options.retryAfter, options.commitAfter), to: Self.maxPause)
        small = SerialWorker(niceness: 10)
        large = SerialWorker(niceness: 15)
    }

    /// True if no merge is running.
    var isEmpty: Bool { running.isEmpty }

    /// Starts the merges that the policy selects and that have a free worker.
    mutating func start(_ writer: IndexWriter) {
        if let pausedUntil {
            if pausedUntil > .now { return }
            self.pausedUntil = nil
        }
        if wanted != nil {
            startWanted(writer)
            return
        }
        while let range = next(writer.stack.segments) {
            start(range, writer, isLarge: Self.isLarge(writer.stack.segments[range].map(\.reader.description.bytes)))
        }
    }

    /// Starts a merge of a range of segments on one of the workers.
    private mutating func start(_ range: Range<Int>, _ writer: IndexWriter, isLarge: Bool) {
        let job = writer.startMerge(range)
        let limiter = RateLimiter(bytesPerSecond: options.mergeBytesPerSecond)
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

    // MARK: - Merges that were asked for

    /// Asks for a merge of all segments that there are to at most `count`, with nothing else merged until then.
    mutating func want(_ segments: Int, to count: Int) { wanted = (segments, max(count, 1)) }

    /// True if a merge that was asked for is not done.
    var isWanted: Bool { wanted != nil }

    /// Gives a merge up that was asked for.
    mutating func endWanted() { wanted = nil }

    /// Starts the next part of the merge that was asked for when no merge is running; ends it if there is none.
    private mutating func startWanted(_ writer: IndexWriter) {
        guard let wanted, running.isEmpty else { return }
        let segments = writer.stack.segments.prefix(wanted.segments)
        let excess = segments.count - wanted.count
        guard excess > 0, segments.allSatisfy(\.mayMerge) else {
            self.wanted = nil
            return
        }
        // The adjacent segments with the fewest bytes become one, at most as many as are read at once.
        let width = min(excess + 1, IndexWriter.mergeWidth)
        func bytes(_ start: Int) -> Int {
            segments[start..<start + width].reduce(0) { $0 + $1.reader.description.bytes }
        }
        let first = (0...segments.count - width).min { bytes($0) < bytes($1) } ?? 0
        self.wanted?.segments = segments.count - width + 1
        start(first..<first + width, writer, isLarge: true)
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

    /// Waits for the jobs that the workers have.
    func close() {
        small.close()
        large.close()
    }
}
