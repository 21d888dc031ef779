import Kernels

/// Which documents of a segment match, a bit each.
struct MatchBits {
    let bits: UnsafeMutablePointer<UInt64>
    let words: Int
    private let memory: RunMemory

    /// None does. Takes memory of a scratch, which `giveBack` gives back. Complexity: O(documents / 64).
    init(_ documents: Int, _ scratch: Scratch) {
        words = (documents + 63) / 64
        memory = scratch.run()
        memory.clear(words * 8)
        bits = UnsafeMutableRawPointer(memory.base).assumingMemoryBound(to: UInt64.self)
    }

    /// Gives the memory back; the bits are not there any more.
    func giveBack(to scratch: Scratch) { scratch.runs.append(memory) }

    /// Takes over the bits of a window.
    func insert(_ window: UnsafePointer<UInt64>, words count: Int, at base: Int) {
        (bits + base / 64).update(from: window, count: min(count, words - base / 64))
    }
}
