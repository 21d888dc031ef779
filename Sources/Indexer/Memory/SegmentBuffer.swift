import Analyzer
import Segments

/// A segment while it grows in memory: documents go in, one file comes out.
///
/// Not thread-safe, except that `document(key:hash:)`, `version(_:)` and `documents` may be called while another thread
/// is in `write` (see `SegmentFlush`).
final class SegmentBuffer {
    /// The buffer of a field, by its type.
    private enum FieldBuffer {
        case text(TextFieldBuffer)
        case keyword(KeywordFieldBuffer)
        case number(NumberFieldBuffer)
        case suggestions(SuggestionFieldBuffer)
        case none
    }

    private let schema: Schema
    private let members: Members
    private let fields: [FieldBuffer]
    /// The buffer of the key field, which is also in `fields`.
    private let keyField: KeywordFieldBuffer
    /// The stored documents.
    private var rows = RowStoreWriter()
    /// The tokens of the value being analyzed: reused.
    private var tokens = TokenBuffer()
    /// The number of documents.
    private(set) var documents = 0
    /// The documents' versions, once one has any.
    private var versions: NumberFieldBuffer?

    /// Creates an empty buffer for documents of a schema.
    init(_ schema: Schema, _ members: Members) {
        self.schema = schema
        self.members = members
        let key = KeywordFieldBuffer(Field(schema.key, .keyword), .keyFilter)
        keyField = key
        fields = schema.fields.map { field -> FieldBuffer in
            if let codec = NumberCodec(field) { return .number(NumberFieldBuffer(codec)) }
            let analyzer = schema.analyzer(field.analyzer) ?? .standard
            return switch field.type {
            case .text: .text(TextFieldBuffer(analyzer))
            case .keyword: .keyword(field.name == schema.key ? key : KeywordFieldBuffer(field, .column))
            case .vocabulary: .keyword(KeywordFieldBuffer(field, vocabulary: VocabularyTerms(analyzer)))
            case .suggestion: .suggestions(SuggestionFieldBuffer(field, schema))
            default: .none
            }
        }
    }

    /// The number of bytes in use, and needed while the segment is written.
    var byteCount: Int {
        var total = rows.byteCount + (versions?.byteCount ?? 0)
        for field in fields {
            switch field {
            case .text(let buffer): total += buffer.byteCount
            case .keyword(let buffer): total += buffer.byteCount
            case .number(let buffer): total += buffer.byteCount
            case .suggestions(let buffer): total += buffer.byteCount
            case .none: break
            }
        }
        return total
    }

    /// Returns the last document with a key; nil when there is none.
    func document(key: UnsafeBufferPointer<UInt8>, hash: UInt64) -> Int? { keyField.document(key: key, hash: hash) }

    /// Returns the version of a document as a sort key; nil when it has none.
    func version(_ document: Int) -> UInt64? { versions?.key(document) }

    /// Replaces `document` by the stored members of a document of the buffer.
    func read(_ number: Int, into document: inout DocumentBuffer) {
        rows.withRow(number) { row in
            let isIntact = document.decode(row: row, members)
            precondition(isIntact, "a row in memory is as it was appended")
        }
    }

    /// Appends a document, whose values must fit the schema (see `Members.problem(of:)`).
    func add(_ document: borrowing DocumentBuffer, version: Int? = nil) {
        if version != nil, versions == nil {
            let column = NumberFieldBuffer(.integer)
            for _ in 0..<documents { column.add(nil) }
            versions = column
        }
        versions?.add(version.map { SortKey.of(Int64($0)) })
        for (index, field) in fields.enumerated() {
            let member = UInt32(members.memberOfField[index])
            switch field {
            case .text(let buffer): buffer.add(document, member: member, &tokens)
            case .keyword(let buffer): buffer.add(document, member: member, &tokens)
            case .number(let buffer): buffer.add(document, member: member)
            case .suggestions(let buffer): buffer.add(document, member: member)
            case .none: break
            }
        }
        rows.append(document, members)
        documents += 1
    }

    /// Writes the segment's file, which is not durable yet. Afterwards only keys and versions may be looked up in the
    /// buffer.
    ///
    /// Errors: `storage`.
    func write(folder: GenerationFolder, name: String) throws(IndexError) -> SegmentDescription {
        let segment = try SegmentWriter(folder: folder, name: name, documents: documents)
        try segment.section(.schema, schema.json)
        var statistics: [FieldStatistics] = []
        for (index, field) in fields.enumerated() {
            switch field {
            case .text(let buffer): statistics.append(try buffer.write(to: segment, field: index))
            case .keyword(let buffer): statistics.append(try buffer.write(to: segment, field: index))
            case .number(let buffer): statistics.append(try buffer.write(to: segment, field: index))
            case .suggestions(let buffer):
                let weights = weights(schema.fields[index])
                statistics.append(try buffer.write(to: segment, field: index, weights: weights))
            case .none: statistics.append(FieldStatistics())
            }
        }
        if let versions { _ = try versions.write(to: segment, .versions, field: 0) }
        try segment.section(.fieldTable, FieldStatistics.encode(statistics))
        let stored = consumeRows()
        try stored.finish(segment, try segment.stream(.rows))
        return try segment.finish(sync: false)
    }

    /// Returns the weight of each document for the suggestions of a field; nil if it has no weight.
    private func weights(_ field: Field) -> [Double]? {
        guard let weight = field.weight.flatMap(schema.field), let codec = NumberCodec(weight.field),
            case .number(let column) = fields[weight.index]
        else { return nil }
        return (0..<documents).map { column.key($0).map(codec.number) ?? 0 }
    }

    /// Returns the rows and leaves an empty store.
    private func consumeRows() -> RowStoreWriter {
        var consumed = RowStoreWriter()
        swap(&consumed, &rows)
        return consumed
    }
}
