import Kernels

/// An executor that runs the jobs of tasks on threads of low priority: for bodies of millions of documents, whose
/// parsing must not keep searches waiting.
final class BackgroundExecutor: TaskExecutor {
    /// The executor of this process.
    static let shared = BackgroundExecutor()

    private let jobs = BackgroundJobs(threads: 2, niceness: 12)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.run { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
