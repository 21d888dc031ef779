import Kernels
import Segments

/// The state of a live index that any thread may read; only the writer's thread sets it.
final class LiveState: Sendable {
    private struct Values: Sendable {
        var view: IndexReader
        var failure: IndexError?
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
}
