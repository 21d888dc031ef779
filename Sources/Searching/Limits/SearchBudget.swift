/// Limits on the cost of a search or of a look-up in an index.
///
/// A search that reaches `deadline` or `expansions`, or is cancelled, returns what it has found so far and sets
/// `SearchResult.isPartial`; a query with more than `clauses` clauses is refused.
///
/// ```swift
/// var search = Search(.pattern(field: "title", .wildcard("qui*")))
/// search.limits = SearchLimits(deadline: .now + .milliseconds(50), expansions: 1024)
/// ```
public struct SearchLimits: Sendable {
    /// The time at which the search stops; nil for no deadline. Checked once per window, so a search may take a
    /// millisecond longer.
    public var deadline: ContinuousClock.Instant?
    /// The signal that stops the search as the deadline does; nil for none.
    public var cancellation: SearchCancellation?
    /// The maximum number of terms to which patterns and keyword ranges expand, over all segments together.
    public var expansions: Int
    /// The maximum number of clauses of a query; a query with more is refused with a `request` error.
    public var clauses: Int

    /// Limits that only runaway queries reach: no deadline, a million expanded terms, ten thousand clauses.
    public init(
        deadline: ContinuousClock.Instant? = nil, cancellation: SearchCancellation? = nil, expansions: Int = 1_000_000,
        clauses: Int = 10_000
    ) {
        self.deadline = deadline
        self.cancellation = cancellation
        self.expansions = expansions
        self.clauses = clauses
    }

    /// True once the deadline has passed or the search was cancelled. Reads the clock if there is a deadline.
    public var isOver: Bool {
        if cancellation?.isCancelled ?? false { return true }
        return deadline.map { ContinuousClock.now >= $0 } ?? false
    }
}

/// The remaining budget of one running search.
///
/// Not thread-safe: a search runs on one thread.
final class SearchBudget {
    private let limits: SearchLimits
    /// The number of terms that may still be expanded.
    private var expansions: Int
    /// True once a check found that the deadline has passed or the search was cancelled.
    private(set) var isOutOfTime = false
    /// True once something, such as a group, was dropped because there were too many.
    private var hasOverflowed = false
    /// True once a term was refused because the expansion limit was reached.
    private(set) var isOutOfTerms = false

    /// True if the result is incomplete.
    var isExceeded: Bool { isOutOfTime || isOutOfTerms || hasOverflowed }

    /// A budget with everything that `limits` allows left.
    init(_ limits: SearchLimits = SearchLimits()) {
        self.limits = limits
        expansions = limits.expansions
    }

    /// Returns true if the deadline has passed or the search was cancelled. Reads the clock unless there is no deadline
    /// or it has already passed.
    func isLate() -> Bool {
        if !isOutOfTime, limits.isOver { isOutOfTime = true }
        return isOutOfTime
    }

    /// Records that something was dropped because more of it came than is kept.
    func recordOverflow() { hasOverflowed = true }

    /// Charges one expanded term; returns false when the limit is reached or no time is left. Checks the clock once per
    /// 256 terms.
    func chargeTerm() -> Bool {
        if expansions & 255 == 0, isLate() { return false }
        if expansions <= 0 {
            isOutOfTerms = true
            return false
        }
        expansions -= 1
        return true
    }
}
