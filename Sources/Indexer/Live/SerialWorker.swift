import Kernels

/// A thread that runs jobs one after another.
///
/// Thread-safe. A worker that is released without `close` ends after the jobs it has.
final class SerialWorker: Sendable {
    private struct Jobs: Sendable {
        var jobs: [@Sendable () -> Void] = []
        var isClosed = false
    }

    /// The jobs that are waiting.
    private let state: Monitor<Jobs>
    /// The thread that runs them.
    private let thread: WorkerThread

    /// Starts the thread, with a lower priority for a higher `niceness`.
    init(niceness: Int32 = 0) throws(WorkerThread.Unavailable) {
        let state = Monitor(Jobs())
        self.state = state
        thread = try WorkerThread.waiting(niceness: niceness) {
            while true {
                let job = state.wait { state -> (@Sendable () -> Void)?? in
                    if !state.jobs.isEmpty { return .some(state.jobs.removeFirst()) }
                    return state.isClosed ? .some(nil) : nil
                }
                guard let job = job ?? nil else { return }
                job()
            }
        }
    }

    deinit { state.withLock { $0.isClosed = true } }

    /// Enqueues a job, to run after those before it.
    func run(_ job: @escaping @Sendable () -> Void) { state.withLock { $0.jobs.append(job) } }

    /// Blocks until the jobs so far are done, and ends the thread.
    func close() {
        state.withLock { $0.isClosed = true }
        thread.join()
    }
}
