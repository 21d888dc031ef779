import Catalog
@preconcurrency import Glibc

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
