import Kernels

/// Memory that searches need for their length and lend each other: lists and sums as large as a window, and a few
/// kilobytes for each term.
///
/// Without it, every search would touch fresh pages, which costs more than many searches.
final class ScratchPool: Sendable {
    private let free = Monitor<[Scratch]>([])

    /// Lends a scratch; give it back when the search is over.
    func take() -> Scratch { free.withLock { $0.popLast() } ?? Scratch() }

    /// Takes a scratch back. Only a few are kept, and of what a long query needed only what most queries need.
    func give(back scratch: Scratch) {
        scratch.trim()
        free.withLock { if $0.count < 16 { $0.append(scratch) } }
    }
}
