import Glibc

/// The BM25 similarity in Lucene's float formula and order of operations, so that scores are equal to the last bit.
///
/// score = weight - weight / (1 + tf * normInverse(length)), weight = boost * idf,
/// normInverse = 1 / (k1 * ((1 - b) + b * length / averageLength)).
/// Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009; the float form of
/// Lucene's `BM25Similarity` (apache/lucene, `search/similarities`).
public struct BM25: Sendable, Equatable {
    /// How fast repeated words stop counting.
    public var k1: Float
    /// How much long texts are held back, 0...1.
    public var b: Float

    /// Lucene's defaults are k1 1.2 and b 0.75.
    public init(k1: Float = 1.2, b: Float = 0.75) {
        self.k1 = k1
        self.b = b
    }

    /// The weight of a term that stands in `documentFrequency` of `documentCount` documents.
    public static func idf(documentFrequency: Int, documentCount: Int) -> Float {
        let n = Double(documentCount)
        let df = Double(documentFrequency)
        return Float(log(1 + (n - df + 0.5) / (df + 0.5)))
    }

    /// What a length code contributes, for all 256 codes.
    func normInverses(tokenCount: Int, documentCount: Int) -> [Float] {
        let average = Float(Double(tokenCount) / Double(max(documentCount, 1)))
        return LengthCode.lengths.map { 1 / (k1 * ((1 - b) + b * $0 / average)) }
    }

    /// The score of a term that stands `frequency` times.
    @inlinable
    @inline(__always)
    public static func score(weight: Float, frequency: Float, normInverse: Float) -> Float {
        weight - weight / (1 + frequency * normInverse)
    }
}
