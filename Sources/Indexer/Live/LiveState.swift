import Kernels
import Segments

/// The state of a live index that any thread may read; only the writer's thread sets it.
final class LiveState: Sendable {
    private struct Values: Sendable {
        var view: IndexReader
        var failure: IndexError?
        var operations = 0
        var standby: StandbyIndex?
        var counts = LiveCounts()
    }

    private let values: Monitor<Values>

    init(_ view: IndexReader) { values = Monitor(Values(view: view)) }

    /// The newest view.
    var view: IndexReader {
        get { values.withLock { $0.view } }
        set { values.withLock { $0.view = newValue } }
    }

    /// The error that keeps changes from being written; nil when there is none.
    var failure: IndexError? {
        get { values.withLock { $0.failure } }
        set { values.withLock { $0.failure = newValue } }
    }

    /// The number of the last durable change that was applied.
    var operations: Int {
        get { values.withLock { $0.operations } }
        set { values.withLock { $0.operations = newValue } }
    }

    /// The work that the index has done.
    var counts: LiveCounts { values.withLock { $0.counts } }

    /// Counts what the index has done.
    func count(_ body: (inout LiveCounts) -> Void) { values.withLock { body(&$0.counts) } }

    /// The standby generation; nil for none.
    var standby: StandbyIndex? {
        get { values.withLock { $0.standby } }
        set { values.withLock { $0.standby = newValue } }
    }
}
