import Kernels

/// Which documents of a segment were not deleted: immutable, shared by the readers of a view.
///
/// Statistics, frequencies and therefore scores still count deleted documents until their segment is merged.
final class LiveDocuments: Sendable {
    /// Documents that are left.
    let count: Int
    nonisolated(unsafe) private let bits: UnsafePointer<UInt64>
    private let words: Int

    /// The documents of a segment of `documents` of which those with a bit in `deleted` are gone.
    ///
    /// Complexity: O(documents / 64).
    init(documents: Int, deleted: DocumentSet) {
        // Whole windows may be read.
        words = max((documents + (1 << 16) - 1) / (1 << 16) * (1 << 10), 1)
        let bits = UnsafeMutablePointer<UInt64>.allocate(capacity: words)
        bits.update(repeating: 0, count: words)
        for word in 0..<(documents / 64) { bits[word] = .max }
        if documents % 64 > 0 { bits[documents / 64] = 1 << UInt64(documents % 64) - 1 }
        for (word, gone) in deleted.words.enumerated() where word < words { bits[word] &= ~gone }
        count = countBits(bits, words: words)
        self.bits = UnsafePointer(bits)
    }

    deinit { bits.deallocate() }

    /// Whether a document was not deleted.
    @inline(__always)
    func contains(_ document: Int) -> Bool { hasBit(bits, document) }

    /// The bits from a document on, a multiple of 64; whole windows may be read.
    @inline(__always)
    func bits(from document: Int) -> UnsafePointer<UInt64> { bits + document >> 6 }
}
