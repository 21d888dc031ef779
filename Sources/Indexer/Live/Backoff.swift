import Segments

/// The delays between attempts to do what failed: each is twice as long as the one before, up to a maximum.
package struct Backoff {
    private let first: Duration
    private let maximum: Duration
    private var delay: Duration

    /// Creates delays from `first` to `maximum`; without a first delay there is none.
    package init(from first: Duration, to maximum: Duration) {
        self.first = first
        self.maximum = max(first, maximum)
        delay = first
    }

    /// Returns the time to wait after one more failure; the maximum for a cause that only a person can remove.
    package mutating func next(isLasting: Bool = false) -> Duration {
        if isLasting { delay = first == .zero ? .zero : maximum }
        defer { delay = min(delay * 2, maximum) }
        return delay
    }

    /// Begins with the first delay again, after a success.
    mutating func reset() { delay = first }
}

extension IndexError {
    /// True if only a person can remove the cause: trying again soon is no use.
    var isLasting: Bool {
        switch self {
        case .corrupt, .foreign, .empty, .format, .analyzer, .schema, .rebuilt, .storage(.corruptLog): true
        case .document, .request, .searchAfterMismatch, .stopped, .busy, .storage: false
        }
    }
}
