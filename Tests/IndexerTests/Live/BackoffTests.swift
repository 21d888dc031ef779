import Testing

@testable import Indexer
@testable import Segments

@Suite struct BackoffTests {
    private func delays(_ backoff: inout Backoff, _ count: Int) -> [Duration] {
        (0..<count).map { _ in backoff.next() }
    }

    @Test func delaysDoubleUpToTheMaximum() {
        var backoff = Backoff(from: .seconds(1), to: .seconds(30))
        let expected: [Duration] = [1, 2, 4, 8, 16, 30, 30].map { .seconds($0) }
        #expect(delays(&backoff, 7) == expected)
        backoff.reset()
        #expect(delays(&backoff, 3) == Array(expected[..<3]))
    }

    @Test func lastingErrorsWaitForTheMaximum() {
        var backoff = Backoff(from: .seconds(1), to: .seconds(30))
        #expect(backoff.next(isLasting: true) == .seconds(30))
        #expect(backoff.next() == .seconds(30))
        backoff.reset()
        #expect(backoff.next() == .seconds(1))
    }

    @Test func noFirstDelayMeansNone() {
        var backoff = Backoff(from: .zero, to: .seconds(30))
        #expect(delays(&backoff, 3) == [.zero, .zero, .zero])
        #expect(backoff.next(isLasting: true) == .zero)
    }

    @Test func aPersonMustRemoveSomeCauses() {
        let corrupt = IndexError.corrupt(file: "f", section: "s", offset: 0, problem: "p")
        let lasting: [IndexError] = [
            corrupt, .storage(.corruptLog(path: "f", offset: 0, reason: "r")),
            .format(path: "f", found: 1, supported: 2),
        ]
        for error in lasting { #expect(error.isLasting, "\(error)") }
        let passing: [IndexError] = [
            .storage(.failed(operation: "write", path: "f", code: 28)), .storage(.locked(path: "f", owner: nil)), .busy,
        ]
        for error in passing { #expect(!error.isLasting, "\(error)") }
    }
}
