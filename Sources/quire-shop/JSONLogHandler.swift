import FoundationEssentials
import Logging

/// A log handler that writes each line as a JSON object to standard error: `time`, `level`, `message` and the metadata.
struct JSONLogHandler: LogHandler {
    var logLevel = Logger.Level.notice
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var members = metadata.merging(event.metadata ?? [:]) { $1 }.mapValues { "\($0)" }
        members["time"] = Date.now.formatted(.iso8601.time(includingFractionalSeconds: true))
        members["level"] = event.level.rawValue
        members["message"] = event.message.description
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let line = try? encoder.encode(members) else { return }
        Terminal.printStatus(String(decoding: line, as: UTF8.self))
    }
}
