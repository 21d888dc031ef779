import Segments

/// The statistics of several text fields of a reader that are scored as one by BM25F.
///
/// score = weight - weight / (1 + occurrences · inverse), inverse = 1 / (k1 · ((1 - b) + b · length / averageLength)),
/// where occurrences and lengths are sums over the fields, weighted. Source: Robertson, Zaragoza and Taylor, "Simple
/// BM25 extension to multiple weighted fields", 2004.
final class CombinedFields: Sendable {
    /// One of the fields.
    struct Field: Sendable {
        /// The index of the field in the schema.
        var fieldIndex: Int
        /// The weight of an occurrence and of a token of length.
        var weight: Float
        /// Per norm code, an upper bound of what one occurrence adds: its share in a document whose other fields are
        /// empty.
        var factors: NormInverses
    }

    /// The fields in the order of the query.
    let fields: [Field]
    /// The number of documents with text: the maximum over the fields.
    let documentCount: Int
    private let k1: Double
    private let b: Double
    /// The weighted number of tokens per document.
    private let averageLength: Double

    /// The statistics of some fields. Errors: `request` for fields that do not exist or have no terms.
    init(_ fields: [Query.WeightedField], _ reader: IndexReader, _ similarity: BM25) throws(IndexError) {
        var fieldIndexes: [Int] = []
        for field in fields { fieldIndexes.append(try reader.indexedField(field.name).index) }
        let statistics = fieldIndexes.map { reader.statistics[$0] }
        documentCount = statistics.map(\.documentCount).max() ?? 0
        let tokens = zip(fields, statistics).reduce(0.0) { $0 + Double($1.0.weight) * Double($1.1.tokenCount) }
        let average = tokens / Double(max(documentCount, 1))
        let (k1, b) = (Double(similarity.k1), Double(similarity.b))
        self.fields = zip(fields, fieldIndexes).map { field, fieldIndex in
            let weight = Double(field.weight)
            return Field(
                fieldIndex: fieldIndex, weight: field.weight,
                factors: NormInverses(
                    LengthCode.lengths.map { Float(weight / (k1 * ((1 - b) + b * weight * Double($0) / average))) }))
        }
        self.k1 = k1
        self.b = b
        averageLength = average
    }

    /// The score of a term: `weight` is boost · idf, `occurrences` and `length` are the weighted sums over the fields.
    /// Computed in double precision and rounded to a float.
    @inline(__always)
    func score(weight: Float, occurrences: Double, length: Double) -> Double {
        let inverse = 1 / (k1 * ((1 - b) + b * length / averageLength))
        let weight = Double(weight)
        return Double(Float(weight - weight / (1 + occurrences * inverse)))
    }
}
