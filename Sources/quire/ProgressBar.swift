import Catalog
@preconcurrency import Glibc

/// A line on standard error with the progress of a job: share, rate and remaining time. It is only shown on a terminal.
///
/// ```
/// reading 120,000 documents, 41,300/s [########················] 33 %, 0:06 left
/// ```
final class ProgressBar {
    /// The start of the job, for the rate and the remaining time.
    private let start = ContinuousClock.now
    private var lastDraw = ContinuousClock.now - .seconds(1)
    private let isShown = Terminal.isInteractive

    /// Draws the line, at most ten times a second while reading. Safe to call for every document.
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
            let filled = Int(share * 24)
            let remaining = Int(seconds / share - seconds + 0.5)
            line += " [" + String(repeating: "#", count: filled) + String(repeating: "·", count: 24 - filled)
            line += "] \(Int(share * 100)) %, "
            line += "\(remaining / 60):\(remaining % 60 < 10 ? "0" : "")\(remaining % 60) left"
        }
        fputs(line, stderr)
    }

    /// Removes the line, so that other output starts in the first column.
    func clear() {
        if isShown { fputs("\r\u{1B}[K", stderr) }
    }
}
