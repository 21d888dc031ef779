import Kernels

/// A worker that runs jobs one after another, on a thread that it has only while there are some.
///
/// Thread-safe. When the system cannot create a thread, a job runs on the thread that submits it.
final class SerialWorker: Sendable {
    private struct Jobs: Sendable {
        var waiting: [@Sendable () -> Void] = []
        /// True while a thread takes jobs.
        var isRunning = false
    }

    private let jobs = Monitor(Jobs())
    private let niceness: Int32

    /// Creates a worker whose thread has a lower priority for a higher `niceness`.
    init(niceness: Int32 = 0) { self.niceness = niceness }

    /// Enqueues a job, to run after those before it.
    func run(_ job: @escaping @Sendable () -> Void) {
        let needsThread = jobs.withLock { jobs in
            jobs.waiting.append(job)
            defer { jobs.isRunning = true }
            return !jobs.isRunning
        }
        guard needsThread else { return }
        _ = WorkerThread(niceness: niceness) { [jobs] in
            while let job = Self.next(jobs) { job() }
        }
    }

    /// Removes the next job; nil, after which the thread ends, when there is none.
    private static func next(_ jobs: Monitor<Jobs>) -> (@Sendable () -> Void)? {
        jobs.withLock { jobs in
            guard jobs.waiting.isEmpty else { return jobs.waiting.removeFirst() }
            jobs.isRunning = false
            return nil
        }
    }

    /// Blocks until the jobs so far are done.
    func close() { jobs.wait { $0.isRunning ? nil : true } }
}
