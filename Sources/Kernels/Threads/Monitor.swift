import Glibc

/// State that threads share, with a lock that guards it and a condition to wait for its changes.
///
/// Only threads that may block (`WorkerThread`) may call `wait`, never those of Swift's cooperative pool. The lock is a
/// pthread mutex, which race detectors understand, unlike `Synchronization.Mutex`; it is not recursive.
///
/// ```swift
/// let jobs = Monitor([Job]())
/// jobs.withLock { $0.append(job) }                                        // wakes the threads that wait
/// let next = jobs.wait { $0.isEmpty ? nil : $0.removeFirst() }            // blocks until there is a job
/// let soon = jobs.wait(until: .now + .seconds(1)) { $0.popLast() }        // nil after a second without one
/// ```
public final class Monitor<Value>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// The guarded state; accessed only with the mutex held.
    private var state: Value
    /// Threads inside `wait`; accessed only with the mutex held.
    private var waiters = 0

    /// Creates a monitor of some state.
    public init(_ state: sending Value) {
        self.state = state
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Calls `body` with exclusive access to the state, then wakes the waiting threads, if there are any, whose
    /// conditions are evaluated again. Rethrows the error of `body`.
    public func withLock<T, E: Error>(_ body: (inout sending Value) throws(E) -> sending T) throws(E) -> sending T {
        pthread_mutex_lock(mutex)
        defer {
            if waiters > 0 { pthread_cond_broadcast(condition) }
            pthread_mutex_unlock(mutex)
        }
        return try body(&state)
    }

    /// Does the same as `withLock`, but wakes only one of the waiting threads: for a change that any of them can use,
    /// and only one of them needs, such as a job in a queue whose threads are all alike.
    public func withLockWakingOne<T, E: Error>(
        _ body: (inout sending Value) throws(E) -> sending T
    ) throws(E) -> sending T {
        pthread_mutex_lock(mutex)
        defer {
            if waiters > 0 { pthread_cond_signal(condition) }
            pthread_mutex_unlock(mutex)
        }
        return try body(&state)
    }

    /// Waits until `body` returns a value and returns that; nil when `deadline` passes before.
    ///
    /// `body` is called with exclusive access to the state, at once and after every change by `withLock`. It may change
    /// the state itself, such as by removing what it returns; that alone wakes no other thread.
    @discardableResult
    public func wait<T>(
        until deadline: ContinuousClock.Instant? = nil, for body: (inout sending Value) -> sending T?
    ) -> sending T? {
        pthread_mutex_lock(mutex)
        waiters += 1
        defer {
            waiters -= 1
            pthread_mutex_unlock(mutex)
        }
        while true {
            if let result = body(&state) { return result }
            guard let deadline else {
                pthread_cond_wait(condition, mutex)
                continue
            }
            let remaining = deadline - ContinuousClock.now
            guard remaining > .zero else { return nil }
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            let (seconds, attoseconds) = remaining.components
            time.tv_sec += Int(seconds)
            time.tv_nsec += Int(attoseconds / 1_000_000_000)
            if time.tv_nsec >= 1_000_000_000 {
                time.tv_sec += 1
                time.tv_nsec -= 1_000_000_000
            }
            pthread_cond_timedwait(condition, mutex, &time)
        }
    }
}
