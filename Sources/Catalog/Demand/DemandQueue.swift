import Kernels
import Storage
import Synchronization

/// The queue of a log: searches, which may be dropped, and jobs, for which somebody waits.
final class DemandQueue: Sendable {
    /// The searches of one catalog.
    struct Lines: Sendable {
        var bytes: [UInt8] = []
        var count = 0
    }

    /// The searches that wait.
    struct Searches: Sendable {
        var lines: [String: Lines] = [:]
        var bytes = 0
        /// The numbers of searches that were dropped since the last ones were taken.
        var dropped: [String: Int] = [:]
        /// The secret of the day of the last search.
        var salt: DailySalt
        var statistics = DemandLog.Statistics()
    }

    /// Something that the thread does before it replies.
    struct Job: Sendable {
        enum Action: Sendable {
            /// Appends lines of events, durably.
            case append([UInt8])
            /// Removes what there is of a catalog.
            case remove
            /// Does nothing but what waits before it.
            case flush
        }

        var catalog: String
        var action: Action
        /// Called once, from the thread.
        var reply: @Sendable (StorageError?) -> Void
    }

    /// The signals to the thread.
    struct Inbox: Sendable {
        var jobs: [Job] = []
        var jobBytes = 0
        var hasSearches = false
        var isUrgent = false
        var isClosed = false
    }

    private let searches: Mutex<Searches>
    private let inbox = Monitor(Inbox())
    private let maxSearchBytes: Int

    init(_ salt: DailySalt, maxSearchBytes: Int) {
        searches = Mutex(Searches(salt: salt))
        self.maxSearchBytes = maxSearchBytes
    }

    /// The counts so far.
    var statistics: DemandLog.Statistics { searches.withLock { $0.statistics } }

    /// Returns the name of a client on a day, by the secret of that day.
    func name(_ client: [UInt8], _ today: LogDay) -> String {
        let salt = searches.withLock { state in
            if state.salt.day != today { state.salt = DailySalt(today) }
            return state.salt
        }
        return salt.name(client)
    }

    /// Adds the line of a search, or drops it if too many wait. Wakes the thread for the first one, and when half of
    /// the room is used up.
    func add(_ line: [UInt8], of catalog: String) {
        let (isFirst, isUrgent) = searches.withLock { state in
            guard state.bytes + line.count <= maxSearchBytes else {
                state.dropped[catalog, default: 0] += 1
                state.statistics.dropped += 1
                return (false, false)
            }
            let before = state.bytes
            state.bytes += line.count
            state.lines[catalog, default: Lines()].bytes += line
            state.lines[catalog, default: Lines()].count += 1
            state.statistics.recorded += 1
            return (before == 0, before < maxSearchBytes / 2 && state.bytes >= maxSearchBytes / 2)
        }
        guard isFirst || isUrgent else { return }
        inbox.withLock { inbox in
            inbox.hasSearches = true
            if isUrgent { inbox.isUrgent = true }
        }
    }

    /// Takes the searches that wait.
    func take() -> Searches {
        searches.withLock { state in
            let taken = state
            (state.lines, state.bytes, state.dropped) = ([:], 0, [:])
            return taken
        }
    }

    /// Counts searches as dropped that were taken, but could not be written.
    func countDropped(_ count: Int) {
        searches.withLock { state in
            state.statistics.recorded -= count
            state.statistics.dropped += count
        }
    }

    /// The reasons why a job is not taken.
    enum Refusal { case full, closed }

    /// Hands a job to the thread. Returns the reason if it is not taken: its reply is never called then.
    func submit(_ job: Job, maxBytes: Int = .max) -> Refusal? {
        var count = 0
        if case .append(let lines) = job.action { count = lines.count }
        return inbox.withLock { inbox in
            if inbox.isClosed { return .closed }
            // A single job always has room.
            if inbox.jobBytes > 0, inbox.jobBytes + count > maxBytes { return .full }
            inbox.jobs.append(job)
            inbox.jobBytes += count
            return nil
        }
    }

    /// Takes no more jobs, and ends the thread once it has written everything.
    func close() { inbox.withLock { $0.isClosed = true } }

    /// Waits for something to do, at most an hour: for jobs, or until searches have waited for `delay`.
    func wait(_ delay: Duration) -> (jobs: [Job], isClosed: Bool) {
        let isDue = inbox.wait(until: .now + .seconds(3600)) { inbox -> Bool? in
            if inbox.isUrgent || inbox.isClosed || !inbox.jobs.isEmpty { return true }
            return inbox.hasSearches ? false : nil
        }
        if isDue == false {
            inbox.wait(until: .now + delay) { inbox -> Bool? in
                inbox.isUrgent || inbox.isClosed || !inbox.jobs.isEmpty ? true : nil
            }
        }
        return inbox.withLock { inbox in
            let jobs = inbox.jobs
            let isClosed = inbox.isClosed
            inbox = Inbox()
            inbox.isClosed = isClosed
            return (jobs, isClosed)
        }
    }
}
