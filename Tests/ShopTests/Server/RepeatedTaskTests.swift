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

    /// A number that several tasks count up.
    private final class Counter: Sendable {
        private let count = Mutex(0)
        var value: Int { count.withLock { $0 } }

        @discardableResult
        func next() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }
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
}
