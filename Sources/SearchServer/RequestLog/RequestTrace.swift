import Catalog
import Synchronization

/// The id of a request, and the facts that its line of the log has beside route, status and time. Whoever handles the
/// request notes them, on any thread.
final class RequestTrace: Sendable {
    /// The facts.
    struct Facts: Sendable {
        /// The milliseconds for which it waited for a thread; nil if it needed none.
        var waited: Double?
        /// The phases of a search.
        var phases: SearchPhases?
        /// The id of a search in the log of searches, which has its query.
        var queryID: String?
    }

    /// The trace of the request of this task; nil outside the handling of one.
    @TaskLocal static var current: RequestTrace?

    /// The id of the request.
    let id: String
    private let state = Mutex(Facts())

    /// A trace of a request without facts.
    init(id: String) { self.id = id }

    /// The facts so far.
    var facts: Facts { state.withLock { $0 } }

    /// Notes the time for which the request waited for a thread.
    func begin(after wait: Duration) { state.withLock { $0.waited = wait.milliseconds } }

    /// Notes how a reply was made.
    func note(_ phases: SearchPhases?, queryID: String?) {
        state.withLock { facts in
            facts.phases = phases
            facts.queryID = queryID
        }
    }
}

extension Duration {
    /// The milliseconds, to microseconds.
    var milliseconds: Double { (self / Duration.microseconds(1)).rounded() / 1000 }
}
