import Glibc

/// A dedicated operating-system thread for work that blocks, outside Swift's cooperative pool.
///
/// The thread runs `body` once and ends. It is detached when the object is released before `join`.
///
/// ```swift
/// let thread = try WorkerThread.waiting { while let job = jobs.wait({ $0.next() }) { job.run() } }
/// jobs.withLock { $0.close() }
/// thread.join()
/// ```
public final class WorkerThread: @unchecked Sendable {
    private var thread = pthread_t()
    /// The result of `pthread_create`: 0, or an error number.
    private let code: Int32
    /// Accessed only by the thread that joins.
    private var isJoined: Bool

    /// The closure and its priority, boxed to pass through a C pointer.
    private final class Work {
        let niceness: Int32
        let isPrompt: Bool
        let body: () -> Void

        init(_ niceness: Int32, isPrompt: Bool, _ body: @escaping () -> Void) {
            self.niceness = niceness
            self.isPrompt = isPrompt
            self.body = body
        }

        /// Gives the calling thread its priority, and runs the body.
        func run() {
            // On Linux niceness belongs to a thread, not to the process, and 0 means the calling thread.
            if niceness > 0 { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness) }
            if isPrompt { SchedulerSlice.shorten() }
            body()
        }
    }

    /// The error that the system cannot create another thread.
    public struct Unavailable: Error {
        /// The system's error number, as in `errno`.
        public let code: Int32
    }

    /// Starts `body` on a new thread, or runs it in the calling thread when the system cannot create one. `body` must
    /// therefore not wait for the caller or for other threads.
    ///
    /// `niceness` is 0...19; threads with a higher one yield to the others.
    public convenience init(niceness: Int32 = 0, _ body: sending @escaping () -> Void) {
        self.init(Work(niceness, isPrompt: false, body), orAtOnce: true)
    }

    /// Starts `body`, which may wait for other threads, on a new thread. With `isPrompt` it has short slices
    /// (`SchedulerSlice`).
    ///
    /// Errors: `Unavailable` when the system cannot create a thread; `body` is not run then.
    public static func waiting(
        niceness: Int32 = 0, isPrompt: Bool = false, _ body: sending @escaping () -> Void
    ) throws(Unavailable) -> WorkerThread {
        let thread = WorkerThread(Work(niceness, isPrompt: isPrompt, body), orAtOnce: false)
        if thread.code != 0 { throw Unavailable(code: thread.code) }
        return thread
    }

    private init(_ work: Work, orAtOnce: Bool) {
        let work = Unmanaged.passRetained(work)
        code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, work.toOpaque())
        isJoined = code != 0
        if code != 0 {
            let work = work.takeRetainedValue()
            if orAtOnce { work.body() }
        }
    }

    deinit { if !isJoined { pthread_detach(thread) } }

    /// Waits until the thread ends. At most one thread may call it; later calls return at once.
    public func join() {
        if isJoined { return }
        pthread_join(thread, nil)
        isJoined = true
    }
}
