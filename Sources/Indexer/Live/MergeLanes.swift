import Kernels

/// The merges of a live index: one of small segments and one of large ones at a time, so that small ones do not pile up
/// while large ones are rewritten.
struct MergeLanes {
    private struct Running {
        let job: MergeJob
        let pace: WritePace
        let isLarge: Bool
    }

    private let options: LiveOptions
    private let queue: LiveQueue
    private let small: BackgroundLane
    private let large: BackgroundLane
    private var running: [Running] = []
    /// When merges are tried again after one failed.
    private(set) var pausedUntil: ContinuousClock.Instant?

    /// Bytes of a segment that makes a merge large.
    private static let largeBytes = 16 << 20

    init(_ options: LiveOptions, _ queue: LiveQueue) throws(WorkerThread.Unavailable) {
        self.options = options
        self.queue = queue
        small = try BackgroundLane(niceness: 5)
        large = try BackgroundLane(niceness: 10)
    }

    /// Whether none runs.
    var isEmpty: Bool { running.isEmpty }

    /// Begins merges that are worth it and have a free lane.
    mutating func begin(_ writer: IndexWriter) {
        if let pausedUntil {
            if pausedUntil > .now { return }
            self.pausedUntil = nil
        }
        while let range = next(writer.stack.segments) {
            let job = writer.beginMerge(range)
            let pace = WritePace(bytesPerSecond: options.mergeBytesPerSecond)
            let isLarge = Self.isLarge(job.merger.sources.map(\.segment.description.bytes))
            running.append(Running(job: job, pace: pace, isLarge: isLarge))
            (isLarge ? large : small).run { [queue] in
                do throws(IndexError) {
                    queue.tell(.merged(job, .success(try job.run(pace))))
                } catch {
                    queue.tell(.merged(job, .failure(error)))
                }
                // A merge takes memory by the size of its segments, and seldom comes.
                if isLarge { ProcessMemory.returnFreed() }
            }
        }
    }

    private static func isLarge(_ bytes: [Int]) -> Bool { bytes.contains { $0 > largeBytes } }

    /// The next segments to merge for which a lane is free.
    private func next(_ segments: [WrittenSegment]) -> Range<Int>? {
        let isFree = (small: !running.contains { !$0.isLarge }, large: !running.contains { $0.isLarge })
        guard isFree.small || isFree.large else { return nil }
        var policy = options.mergePolicy
        if !isFree.large { policy.most = min(policy.most, 2 * Self.largeBytes) }
        var end = segments.count
        while end > 0 {
            if segments[end - 1].isMerging {
                end -= 1
                continue
            }
            let start = segments[..<end].lastIndex { $0.isMerging }.map { $0 + 1 } ?? 0
            let candidates = segments[start..<end].map {
                MergePolicy.Candidate(
                    bytes: $0.reader.description.bytes, documents: $0.reader.documents, live: $0.documents)
            }
            if let found = policy.next(candidates) {
                let range = start + found.lowerBound..<start + found.upperBound
                let isLarge = Self.isLarge(segments[range].map(\.reader.description.bytes))
                if isLarge ? isFree.large : isFree.small { return range }
            }
            end = start
        }
        return nil
    }

    /// Takes note of a merge's end.
    mutating func ended(_ job: MergeJob) { running.removeAll { $0.job === job } }

    /// Begins no merge for a while.
    mutating func pause() { pausedUntil = .now + max(options.retryAfter, options.commitAfter) }

    /// Has all that run give up.
    func cancel() { for merge in running { merge.pace.cancel() } }

    /// Ends the lanes.
    func close() {
        small.close()
        large.close()
    }
}
