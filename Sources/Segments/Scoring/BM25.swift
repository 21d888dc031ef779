import Glibc

/// The BM25 similarity with Lucene's formula, precision (`Float`) and order of operations, so that scores are equal to
/// the last bit.
///
///     score       = weight − weight / (1 + frequency · normInverse(length))
///     weight      = boost · idf
///     normInverse = 1 / (k1 · ((1 − b) + b · length / average length))
///
/// ```swift
/// let similarity = BM25()
/// let weight = BM25.idf(documentFrequency: 12, documentCount: 10_000)
/// let inverses = similarity.normInverses(tokenCount: 80_000, documentCount: 10_000)
/// let score = BM25.score(weight: weight, frequency: 2, normInverse: inverses[Int(norms[document])])
/// ```
///
/// Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009; the float form of
/// Lucene's `BM25Similarity` (apache/lucene, `search/similarities`).
public struct BM25: Sendable, Equatable {
    /// The saturation of term frequency: the lower it is, the sooner further occurrences stop to count; 0 or more.
    public var k1: Float
    /// The degree of length normalization, 0 (none)...1 (full).
    public var b: Float

    /// Creates a similarity; the defaults are Lucene's.
    public init(k1: Float = 1.2, b: Float = 0.75) {
        self.k1 = k1
        self.b = b
    }

    /// Returns the inverse document frequency of a term in df = `documentFrequency` of n = `documentCount` documents,
    /// computed as `Double`:
    ///
    ///     ln(1 + (n − df + 0.5) / (df + 0.5))
    public static func idf(documentFrequency: Int, documentCount: Int) -> Float {
        let n = Double(documentCount)
        let df = Double(documentFrequency)
        return Float(log(1 + (n - df + 0.5) / (df + 0.5)))
    }

    /// Returns `normInverse` for each of the 256 norm codes, given the tokens and documents of a field.
    public func normInverses(tokenCount: Int, documentCount: Int) -> [Float] {
        let average = Float(Double(tokenCount) / Double(max(documentCount, 1)))
        return LengthCode.lengths.map { 1 / (k1 * ((1 - b) + b * $0 / average)) }
    }

    /// Returns the score of a term that occurs `frequency` times in a document.
    @inlinable
    @inline(__always)
    public static func score(weight: Float, frequency: Float, normInverse: Float) -> Float {
        weight - weight / (1 + frequency * normInverse)
    }
}
