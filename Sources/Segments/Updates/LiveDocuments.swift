import Kernels

/// A bitmap of the documents of a segment that are not deleted: immutable, shared by the readers of a view.
///
/// Statistics, frequencies and therefore scores still count deleted documents until their segment is merged.
package final class LiveDocuments: Sendable {
    /// The number of live documents.
    let count: Int
    nonisolated(unsafe) private let bits: UnsafePointer<UInt64>
    private let words: Int

    /// Creates the bitmap of a segment of `documents` documents without those in `deleted`.
    ///
    /// Complexity: O(documents / 64).
    package init(documents: Int, deleted: DocumentSet) {
        // Padded to whole windows of 65,536 documents, because collectors read whole windows.
        words = max((documents + (1 << 16) - 1) / (1 << 16) * (1 << 10), 1)
        let bits = UnsafeMutablePointer<UInt64>.allocate(capacity: words)
        bits.update(repeating: 0, count: words)
        for word in 0..<(documents / 64) { bits[word] = .max }
        if documents % 64 > 0 { bits[documents / 64] = 1 << UInt64(documents % 64) - 1 }
        for (word, deletedBits) in deleted.words.enumerated() where word < words { bits[word] &= ~deletedBits }
        count = countBits(bits, words: words)
        self.bits = UnsafePointer(bits)
    }

    deinit { bits.deallocate() }

    /// Returns true if a document is not deleted.
    @inline(__always)
    package func contains(_ document: Int) -> Bool { hasBit(bits, document) }

    /// Returns the bits from a document on, which must be a multiple of 64; whole windows may be read.
    @inline(__always)
    package func bits(from document: Int) -> UnsafePointer<UInt64> { bits + document >> 6 }
}
