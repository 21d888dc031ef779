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

    /// Draws the line of a bulk load, at most ten times a second while reading. Safe to call for every document.
    func show(_ progress: IndexJob.Progress) {
        let bytes = progress.totalBytes.map { (progress.bytes, $0) }
        show(
            progress.phase.rawValue, documents: progress.documents, share: progress.phase == .reading ? bytes : nil,
            isStep: progress.phase != .reading)
    }

    /// Draws the line of a job that has done a share of what it has to do, of documents unless it says otherwise; the
    /// share is not known without `all`.
    func show(_ step: String, documents: Int?, share: (done: Int, all: Int)?, isStep: Bool = false) {
        let now = ContinuousClock.now
        guard isShown, now - lastDraw >= .milliseconds(100) || isStep else { return }
        lastDraw = now
        let seconds = max(
            Double((now - start).components.seconds) + Double((now - start).components.attoseconds) / 1e18, 1e-3)
        var line = "\r\u{1B}[K\(step)"
        if let documents {
            let rate = Terminal.grouped(Int(Double(documents) / seconds))
            line += " \(Terminal.grouped(documents)) documents, \(rate)/s"
        }
        if let share, share.all > 0, share.done > 0 {
            let part = min(Double(share.done) / Double(share.all), 1)
            let filled = Int(part * 24)
            let remaining = Int(seconds / part - seconds + 0.5)
            line += " [" + String(repeating: "#", count: filled) + String(repeating: "·", count: 24 - filled)
            line += "] \(Int(part * 100)) %, "
            line += "\(remaining / 60):\(remaining % 60 < 10 ? "0" : "")\(remaining % 60) left"
        }
        fputs(line, stderr)
    }

    /// Removes the line, so that other output starts in the first column.
    func clear() {
        if isShown { fputs("\r\u{1B}[K", stderr) }
    }
}
