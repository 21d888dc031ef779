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
    /// Whether there was no time left.
    private(set) var isOutOfTime = false
    private var isOverfull = false
    /// Whether there were more terms than allowed.
    private(set) var isOutOfTerms = false

    /// Whether anything was left out.
    var isExceeded: Bool { isOutOfTime || isOutOfTerms || isOverfull }

    init(_ limits: SearchLimits = SearchLimits()) {
        deadline = limits.deadline
        expansions = limits.expansions
    }

    /// Whether there is no time left.
    func isLate() -> Bool {
        guard let deadline else { return false }
        if !isOutOfTime, ContinuousClock.now >= deadline { isOutOfTime = true }
        return isOutOfTime
    }

    /// Takes word that there was more of something than is kept.
    func noteTooMany() { isOverfull = true }

    /// Takes one more term; false when there have been enough, or there is no time left.
    func takeTerm() -> Bool {
        if expansions & 255 == 0, isLate() { return false }
        if expansions <= 0 {
            isOutOfTerms = true
            return false
        }
        expansions -= 1
        return true
    }
}
