import Kernels

/// What everyone may look at.
final class LiveState: Sendable {
    private struct Values: Sendable {
        var view: IndexReader
        var failure: IndexError?
    }

    private let values: Monitor<Values>

    init(_ view: IndexReader) { values = Monitor(Values(view: view)) }

    var view: IndexReader {
        get { values.withLock { $0.view } }
        set { values.withLock { $0.view = newValue } }
    }

    var failure: IndexError? {
        get { values.withLock { $0.failure } }
        set { values.withLock { $0.failure = newValue } }
    }
}
