import Kernels

/// Which documents of a segment were not deleted.
///
/// Statistics, frequencies and therefore scores still count deleted documents until their segment is merged.
public final class LiveDocuments: Sendable {
    /// Documents that are left.
    public let count: Int
    nonisolated(unsafe) private let bits: UnsafePointer<UInt64>
    private let words: Int

    /// The documents of a segment of `documents` of which those in `deleted` are gone.
    public init(documents: Int, deleted: some Sequence<Int>) {
        words = (documents + (1 << 16) - 1) / (1 << 16) * (1 << 10)
        let bits = UnsafeMutablePointer<UInt64>.allocate(capacity: max(words, 1))
        bits.update(repeating: 0, count: max(words, 1))
        for document in 0..<documents { setBit(bits, document) }
        for document in deleted where document >= 0 && document < documents {
            bits[document >> 6] &= ~(1 << UInt64(document & 63))
        }
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
