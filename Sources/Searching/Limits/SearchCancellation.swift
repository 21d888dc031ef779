import Synchronization

/// A signal that nobody waits for the result of a search any more.
///
/// Any thread may set it. The search sees it wherever it checks its deadline, and ends as if that had passed.
///
/// ```swift
/// let cancellation = SearchCancellation()
/// search.limits.cancellation = cancellation
/// // On another thread, when the client has left:
/// cancellation.cancel()
/// ```
public final class SearchCancellation: Sendable {
    private let flag = Atomic(false)

    /// Creates a signal that is not set.
    public init() {}

    /// True once `cancel` was called.
    public var isCancelled: Bool { flag.load(ordering: .relaxed) }

    /// Ends the searches whose limits have this signal.
    public func cancel() { flag.store(true, ordering: .relaxed) }
}
