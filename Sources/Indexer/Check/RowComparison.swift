import Analyzer
import Kernels
import Segments

/// A comparison of a segment's inverted index and columns with the stored values of each document, which are analyzed
/// again.
///
/// One sum is kept for each field and document: of the hashes of all terms of the field with their positions. Two sets
/// of terms and positions with the same sum are as unlikely as two equal 64-bit hashes.
///
/// Call order: `begin` for each term of a field in the order of the dictionary and `add` for its documents, field after
/// field; then `difference` for each row. Fields that are not stored are not compared. Not thread-safe.
final class RowComparison {
    /// The first difference that was found.
    struct Difference {
        var section: SectionKind
        var field: Int
        var problem: String
    }

    private let segment: SegmentReader
    private let members: Members
    /// The sums by field and document.
    private var sums: [[UInt64]]
    /// The hashes of the terms by field and ordinal: of keyword fields.
    private var hashes: [[UInt64]]
    private let analyzers: [TextAnalyzer?]
    private let rules: [KeywordRule]
    private let codecs: [NumberCodec?]
    /// The field and the hash of the term whose postings are being added.
    private var field = 0
    private var hash: UInt64 = 0
    /// The document whose row is being compared, and the tokens of a value: reused.
    private var document = DocumentBuffer()
    private var tokens = TokenBuffer()
    private var forms = SuggestionForms()

    /// Creates a comparison. Memory: 8 bytes per document for each text and keyword field.
    init(_ segment: SegmentReader) {
        self.segment = segment
        let schema = segment.schema
        members = Members(schema)
        sums = schema.fields.map { field in
            [UInt64](repeating: 0, count: field.hasTerms || field.type == .suggestion ? segment.documents : 0)
        }
        hashes = schema.fields.map { _ in [] }
        analyzers = schema.fields.map { $0.isAnalyzed ? schema.analyzer($0.analyzer) : nil }
        rules = schema.fields.map { KeywordRule($0) }
        codecs = schema.fields.map { NumberCodec($0) }
    }

    // MARK: - The indexed terms

    /// Starts the postings of a term.
    func begin(_ term: UnsafeBufferPointer<UInt8>, of field: Int) {
        self.field = field
        hash = Self.hash(term)
        if analyzers[field] == nil { hashes[field].append(hash) }
    }

    /// Adds a document that contains the term.
    func add(_ document: Int) { sums[field][document] &+= hash }

    /// Adds a document that contains the term at some positions.
    func add(_ document: Int, _ positions: borrowing GrowableBuffer<UInt32>) {
        for i in 0..<positions.count { sums[field][document] &+= Self.occurrenceHash(hash, positions[i]) }
    }

    /// Returns the hash of a term; 0 for an empty one.
    private static func hash(_ term: UnsafeBufferPointer<UInt8>) -> UInt64 {
        term.baseAddress.map { hash64($0, term.count) } ?? 0
    }

    /// Returns the hash of a term at a position.
    private static func occurrenceHash(_ hash: UInt64, _ position: UInt32) -> UInt64 {
        foldedProduct(hash ^ 0x9E37_79B9_7F4A_7C15, UInt64(position) &* 2 &+ 0xD6E8_FEB8_6659_FD93)
    }

    // MARK: - The stored values

    /// Returns the first difference between a document's row and what is indexed of it; nil when there is none.
    func difference(_ documentNumber: Int, _ row: UnsafeRawBufferPointer) -> Difference? {
        guard document.decode(row: row, members) else {
            return Difference(section: .rows, field: 0, problem: "row \(documentNumber) is malformed")
        }
        for (field, description) in segment.schema.fields.enumerated() {
            let member = members.memberOfField[field]
            guard members.all[member].stored else { continue }
            let section: SectionKind?
            switch description.type {
            case .text: section = textDifference(documentNumber, field, UInt32(member))
            case .keyword: section = keywordDifference(documentNumber, field, UInt32(member))
            case .vocabulary: section = vocabularyDifference(documentNumber, field, UInt32(member))
            case .suggestion: section = suggestionDifference(documentNumber, field, UInt32(member))
            case .integer, .float, .boolean, .date, .price:
                section = numberDifference(documentNumber, field, UInt32(member))
            case .stored: section = nil
            }
            if let section {
                let problem = "document \(documentNumber) has other values than its row"
                return Difference(section: section, field: field, problem: problem)
            }
        }
        return nil
    }

    /// Returns the section that contradicts the text values of a document; nil when none does. So do the next functions
    /// for keywords and numbers.
    private func textDifference(_ documentNumber: Int, _ field: Int, _ member: UInt32) -> SectionKind? {
        guard let analyzer = analyzers[field] else { return nil }
        var sum: UInt64 = 0
        var length = 0
        var base: UInt32 = 0
        for i in 0..<document.values.count where document.values[i].member == member {
            analyzer.analyze(document.text(document.values[i]), into: &tokens)
            var previous = UInt32.max
            for token in 0..<tokens.count {
                let position = tokens.position[token]
                if position != previous { length += 1 }
                previous = position
                let term = UnsafeBufferPointer(
                    start: tokens.text.base + Int(tokens.start[token]), count: Int(tokens.length[token]))
                sum &+= Self.occurrenceHash(Self.hash(term), base &+ position)
            }
            base = base &+ tokens.endPosition &+ valueGap
        }
        if sum != sums[field][documentNumber] { return .positions }
        guard let norms = try? segment.norms(field) else { return .norms }
        return norms[documentNumber] == LengthCode.encode(length) ? nil : .norms
    }

    private func keywordDifference(_ documentNumber: Int, _ field: Int, _ member: UInt32) -> SectionKind? {
        var values: Set<UInt64> = []
        for i in 0..<document.values.count where document.values[i].member == member {
            rules[field].forEachTerm(document.text(document.values[i])) { values.insert(Self.hash($0)) }
        }
        let sum = values.reduce(0, &+)
        if sum != sums[field][documentNumber] { return .postings }
        if segment.schema.fields[field].name == segment.schema.key {
            return values.first.flatMap { segment.mayContain(keyHash: $0) } == true ? nil : .keyFilter
        }
        guard let column = try? segment.ordinals(field) else { return .ordinals }
        var ordinals: UInt64 = 0
        column.forEachOrdinal(documentNumber) { ordinal in
            ordinals &+= ordinal < hashes[field].count ? hashes[field][ordinal] : 1
        }
        return sum == ordinals ? nil : .ordinals
    }

    private func vocabularyDifference(_ documentNumber: Int, _ field: Int, _ member: UInt32) -> SectionKind? {
        guard let analyzer = analyzers[field] else { return nil }
        let vocabulary = VocabularyTerms(analyzer)
        var terms: Set<UInt64> = []
        for i in 0..<document.values.count where document.values[i].member == member {
            vocabulary.forEachTerm(document.text(document.values[i]), &tokens) { terms.insert(Self.hash($0)) }
        }
        return terms.reduce(0, &+) == sums[field][documentNumber] ? nil : .postings
    }

    private func suggestionDifference(_ documentNumber: Int, _ field: Int, _ member: UInt32) -> SectionKind? {
        guard let analyzer = analyzers[field] else { return nil }
        var texts: Set<UInt64> = []
        for i in 0..<document.values.count where document.values[i].member == member {
            forms.makeText(document.text(document.values[i]), by: analyzer)
            if forms.textLength > 0 { texts.insert(Self.hash(forms.text)) }
        }
        return texts.reduce(0, &+) == sums[field][documentNumber] ? nil : .suggestions
    }

    private func numberDifference(_ documentNumber: Int, _ field: Int, _ member: UInt32) -> SectionKind? {
        var expected: UInt64?
        for i in 0..<document.values.count where document.values[i].member == member {
            expected = codecs[field]?.key(document.values[i], document)
            break
        }
        guard let column = try? segment.numbers(field) else { return .numbers }
        return column.key(documentNumber) == expected ? nil : .numbers
    }
}
