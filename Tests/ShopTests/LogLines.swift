import Logging
import Synchronization

/// A logger whose lines a test reads, with all that they carry.
struct LogLines: LogHandler {
    private final class Lines: Sendable {
        let list = Mutex<[String]>([])
    }

    let stream: AsyncStream<String>
    private let sink: AsyncStream<String>.Continuation
    private let lines = Lines()
    var metadata = Logger.Metadata()
    var logLevel = Logger.Level.trace

    init() { (stream, sink) = AsyncStream.makeStream() }

    var logger: Logger { Logger(label: "test") { _ in self } }

    /// All lines so far.
    var all: [String] { lines.list.withLock { $0 } }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let line = "\(event.message) \(event.metadata ?? [:]) \(metadata)"
        lines.list.withLock { $0.append(line) }
        sink.yield(line)
    }
}
