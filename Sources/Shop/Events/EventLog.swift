import Logging
import Synchronization

/// The events of a process on their way to the database. Who records one does not wait: events are kept in memory for a
/// second at most, and written together. A process that is killed loses those of that second.
///
/// While the database cannot take them, up to 10,000 wait, half of the places for what the shop itself has seen; more
/// are dropped, and the log tells how many.
final class EventLog: Sendable {
    private struct State {
        var waiting: [Event] = []
        /// Active accounts that are in the database and not in Redis yet.
        var unmarked: Set<ActiveDay> = []
        var dropped = 0
    }

    private static let capacity = 10_000
    /// The most events of a transaction.
    private static let batch = 500

    private let store: Store
    private let marks: ActivityMarks
    private let logger: Logger
    private let state = Mutex(State())

    init(_ store: Store, _ redis: RedisClient, logger: Logger) {
        self.store = store
        self.logger = logger
        marks = ActivityMarks(redis)
    }

    /// Records an event, unless too many wait.
    func record(_ event: Event) {
        state.withLock { state in
            let capacity = event.kind.isTold ? Self.capacity / 2 : Self.capacity
            if state.waiting.count < capacity { state.waiting.append(event) } else { state.dropped += 1 }
        }
    }

    /// Notes that an account was active by events that are in the database already.
    func note(_ day: ActiveDay) { state.withLock { _ = $0.unmarked.insert(day) } }

    /// Writes the events that wait, once a second and when the process ends. Those that cannot be written wait on.
    func flush() async throws {
        let dropped = state.withLock { state in
            defer { state.dropped = 0 }
            return state.dropped
        }
        if dropped > 0 { logger.warning("events were dropped", metadata: ["count": "\(dropped)"]) }
        while true {
            let events = state.withLock { Array($0.waiting.prefix(Self.batch)) }
            guard !events.isEmpty else { break }
            try await store.write { try $0.add(events) }
            state.withLock { state in
                state.waiting.removeFirst(events.count)
                state.unmarked.formUnion(events.compactMap(\.activeDay))
            }
        }
        let unmarked = state.withLock { $0.unmarked }
        try await marks.add(unmarked)
        state.withLock { $0.unmarked.subtract(unmarked) }
    }
}
