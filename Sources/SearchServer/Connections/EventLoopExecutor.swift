import NIOCore

/// An executor that runs the jobs of tasks on one event loop.
///
/// A connection's requests are handled on the thread that reads and writes its bytes, so that they change threads only
/// for work that takes time: a change of threads costs more than everything else that a small request needs. Work that
/// takes more than microseconds runs on `SearchThreads`, or on the concurrent executor
/// (`withTaskExecutorPreference(globalConcurrentExecutor)`): until it yields, no other connection of the loop is
/// served.
final class EventLoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    /// Creates the executor of an event loop.
    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
