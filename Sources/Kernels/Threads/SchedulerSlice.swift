import CIntrinsics

/// The slice of a thread: the time for which the scheduler lets it run before others.
///
/// On Linux from 6.12 on, a thread that wakes goes before a running one whose slice is longer, unless it has used more
/// than its share. Otherwise it waits until that slice is over, and for the next tick of the clock, which may be some
/// milliseconds. The shares of the threads stay as they are; there are more switches between them.
package enum SchedulerSlice {
    /// The slice of threads that pass a request or a reply on: as long as most of their work for one takes.
    package static let short = Duration.microseconds(200)

    /// Asks for short slices for the calling thread, but not for the threads that it starts. Does nothing where that is
    /// impossible.
    package static func shorten() { _ = quire_set_scheduler_slice(UInt64(short / .nanoseconds(1))) }

    /// The slice of the calling thread; nil where the scheduler does not tell.
    package static var current: Duration? {
        let nanoseconds = quire_scheduler_slice()
        return nanoseconds == 0 ? nil : .nanoseconds(Int64(nanoseconds))
    }
}
