import Kernels

/// Several fields that score as one, in a reader: what BM25F needs to know of them.
final class CombinedFields: Sendable {
    struct Field: Sendable {
        var number: Int
        var weight: Float
        /// By length code: the most that one occurrence can add in a document whose other fields are empty.
        var factors: NormInverses
    }

    let fields: [Field]
    /// Documents that have text: as many as in the field that has it most often.
    let documentCount: Int
    private let k1: Double
    private let b: Double
    private let averageLength: Double

    init(_ fields: [Query.WeightedField], _ reader: IndexReader, _ similarity: BM25) throws(IndexError) {
        var numbers: [Int] = []
        for field in fields { numbers.append(try reader.indexedField(field.name).index) }
        let statistics = numbers.map { reader.statistics[$0] }
        documentCount = statistics.map(\.documentCount).max() ?? 0
        let tokens = zip(fields, statistics).reduce(0.0) { $0 + Double($1.0.weight) * Double($1.1.tokenCount) }
        let average = tokens / Double(max(documentCount, 1))
        let (k1, b) = (Double(similarity.k1), Double(similarity.b))
        self.fields = zip(fields, numbers).map { field, number in
            let weight = Double(field.weight)
            return Field(
                number: number, weight: field.weight,
                factors: NormInverses(
                    LengthCode.lengths.map { Float(weight / (k1 * ((1 - b) + b * weight * Double($0) / average))) }))
        }
        self.k1 = k1
        self.b = b
        averageLength = average
    }

    /// The score of a term that occurs so often, by weight, in a text that is so long, by weight.
    @inline(__always)
    func score(weight: Float, occurrences: Double, length: Double) -> Double {
        let inverse = 1 / (k1 * ((1 - b) + b * length / averageLength))
        let weight = Double(weight)
        return Double(Float(weight - weight / (1 + occurrences * inverse)))
    }
}
