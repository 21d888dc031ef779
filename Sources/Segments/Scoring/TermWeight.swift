/// The scoring of the occurrences of one term or phrase in a field of a segment.
public struct TermWeight {
    /// boost · idf.
    @usableFromInline package let weight: Float
    /// `BM25.normInverses` by norm code.
    @usableFromInline package let normInverses: NormInverses
    /// The norm code of each document of the segment.
    @usableFromInline package let norms: UnsafePointer<UInt8>

    /// Creates a weight. It must not outlive the memory of `norms`, which belongs to the segment's reader.
    package init(weight: Float, normInverses: NormInverses, norms: UnsafePointer<UInt8>) {
        self.weight = weight
        self.normInverses = normInverses
        self.norms = norms
    }

    /// Returns the score of a document in which the term occurs `frequency` times.
    @inlinable @inline(__always)
    package func score(frequency: UInt32, document: Int) -> Float {
        BM25.score(
            weight: weight, frequency: Float(frequency), normInverse: normInverses.values[Int(norms[document])])
    }

    /// Returns the score of a document, given a frequency in which occurrences are weighted by their nearness.
    @inlinable
    package func score(frequency: Float, document: Int) -> Float {
        BM25.score(weight: weight, frequency: frequency, normInverse: normInverses.values[Int(norms[document])])
    }

    /// Scores documents, eight at a time. Scores are equal to those of `score(frequency:document:)` to the last bit.
    ///
    /// Shape: `rows` rows of eight documents, frequencies and scores; documents must exist, even where the frequency is
    /// 0, which scores 0.
    package func score(
        _ documents: UnsafePointer<UInt32>, _ frequencies: UnsafePointer<UInt32>, rows: Int,
        into scores: UnsafeMutablePointer<Float>
    ) {
        let factors = normInverses.values
        let norms = norms
        let whole = SIMD8<Float>(repeating: weight)
        let one = SIMD8<Float>(repeating: 1)
        let target = UnsafeMutableRawPointer(scores)
        for row in 0..<rows {
            let eight = documents + row &* 8
            var factor = SIMD8<Float>()
            for lane in 0..<8 { factor[lane] = factors[Int(norms[Int(eight[lane])])] }
            let frequency = UnsafeRawPointer(frequencies).loadUnaligned(
                fromByteOffset: row &* 32, as: SIMD8<Int32>.self)
            let score = whole - whole / (one + SIMD8<Float>(frequency) * factor)
            target.storeBytes(of: score, toByteOffset: row &* 32, as: SIMD8<Float>.self)
        }
    }

    /// Writes an upper bound of the scores of each of `blocks` blocks, computed from their impact pairs.
    ///
    /// Shape: `impacts` has `Impacts.byteCount` bytes a block, `bounds` room for one score a block.
    package func bounds(_ impacts: UnsafePointer<UInt8>, blocks: Int, into bounds: UnsafeMutablePointer<Float>) {
        let factors = normInverses.values
        for block in 0..<blocks {
            var best: Float = 0
            for pair in 0..<Impacts.pairs {
                let offset = block &* Impacts.byteCount &+ pair &* 2
                // 255 stands for any frequency from 255 on.
                let frequency = impacts[offset] == 255 ? Float.infinity : Float(impacts[offset])
                let score = BM25.score(
                    weight: weight, frequency: frequency, normInverse: factors[Int(impacts[offset &+ 1])])
                best = max(best, score)
            }
            bounds[block] = best
        }
    }
}

/// The norm inverses of a field by norm code, in memory of their own. They are immutable, so that several weights may
/// share them.
public final class NormInverses: Sendable {
    /// 256 values, valid as long as this object.
    @usableFromInline package nonisolated(unsafe) let values: UnsafePointer<Float>

    /// Copies the result of `BM25.normInverses`.
    package init(_ normInverses: [Float]) {
        let copy = UnsafeMutablePointer<Float>.allocate(capacity: normInverses.count)
        copy.initialize(from: normInverses, count: normInverses.count)
        values = UnsafePointer(copy)
    }

    deinit { values.deallocate() }
}
