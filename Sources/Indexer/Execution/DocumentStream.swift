import Kernels

/// The documents of a segment that match some query, handed out in windows of 4,096.
///
/// Use: `nextWindow(from:)` finds a window worth loading, `load` fills `bits` with its matches, `addScores` adds the
/// scores of those the caller still wants. Windows are visited in ascending order. One virtual call a window, none a
/// document, is what lets operators nest freely.
protocol DocumentStream: AnyObject {
    /// At most this many documents match.
    var cost: Int { get }
    /// The matches of the loaded window, one bit a document.
    var bits: UnsafeMutablePointer<UInt64> { get }
    /// The first document of a window at or after the one of `base` that may have matches; nil when there is none.
    func nextWindow(from base: Int) -> Int?
    /// Fills `bits` for the window that starts at document `base`.
    func load(_ base: Int)
    /// Adds the score of each document in `matching` to its place in `sums`. `matching` must be a part of `bits`.
    func addScores(matching: UnsafePointer<UInt64>, to sums: UnsafeMutablePointer<Double>)
}

/// The memory of one window.
final class WindowBits {
    let words: UnsafeMutablePointer<UInt64>

    init() {
        words = .allocate(capacity: windowWords)
        clearWindow(words)
    }

    deinit { words.deallocate() }
}

/// Sums of scores for one window, with the rounding of a score: clauses are added in double precision and cast once.
final class ScoreSums {
    let sums: UnsafeMutablePointer<Double>

    init() { sums = .allocate(capacity: windowSize) }

    deinit { sums.deallocate() }

    /// Adds to `target` the rounded sum of what `clauses` give the documents in `matching`.
    func add(
        _ clauses: [any DocumentStream], matching: UnsafePointer<UInt64>, to target: UnsafeMutablePointer<Double>
    ) {
        let sums = sums
        forEachBit(matching) { sums[$0] = 0 }
        for clause in clauses { clause.addScores(matching: matching, to: sums) }
        forEachBit(matching) { target[$0] += Double(Float(sums[$0])) }
    }
}

/// The start of the window a document lies in.
@inline(__always)
func windowBase(_ document: UInt32) -> Int { Int(document) & ~(windowSize - 1) }
