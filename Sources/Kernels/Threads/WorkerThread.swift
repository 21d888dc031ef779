import Glibc

/// A thread of its own for work that blocks.
public final class WorkerThread: @unchecked Sendable {
    private var thread = pthread_t()
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

    /// Begins `body` on a new thread; where there is none to be had, does it at once.
    ///
    /// The higher `niceness`, the more others go first.
    public init(niceness: Int32 = 0, _ body: sending @escaping () -> Void) {
        let work = Unmanaged.passRetained(Work(niceness, body))
        let code = pthread_create(
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
        if isJoined { work.takeRetainedValue().body() }
    }

    deinit { if !isJoined { pthread_detach(thread) } }

    /// Waits for its end. By one thread, once.
    public func join() {
        if isJoined { return }
        pthread_join(thread, nil)
        isJoined = true
    }
}
