import Kernels
import Segments

/// The scheduler of a live index's merges: one merge of small segments and one of large ones at a time, so that small
/// segments do not pile up while large ones are rewritten.
///
/// Used by the writer's thread only; the merges themselves run on the threads of `WriteResources`.
struct MergeScheduler {
    /// A merge that was started.
    private struct Running {
        let job: MergeJob
        let limiter: RateLimiter
    }

    private let options: LiveOptions
    private let queue: LiveQueue
    private var running: [Running] = []
    /// The time at which merges are tried again after one failed.
    private(set) var pausedUntil: ContinuousClock.Instant?
    /// The lengths of these pauses.
    private var backoff: Backoff
    /// The merge that was asked for: the number of the oldest segments that it concerns, and how many shall be left of
    /// them; nil for none.
    private var wanted: (segments: Int, count: Int)?
    /// The part of it that is running.
    private var wantedMerge: MergeJob?

    /// The maximum time without merges: each attempt may read gigabytes before it fails.
    private static let maxPause = Duration.seconds(600)

    /// Creates a scheduler without running merges.
    init(_ options: LiveOptions, _ queue: LiveQueue) {
        self.options = options
        self.queue = queue
        backoff = Backoff(from: max(options.retryAfter, options.commitAfter), to: Self.maxPause)
    }

    /// True if no merge is running.
    var isEmpty: Bool { running.isEmpty }

    /// Starts the merge that was asked for, and those that the policy selects, unless the index has one of their kind.
    mutating func start(_ writer: IndexWriter) {
        if let pausedUntil {
            if pausedUntil > .now { return }
            self.pausedUntil = nil
        }
        startWanted(writer)
        while let range = next(writer.stack.segments, from: wanted?.segments ?? 0) { _ = start(range, writer) }
    }

    /// Starts a merge of a range of segments in the background, and returns it.
    private mutating func start(_ range: Range<Int>, _ writer: IndexWriter) -> MergeJob {
        let job = writer.startMerge(range)
        let limiter = RateLimiter(bytesPerSecond: options.mergeBytesPerSecond)
        running.append(Running(job: job, limiter: limiter))
        options.resources.run(job, limiter) { [queue] result in queue.post(.merged(job, result)) }
        return job
    }

    // MARK: - Merges that were asked for

    /// Asks for a merge of all segments that there are to at most `count`. Until then only later segments are merged
    /// otherwise.
    mutating func want(_ segments: Int, to count: Int) { wanted = (segments, max(count, 1)) }

    /// True if a merge that was asked for is not done.
    var isWanted: Bool { wanted != nil }

    /// Gives a merge up that was asked for.
    mutating func endWanted() { wanted = nil }

    /// Starts the next part of the merge that was asked for when none of its segments is being merged; ends it if there
    /// is none.
    private mutating func startWanted(_ writer: IndexWriter) {
        guard let wanted, wantedMerge == nil else { return }
        let segments = writer.stack.segments.prefix(wanted.segments)
        if segments.contains(where: \.isMerging) { return }
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
        wantedMerge = start(first..<first + width, writer)
    }

    /// Returns the indices of the next segments to merge, none of those before `first`; nil when there are none, or the
    /// index has a merge of their kind.
    private func next(_ segments: [WrittenSegment], from first: Int) -> Range<Int>? {
        let isFree = (small: !running.contains { !$0.job.isLarge }, large: !running.contains { $0.job.isLarge })
        guard isFree.small || isFree.large else { return nil }
        var policy = options.mergePolicy
        if !isFree.large { policy.maxMergedBytes = min(policy.maxMergedBytes, 2 * MergeJob.largeBytes) }
        var end = segments.count
        while end > first {
            if !segments[end - 1].mayMerge {
                end -= 1
                continue
            }
            let start = segments[first..<end].lastIndex { !$0.mayMerge }.map { $0 + 1 } ?? first
            if let selected = policy.next(segments[start..<end].map(\.candidate)) {
                let range = start + selected.lowerBound..<start + selected.upperBound
                let isLarge = MergeJob.isLarge(segments[range].map(\.reader))
                if isLarge ? isFree.large : isFree.small { return range }
            }
            end = start
        }
        return nil
    }

    /// Records that a merge has ended. Returns true if it was a part of the one that was asked for.
    mutating func finished(_ job: MergeJob) -> Bool {
        running.removeAll { $0.job === job }
        guard job === wantedMerge else { return false }
        wantedMerge = nil
        wanted?.segments -= job.merger.sources.count - 1
        return true
    }

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
        for merge in running { options.resources.cancel(merge.limiter) }
        pausedUntil = nil
    }
}
