package import Kernels

/// The statistics of a field over all documents of a segment, or of an index; scoring needs them.
///
/// Deleted documents are counted until their segment is merged.
package struct FieldStatistics: Sendable, Equatable, Codable {
    /// The number of documents that have a token or value in the field.
    package var documentCount = 0
    /// The number of tokens or values in all documents.
    package var tokenCount = 0
    /// The number of pairs of a term and a document that contains it.
    package var postingCount = 0
    /// The number of distinct terms.
    package var termCount = 0

    package init(documentCount: Int = 0, tokenCount: Int = 0) {
        self.documentCount = documentCount
        self.tokenCount = tokenCount
    }

    /// Returns four little-endian u64 for each field, in the order of the fields.
    package static func encode(_ all: [FieldStatistics]) -> GrowableBuffer<UInt8> {
        var out = GrowableBuffer<UInt8>(capacity: all.count * 32 + 8)
        for field in all {
            for number in [field.documentCount, field.tokenCount, field.postingCount, field.termCount] {
                out.append(littleEndian: UInt64(number))
            }
        }
        return out
    }

    /// Decodes the statistics of `fields` fields; nil when the bytes are not four numbers for each field, or when a
    /// number is implausible.
    package static func decode(_ bytes: UnsafeRawBufferPointer, fields: Int, documents: Int) -> [FieldStatistics]? {
        guard bytes.count == fields * 32, let base = bytes.baseAddress else { return nil }
        var reader = ByteReader(base, count: bytes.count)
        var all: [FieldStatistics] = []
        for _ in 0..<fields {
            let numbers = (0..<4).map { _ in reader.integer(UInt64.self) }
            guard numbers.allSatisfy({ $0 < 1 << 48 }), numbers[0] <= UInt64(documents) else { return nil }
            var field = FieldStatistics(documentCount: Int(numbers[0]), tokenCount: Int(numbers[1]))
            field.postingCount = Int(numbers[2])
            field.termCount = Int(numbers[3])
            all.append(field)
        }
        return all
    }
}
