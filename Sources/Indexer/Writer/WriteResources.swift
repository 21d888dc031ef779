import Kernels
import Segments

/// The memory and the threads that the live indexes of a process share for writing.
///
/// A quarter of the memory limits the segments in memory, and an eighth the changes that wait or are being written. The
/// rest is left for merges, whose memory grows with the number of their documents and is not counted: at most one large
/// merge runs at a time in all indexes together.
///
/// ```swift
/// var options = LiveOptions()
/// options.resources = WriteResources(memory: 512 << 20)
/// let books = try LiveIndex(IndexFolder("data/books"), options)
/// let articles = try LiveIndex(IndexFolder("data/articles"), options)
/// ```
public final class WriteResources: Sendable {
    /// The memory of segments in memory.
    let documents: SharedMemory
    /// The memory of changes that wait for a writer, or are being written.
    let changes: SharedMemory
    /// The merges of small segments.
    private let small: BackgroundJobs
    /// The merges with a large segment, or with many.
    private let large: BackgroundJobs

    /// The memory in bytes that is assumed for a merge of small segments.
    private static let smallMergeBytes = 16 << 20

    /// Creates resources with a limit of memory in bytes, at least 16 MB.
    public init(memory: Int = 256 << 20) {
        let memory = max(memory, 16 << 20)
        documents = SharedMemory(limit: min(memory / 4, IndexWriter.maximumMemory))
        changes = SharedMemory(limit: memory / 8)
        let merges = min((Processors.allowed ?? 1) / 2, memory / 8 / Self.smallMergeBytes)
        small = BackgroundJobs(threads: max(1, merges), niceness: 10)
        large = BackgroundJobs(niceness: 15)
    }

    /// True if no merge runs or waits.
    var isIdle: Bool { small.isIdle && large.isIdle }

    /// Runs a merge on a thread of low priority, when those before it are done. `then` receives its result on that
    /// thread, or on the thread of `cancel`; the file of one that failed is removed.
    func run(
        _ merge: MergeJob, _ limiter: RateLimiter,
        then: @escaping @Sendable (Result<SegmentReader?, IndexError>) -> Void
    ) {
        let jobs = merge.isLarge ? large : small
        jobs.run(owner: limiter) {
            // One that was canceled before it began has no file.
            if limiter.isCanceled { return then(.failure(RateLimiter.canceled)) }
            do throws(IndexError) {
                then(.success(try merge.run(limiter)))
            } catch {
                // The file may be large: the writer does not wait for its removal.
                merge.abandon()
                then(.failure(error))
            }
            // A large merge takes memory in proportion to its segments, and is rare: return it to the system.
            if merge.isLarge { ProcessMemory.returnFreed() }
        }
        // `cancel` may have looked for it before it was there.
        if limiter.isCanceled { jobs.takeBack(limiter)?() }
    }

    /// Runs a merge on a thread of low priority, and blocks until it is done. Errors: those of `MergeJob.run`.
    func runAndWait(_ merge: MergeJob, _ limiter: RateLimiter) throws(IndexError) -> SegmentReader? {
        let result = Monitor<Result<SegmentReader?, IndexError>?>(nil)
        run(merge, limiter) { merged in result.withLock { $0 = merged } }
        guard let merged = result.wait(for: { $0 }) else { preconditionFailure("every merge has a result") }
        return try merged.get()
    }

    /// Cancels the merge with a limiter, and all later ones with it. One that has not begun ends at once.
    func cancel(_ limiter: RateLimiter) {
        limiter.cancel()
        (small.takeBack(limiter) ?? large.takeBack(limiter))?()
    }
}
