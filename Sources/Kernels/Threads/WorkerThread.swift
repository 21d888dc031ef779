import Glibc

/// A thread of its own for work that blocks.
public final class WorkerThread: @unchecked Sendable {
    private var thread = pthread_t()
    /// What came of beginning it.
    private let code: Int32
    /// Only touched by whoever waits.
    private var isJoined: Bool

    private final class Work {
        let niceness: Int32
        let body: () -> Void

        init(_ niceness: Int32, _ body: @escaping () -> Void) {
            self.niceness = niceness
            self.body = body
        }
    }

    /// There is no thread to be had: `code` is the system's error.
    public struct Unavailable: Error {
        /// `errno`'s number.
        public let code: Int32
    }

    /// Begins `body` on a new thread; where there is none to be had, does it at once. Not for what waits for others.
    ///
    /// The higher `niceness`, the more others go first.
    public convenience init(niceness: Int32 = 0, _ body: sending @escaping () -> Void) {
        self.init(Work(niceness, body), orAtOnce: true)
    }

    /// Begins `body`, which may wait for others, on a new thread.
    public static func waiting(
        niceness: Int32 = 0, _ body: sending @escaping () -> Void
    ) throws(Unavailable) -> WorkerThread {
        let thread = WorkerThread(Work(niceness, body), orAtOnce: false)
        if thread.code != 0 { throw Unavailable(code: thread.code) }
        return thread
    }

    private init(_ work: Work, orAtOnce: Bool) {
        let work = Unmanaged.passRetained(work)
        code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
                // On Linux niceness is a thread's own, and 0 is the calling one.
                if work.niceness > 0 { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, work.niceness) }
                work.body()
                return nil
            }, work.toOpaque())
        isJoined = code != 0
        if code != 0 {
            let work = work.takeRetainedValue()
            if orAtOnce { work.body() }
        }
    }

    deinit { if !isJoined { pthread_detach(thread) } }

    /// Waits for its end. By one thread, once.
    public func join() {
        if isJoined { return }
        pthread_join(thread, nil)
        isJoined = true
    }
}
