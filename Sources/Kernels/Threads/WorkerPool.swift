/// A fixed number of threads for short jobs that somebody waits for, with a queue that is bounded in time.
///
/// Jobs run in the order in which they came. A job is refused at once if those before it would use up a quarter of the
/// time that it has, by the measured time of a job: what is accepted has most of its time left when it begins. A job
/// whose time is over, or that nobody waits for any more, is dropped when its turn comes.
/// `docs/decisions/0014-overload.md` has the reasons. Thread-safe; it never blocks its caller.
///
/// ```swift
/// let pool = WorkerPool(threads: 2)
/// let job = WorkerPool.Job(deadline: .now + .seconds(5)) { isDropped in reply(isDropped ? nil : search()) }
/// if !pool.submit(job) { reply(nil) }
/// ```
public final class WorkerPool: Sendable {
    /// Something to do in time.
    public struct Job: Sendable {
        /// The time when its result is of no use any more; nil for none.
        let deadline: ContinuousClock.Instant?
        /// Returns true if nobody waits for its result any more.
        let isAbandoned: @Sendable () -> Bool
        /// Does it; with true it has been dropped, and there is nothing to do.
        let body: @Sendable (_ isDropped: Bool) -> Void

        /// Creates a job. If it is accepted, `body` is called once, on a thread of the pool.
        public init(
            deadline: ContinuousClock.Instant? = nil, isAbandoned: @escaping @Sendable () -> Bool = { false },
            body: @escaping @Sendable (_ isDropped: Bool) -> Void
        ) {
            self.deadline = deadline
            self.isAbandoned = isAbandoned
            self.body = body
        }
    }

    /// The numbers of jobs since the pool was created.
    public struct Statistics: Sendable {
        /// The number of jobs that ran.
        public var run = 0
        /// The number of jobs that were not accepted, because they would have waited too long.
        public var refused = 0
        /// The number of jobs that were accepted, but were out of time or abandoned when their turn came.
        public var dropped = 0
    }

    /// The jobs that wait, and what is known of those that ran.
    private struct Queue: Sendable {
        /// The jobs, oldest first; the first `taken` of them are no longer there.
        var jobs: [Job?] = []
        var taken = 0
        var isClosed = false
        /// The moving average of the time that a job takes.
        var average: Duration
        var statistics = Statistics()

        /// The number of jobs that wait.
        var count: Int { jobs.count - taken }

        /// Removes the oldest job. Complexity: O(1), amortized.
        mutating func next() -> Job? {
            guard taken < jobs.count else { return nil }
            defer {
                jobs[taken] = nil
                taken += 1
                if taken * 2 >= jobs.count {
                    jobs.removeFirst(taken)
                    taken = 0
                }
            }
            return jobs[taken]
        }
    }

    /// The part of its time that a job may wait: one of so many.
    private static let waitingShare = 4
    /// The time of a job without a deadline, for its share.
    private static let unlimitedTime = Duration.seconds(5)
    /// The maximum number of waiting jobs for each thread, however short they are: a bound on memory.
    private static let maxWaiting = 512
    /// The weight of the last job in the average: one of so many.
    private static let averaged = 32

    private let queue: Monitor<Queue>
    private let threads: Int

    /// Starts the threads, with a lower priority for a higher `niceness`, and with short slices (`SchedulerSlice`) if
    /// `isPrompt`. `expected` is the time of a job until some have been measured.
    ///
    /// Fewer threads run when the system has no more; without any, jobs run where they are submitted.
    public init(
        threads: Int, niceness: Int32 = 0, isPrompt: Bool = false, expected: Duration = .milliseconds(10)
    ) {
        let queue = Monitor(Queue(average: expected))
        self.queue = queue
        var started = 0
        while started < max(threads, 1),
            (try? WorkerThread.waiting(niceness: niceness, isPrompt: isPrompt) { Self.work(queue) }) != nil
        { started += 1 }
        self.threads = started
    }

    /// Ends the threads after the jobs that were accepted.
    deinit { queue.withLock { $0.isClosed = true } }

    /// The number of jobs that wait.
    public var waiting: Int { queue.withLock { $0.count } }

    /// The numbers of jobs so far.
    public var statistics: Statistics { queue.withLock { $0.statistics } }

    /// Enqueues a job. Returns false, and never calls it, if it would wait too long.
    ///
    /// Complexity: O(1), amortized.
    public func submit(_ job: Job) -> Bool {
        if threads == 0 {
            Self.record(Self.run(job), queue)
            return true
        }
        let time = job.deadline.map { $0 - .now } ?? Self.unlimitedTime
        return queue.withLockWakingOne { queue in
            // As many as there are threads always wait: an average of slow jobs must not refuse all others.
            if queue.count >= threads {
                let wait = queue.average * (queue.count + 1) / threads
                guard queue.count < threads * Self.maxWaiting, wait <= time / Self.waitingShare else {
                    queue.statistics.refused += 1
                    return false
                }
            }
            queue.jobs.append(job)
            return true
        }
    }

    /// Runs jobs until the queue is closed and empty.
    private static func work(_ queue: Monitor<Queue>) {
        while true {
            let job = queue.wait { queue -> Job?? in
                if let job = queue.next() { return .some(job) }
                return queue.isClosed ? .some(nil) : nil
            }
            guard let job = job ?? nil else { return }
            record(run(job), queue)
        }
    }

    /// Records that a job took some time, or was dropped.
    private static func record(_ elapsed: Duration?, _ queue: Monitor<Queue>) {
        queue.withLockWakingOne { queue in
            guard let elapsed else {
                queue.statistics.dropped += 1
                return
            }
            queue.statistics.run += 1
            queue.average += (elapsed - queue.average) / averaged
        }
    }

    /// Runs a job and returns the time it took, or drops it and returns nil.
    private static func run(_ job: Job) -> Duration? {
        let start = ContinuousClock.now
        let isDropped = job.isAbandoned() || job.deadline.map { $0 <= start } ?? false
        job.body(isDropped)
        return isDropped ? nil : ContinuousClock.now - start
    }
}
