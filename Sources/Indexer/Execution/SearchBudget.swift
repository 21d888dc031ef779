/// What a search may cost. A search that comes to an end of it answers with what it has, and says so.
public struct SearchLimits: Sendable {
    /// When to stop; nil for never. Looked at once a window, so a search may take a millisecond more.
    public var deadline: ContinuousClock.Instant?
    /// How many terms patterns and ranges of keywords may stand for, in all segments together.
    public var expansions: Int
    /// How many clauses a query may have; one that has more is refused.
    public var clauses: Int

    /// No deadline, and more terms and clauses than anybody writes.
    public init(
        deadline: ContinuousClock.Instant? = nil, expansions: Int = 1_000_000, clauses: Int = 10_000
    ) {
        self.deadline = deadline
        self.expansions = expansions
        self.clauses = clauses
    }
}

/// What is left of a search's limits.
final class SearchBudget {
    private let deadline: ContinuousClock.Instant?
    private var expansions: Int
    /// Whether anything was left out.
    private(set) var isExceeded = false

    init(_ limits: SearchLimits = SearchLimits()) {
        deadline = limits.deadline
        expansions = limits.expansions
    }

    /// Whether there is no time left.
    func isLate() -> Bool {
        guard let deadline else { return false }
        if !isExceeded, ContinuousClock.now >= deadline { isExceeded = true }
        return isExceeded
    }

    /// Takes one more term; false when there have been enough.
    func takeTerm() -> Bool {
        if expansions <= 0 {
            isExceeded = true
            return false
        }
        expansions -= 1
        return true
    }
}
