import Kernels

/// A pool of the memory that searches need while they run: lists and sums as large as a window, and a few kilobytes per
/// term.
///
/// Without it, every search would touch fresh pages, which costs more than many searches. Thread-safe. At most 16
/// scratches are kept.
final class ScratchPool: Sendable {
    /// The pool of the process. Scratch memory is sized for windows, not for a particular index, so all readers share
    /// it.
    static let shared = ScratchPool()

    private let free = Monitor<[Scratch]>([])

    /// Lends a scratch, a new one if the pool is empty. Call `give(back:)` when the search is over.
    func take() -> Scratch { free.withLock { $0.popLast() } ?? Scratch() }

    /// Returns a scratch to the pool, trimmed to the memory that most queries need.
    func give(back scratch: Scratch) {
        scratch.trim()
        free.withLock { if $0.count < 16 { $0.append(scratch) } }
    }
}
