import Kernels

/// What a segment knows of a field as a whole.
public struct FieldStatistics: Sendable, Equatable, Codable {
    /// Documents that have a token or value in it.
    public var documentCount = 0
    /// Tokens or values in all documents.
    public var tokenCount = 0
    /// Pairs of a term and a document that has it.
    public var postingCount = 0
    /// Distinct terms.
    public var termCount = 0

    init(documentCount: Int = 0, tokenCount: Int = 0) {
        self.documentCount = documentCount
        self.tokenCount = tokenCount
    }

    /// Four u64 a field, in the order of the fields.
    static func encode(_ all: [FieldStatistics]) -> GrowableBuffer<UInt8> {
        var out = GrowableBuffer<UInt8>(capacity: all.count * 32 + 8)
        for one in all {
            for number in [one.documentCount, one.tokenCount, one.postingCount, one.termCount] {
                out.append(littleEndian: UInt64(number))
            }
        }
        return out
    }

    /// Nil when the bytes are not four numbers a field, or a number is absurd.
    static func decode(_ bytes: UnsafeRawBufferPointer, fields: Int, documents: Int) -> [FieldStatistics]? {
        guard bytes.count == fields * 32, let base = bytes.baseAddress else { return nil }
        var reader = ByteReader(base, count: bytes.count)
        var all: [FieldStatistics] = []
        for _ in 0..<fields {
            let numbers = (0..<4).map { _ in reader.integer(UInt64.self) }
            guard numbers.allSatisfy({ $0 < 1 << 48 }), numbers[0] <= UInt64(documents) else { return nil }
            var one = FieldStatistics(documentCount: Int(numbers[0]), tokenCount: Int(numbers[1]))
            one.postingCount = Int(numbers[2])
            one.termCount = Int(numbers[3])
            all.append(one)
        }
        return all
    }
}
