import Kernels

/// How one term's (or phrase's) occurrences become scores.
struct TermWeight {
    /// boost * idf.
    let weight: Float
    /// By length code.
    let normInverses: NormInverses
    /// Length code by document.
    let norms: UnsafePointer<UInt8>

    /// The score of a document.
    @inline(__always)
    func score(frequency: UInt32, document: Int) -> Float {
        BM25.score(
            weight: weight, frequency: Float(frequency), normInverse: normInverses.values[Int(norms[document])])
    }

    /// The score of a document in which something stands this often, nearness counted.
    func score(frequency: Float, document: Int) -> Float {
        BM25.score(weight: weight, frequency: frequency, normInverse: normInverses.values[Int(norms[document])])
    }

    /// Scores documents by eights.
    ///
    /// Shape: `rows` rows of eight documents, frequencies and scores; documents must exist. A frequency of 0 scores 0.
    func score(
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

    /// The greatest score of each of `blocks` blocks, from their impact pairs.
    func bounds(_ impacts: UnsafePointer<UInt8>, blocks: Int, into bounds: UnsafeMutablePointer<Float>) {
        let factors = normInverses.values
        for block in 0..<blocks {
            var best: Float = 0
            for pair in 0..<Impacts.pairs {
                let at = block &* Impacts.byteCount &+ pair &* 2
                // 255 stands for anything from there on.
                let frequency = impacts[at] == 255 ? Float.infinity : Float(impacts[at])
                let score = BM25.score(
                    weight: weight, frequency: frequency, normInverse: factors[Int(impacts[at &+ 1])])
                best = max(best, score)
            }
            bounds[block] = best
        }
    }
}

/// The 256 factors of a field's lengths.
final class NormInverses: Sendable {
    nonisolated(unsafe) let values: UnsafePointer<Float>

    init(_ list: [Float]) {
        let copy = UnsafeMutablePointer<Float>.allocate(capacity: list.count)
        copy.initialize(from: list, count: list.count)
        values = UnsafePointer(copy)
    }

    deinit { values.deallocate() }
}
