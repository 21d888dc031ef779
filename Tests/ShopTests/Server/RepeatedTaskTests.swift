import Logging
import Synchronization
import Testing

@testable import Shop

@Suite struct RepeatedTaskTests {
    private struct Failure: Error {}

    /// A log that tells of each entry.
    private struct TellingLog: LogHandler {
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info
        let onEntry: @Sendable () -> Void

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event _: LogEvent) { onEntry() }
    }

    @Test func aStepThatFailsIsRepeatedAndEachRowOfFailuresIsLoggedOnce() async throws {
        let (entries, calls) = (Counter(), Counter())
        let log = TellingLog { entries.next() }
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let task = RepeatedTask(
            pause: .milliseconds(1), trouble: "trouble", logger: Logger(label: "test", factory: { _ in log })
        ) {
            let call = calls.next()
            if call == 6 { end.finish() }
            if [1, 2, 4, 5].contains(call) { throw Failure() }
        }
        let running = Task { try await task.run() }
        for await _ in ends {}
        running.cancel()
        try await running.value
        #expect(entries.value == 2)
    }

    @Test func theEndOfAStepThatIsCanceledIsNoFailure() async throws {
        let entries = Counter()
        let log = TellingLog { entries.next() }
        let (starts, start) = AsyncStream.makeStream(of: Void.self)
        let task = RepeatedTask(
            pause: .milliseconds(1), trouble: "trouble", logger: Logger(label: "test", factory: { _ in log })
        ) {
            start.finish()
            try await Task.sleep(for: .seconds(3600))
        }
        let running = Task { try await task.run() }
        for await _ in starts {}
        running.cancel()
        try await running.value
        #expect(entries.value == 0)
    }

    @Test func pausesDoubleUpToTheLongest() {
        var task = RepeatedTask(
            pause: .milliseconds(100), longestPause: .seconds(2), trouble: "trouble", logger: .quiet
        ) {}
        for milliseconds in [100, 300, 700] {
            let pause = task.longerPause(than: .milliseconds(milliseconds))
            #expect(pause >= .milliseconds(2 * milliseconds))
            #expect(pause <= .milliseconds(milliseconds * 5 / 2))
        }
        #expect(task.longerPause(than: .seconds(1.5)) == .seconds(2))
        task.longestPause = nil
        #expect(task.longerPause(than: .milliseconds(100)) == .milliseconds(100))
    }
}
