import Kernels

/// The matching documents of a whole segment, one bit per document.
///
/// The memory is borrowed from a `Scratch`: whoever creates the bits calls `recycle(into:)` when they are no longer
/// used.
struct MatchBits {
    /// The bits, least significant first; those after the segment's last document are 0.
    let bits: UnsafeMutablePointer<UInt64>
    /// The number of 64-bit words.
    let words: Int
    private let memory: ReusableBytes

    /// Bits of which none is set. Complexity: O(documents / 64).
    init(_ documents: Int, _ scratch: Scratch) {
        words = (documents + 63) / 64
        memory = scratch.run()
        memory.clear(words * 8)
        bits = UnsafeMutableRawPointer(memory.base).assumingMemoryBound(to: UInt64.self)
    }

    /// Returns the memory to the scratch it came from. The bits must not be used afterwards.
    func recycle(into scratch: Scratch) { scratch.runs.append(memory) }

    /// Copies the bits of the window that starts at document `base`, a multiple of 64. Complexity: O(words).
    func insert(_ window: UnsafePointer<UInt64>, words count: Int, at base: Int) {
        (bits + base / 64).update(from: window, count: min(count, words - base / 64))
    }
}
