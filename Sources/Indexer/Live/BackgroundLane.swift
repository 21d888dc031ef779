import Kernels

/// A thread that does jobs one after another.
final class BackgroundLane: Sendable {
    private struct Jobs: Sendable {
        var jobs: [@Sendable () -> Void] = []
        var isClosed = false
    }

    private let state: Monitor<Jobs>
    private let thread: WorkerThread

    /// A lane without jobs.
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

    /// Does a job when those before it are done.
    func run(_ job: @escaping @Sendable () -> Void) { state.withLock { $0.jobs.append(job) } }

    /// Waits for the jobs given so far, and ends.
    func close() {
        state.withLock { $0.isClosed = true }
        thread.join()
    }
}
