import CIntrinsics

/// The time for which the scheduler lets a thread run before other ones.
///
/// Linux (since 6.12) lets a thread that wakes go before one that computes if its slice is shorter. Otherwise it may
/// wait until the slice of the other one is over, which is milliseconds: much for a reply that takes less than one, and
/// that several threads hand on. A shorter slice takes nothing from the other threads: each still gets its share.
public enum SchedulerSlice {
    /// The slice of threads that somebody waits for: a few of them make a reply.
    package static let short = Duration.microseconds(200)

    /// Makes the slices of the calling thread short. Does nothing where that is impossible.
    public static func shorten() {
        _ = quire_set_scheduler_slice(UInt64(short / .nanoseconds(1)))
    }

    /// Gives the calling thread the slices of the system.
    static func reset() { _ = quire_set_scheduler_slice(0) }

    /// The slice of the calling thread; nil where the scheduler does not tell.
    package static var current: Duration? {
        let nanoseconds = quire_scheduler_slice()
        return nanoseconds == 0 ? nil : .nanoseconds(Int64(nanoseconds))
    }
}
