import Kernels

/// A queue of jobs, with threads that it has only while there are some.
///
/// Thread-safe. When the system cannot create a thread, a job runs on the thread that submits it.
final class BackgroundJobs: Sendable {
    private struct Job: Sendable {
        /// The object by which the job can be taken back; nil for none.
        let owner: ObjectIdentifier?
        let run: @Sendable () -> Void
    }

    private struct Jobs: Sendable {
        var waiting: [Job] = []
        /// The number of threads that take jobs.
        var threads = 0
    }

    private let jobs = Monitor(Jobs())
    private let maxThreads: Int
    private let niceness: Int32

    /// Creates a queue whose jobs run on at most some threads, with a lower priority for a higher `niceness`. With one
    /// thread they run one after another.
    init(threads: Int = 1, niceness: Int32 = 0) {
        maxThreads = threads
        self.niceness = niceness
    }

    /// Enqueues a job, to start after those before it. With an `owner`, it can be taken back.
    func run(owner: AnyObject? = nil, _ job: @escaping @Sendable () -> Void) {
        let job = Job(owner: owner.map { ObjectIdentifier($0) }, run: job)
        let needsThread = jobs.withLock { jobs in
            jobs.waiting.append(job)
            guard jobs.threads < maxThreads else { return false }
            jobs.threads += 1
            return true
        }
        guard needsThread else { return }
        _ = WorkerThread(niceness: niceness) { [jobs] in
            while let job = Self.next(jobs) { job.run() }
        }
    }

    /// Removes the job of an owner that waits, and returns it; nil when it has begun.
    func takeBack(_ owner: AnyObject) -> (@Sendable () -> Void)? {
        jobs.withLock { jobs in
            let index = jobs.waiting.firstIndex { $0.owner == ObjectIdentifier(owner) }
            return index.map { jobs.waiting.remove(at: $0).run }
        }
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
    func close() { jobs.wait { $0.threads > 0 ? nil : true } }
}
