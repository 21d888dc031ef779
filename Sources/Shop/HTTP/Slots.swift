import Synchronization

/// The places of a work of which only so much goes on or waits at a time.
final class Slots: Sendable {
    private let limit: Int
    private let taken = Mutex(0)

    init(_ limit: Int) { self.limit = limit }

    /// Runs a body in a place. Errors: `problem` if none is free.
    func run<Value>(orThrow problem: Problem, _ body: () async throws -> Value) async throws -> Value {
        let isAdmitted = taken.withLock { taken in
            guard taken < limit else { return false }
            taken += 1
            return true
        }
        guard isAdmitted else { throw problem }
        defer { taken.withLock { $0 -= 1 } }
        return try await body()
    }
}
