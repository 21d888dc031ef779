/// A queue of jobs, with threads that it has only while there are some.
///
/// Thread-safe. When the system cannot create a thread, a job runs on the thread that submits it.
///
/// ```swift
/// let merges = BackgroundJobs(threads: 1, niceness: 15)
/// merges.run(owner: merge) { merge.run() }
/// if let job = merges.takeBack(merge) { job() }   // it had not begun
/// merges.close()                                  // waits for the others
/// ```
public final class BackgroundJobs: Sendable {
    private struct Job: Sendable {
        /// The number by which the queue knows the job.
        let number: Int
        /// The object by which the job can be taken back; nil for none.
        let owner: ObjectIdentifier?
        let run: @Sendable () -> Void
    }

    private struct Jobs: Sendable {
        var waiting: [Job] = []
        /// The number of threads that take jobs.
        var threads = 0
        /// The number of jobs that were submitted.
        var submitted = 0
    }

    private let jobs = Monitor(Jobs())
    private let maxThreads: Int
    private let niceness: Int32

    /// Creates a queue whose jobs run on at most some threads, with a lower priority for a higher `niceness`. With one
    /// thread they run one after another.
    public init(threads: Int = 1, niceness: Int32 = 0) {
        maxThreads = threads
        self.niceness = niceness
    }

    /// True if no job waits or runs.
    public var isIdle: Bool { jobs.withLock { $0.threads == 0 && $0.waiting.isEmpty } }

    /// Enqueues a job, to start after those before it. With an `owner`, it can be taken back.
    public func run(owner: AnyObject? = nil, _ job: @escaping @Sendable () -> Void) {
        let owner = owner.map { ObjectIdentifier($0) }
        let (number, needsThread) = jobs.withLock { jobs in
            jobs.submitted += 1
            jobs.waiting.append(Job(number: jobs.submitted, owner: owner, run: job))
            let needsThread = jobs.threads < maxThreads
            if needsThread { jobs.threads += 1 }
            return (jobs.submitted, needsThread)
        }
        guard needsThread else { return }
        do throws(WorkerThread.Unavailable) {
            _ = try WorkerThread.waiting(niceness: niceness) { [jobs] in
                while let job = Self.next(jobs) { job.run() }
            }
        } catch {
            let own = jobs.withLock { jobs in
                jobs.threads -= 1
                return Self.remove(&jobs) { $0.number == number }
            }
            own?()
            // Jobs that relied on the thread that could not be created would wait for ever.
            while let other = jobs.withLock({ $0.threads > 0 || $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }) {
                other.run()
            }
        }
    }

    /// Removes the job of an owner that waits, and returns it; nil when it has begun.
    public func takeBack(_ owner: AnyObject) -> (@Sendable () -> Void)? {
        let owner = ObjectIdentifier(owner)
        return jobs.withLock { jobs in Self.remove(&jobs) { $0.owner == owner } }
    }

    private static func remove(_ jobs: inout Jobs, _ isWanted: (Job) -> Bool) -> (@Sendable () -> Void)? {
        jobs.waiting.firstIndex(where: isWanted).map { jobs.waiting.remove(at: $0).run }
    }

    /// Removes the next job; nil, after which the thread ends, when there is none.
    private static func next(_ jobs: Monitor<Jobs>) -> Job? {
        jobs.withLock { jobs in
            guard jobs.waiting.isEmpty else { return jobs.waiting.removeFirst() }
            jobs.threads -= 1
            return nil
        }
    }

    /// Blocks until the jobs so far are done.
    public func close() { jobs.wait { $0.threads > 0 || !$0.waiting.isEmpty ? nil : true } }
}
