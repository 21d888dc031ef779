import Catalog
import FoundationEssentials
@preconcurrency import Glibc

/// What is written to standard error and standard output.
enum Terminal {
    /// Whether standard error is a terminal, so that a progress bar makes sense.
    static var isInteractive: Bool { isatty(STDERR_FILENO) == 1 }

    /// Writes a line to standard error.
    static func fail(_ line: String) {
        fputs(line + "\n", stderr)
    }

    /// Writes an encodable value to standard output as JSON.
    static func printJSON(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        print(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// Text in bold on a terminal.
    static func bold(_ text: String) -> String {
        isatty(STDOUT_FILENO) == 1 ? "\u{1B}[1m\(text)\u{1B}[0m" : text
    }

    /// A number with its thousands apart.
    static func grouped(_ number: Int) -> String {
        var digits = String(abs(number))
        var at = digits.count - 3
        while at > 0 {
            digits.insert(",", at: digits.index(digits.startIndex, offsetBy: at))
            at -= 3
        }
        return number < 0 ? "-" + digits : digits
    }

    /// Bytes as megabytes.
    static func megabytes(_ bytes: Int) -> String {
        String(Double(bytes / 10_000) / 100) + " MB"
    }
}

/// A line on standard error that follows a job: share done, rate, time left.
final class ProgressBar {
    private let start = ContinuousClock.now
    private var lastDraw = ContinuousClock.now - .seconds(1)
    private let isShown = Terminal.isInteractive

    /// Draws the line, ten times a second at most.
    func show(_ progress: IndexJob.Progress) {
        let now = ContinuousClock.now
        guard isShown, now - lastDraw >= .milliseconds(100) || progress.phase != .reading else { return }
        lastDraw = now
        let seconds = max(
            Double((now - start).components.seconds) + Double((now - start).components.attoseconds) / 1e18, 1e-3)
        let rate = Terminal.grouped(Int(Double(progress.documents) / seconds))
        var line = "\r\u{1B}[K\(progress.phase.rawValue) \(Terminal.grouped(progress.documents)) documents, \(rate)/s"
        if progress.phase == .reading, let total = progress.totalBytes, total > 0, progress.bytes > 0 {
            let share = min(Double(progress.bytes) / Double(total), 1)
            let cells = Int(share * 24)
            let left = Int(seconds / share - seconds + 0.5)
            line += " [" + String(repeating: "#", count: cells) + String(repeating: "·", count: 24 - cells)
            line += "] \(Int(share * 100)) %, \(left / 60):\(left % 60 < 10 ? "0" : "")\(left % 60) left"
        }
        fputs(line, stderr)
    }

    /// Removes the line.
    func clear() {
        if isShown { fputs("\r\u{1B}[K", stderr) }
    }
}
