import Kernels

/// Holds the threads of a pool, and everything behind them, until it is opened.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var held = 0
        var ended = 0
    }

    private let state = Monitor(State())

    /// Submits jobs that wait for the gate until the pool accepts no more. Returns their number.
    func fill(_ pool: WorkerPool) -> Int {
        var count = 0
        while pool.submit(job) { count += 1 }
        return count
    }

    /// A job that waits for the gate.
    var job: WorkerPool.Job {
        WorkerPool.Job { [self] _ in
            state.withLock { $0.held += 1 }
            state.wait { $0.isOpen ? true : nil }
            state.withLock { $0.ended += 1 }
        }
    }

    /// Returns when a job is held.
    func awaitHeld() { state.wait { $0.held > 0 ? true : nil } }

    func open() { state.withLock { $0.isOpen = true } }

    /// Returns when `count` jobs have ended.
    func awaitEnded(_ count: Int) { state.wait { $0.ended == count ? true : nil } }
}
