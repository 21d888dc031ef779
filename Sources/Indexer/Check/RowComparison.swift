import Analyzer
import Kernels

/// Compares what a segment's inverted index and columns say of each document with the values stored of it, which are
/// analysed again.
///
/// Of each field a sum a document is kept: of all terms of the field, and where they stand. Two sets of terms and
/// places with one sum are as unlikely as two equal 64-bit hashes.
final class RowComparison {
    /// The first thing that was not as it should be.
    struct Difference {
        var section: SectionKind
        var field: Int
        var problem: String
    }

    private let segment: SegmentReader
    private let members: Members
    /// By field and document.
    private var sums: [[UInt64]]
    /// By field and rank, the terms' hashes: of keyword fields.
    private var hashes: [[UInt64]]
    private let analyzers: [TextAnalyzer?]
    private let rules: [KeywordRule]
    private let codecs: [NumberCodec?]
    private var field = 0
    private var hash: UInt64 = 0
    private var document = DocumentBuffer()
    private var tokens = TokenBuffer()

    init(_ segment: SegmentReader) {
        self.segment = segment
        let schema = segment.schema
        members = Members(schema)
        sums = schema.fields.map { field in
            [UInt64](repeating: 0, count: [.text, .keyword].contains(field.type) ? segment.documents : 0)
        }
        hashes = schema.fields.map { _ in [] }
        analyzers = schema.fields.map { $0.type == .text ? schema.analyzer($0.analyzer) : nil }
        rules = schema.fields.map { KeywordRule($0) }
        codecs = schema.fields.map { NumberCodec($0) }
    }

    // MARK: - What is indexed

    /// The postings that follow are of this term.
    func begin(_ term: UnsafeBufferPointer<UInt8>, of field: Int) {
        self.field = field
        hash = Self.hash(term)
        if analyzers[field] == nil { hashes[field].append(hash) }
    }

    /// A document has the term.
    func found(_ document: Int) { sums[field][document] &+= hash }

    /// A document has the term at these places.
    func found(_ document: Int, _ positions: borrowing GrowableBuffer<UInt32>) {
        for i in 0..<positions.count { sums[field][document] &+= Self.place(hash, positions[i]) }
    }

    private static func hash(_ term: UnsafeBufferPointer<UInt8>) -> UInt64 {
        term.baseAddress.map { hash64($0, term.count) } ?? 0
    }

    private static func place(_ hash: UInt64, _ position: UInt32) -> UInt64 {
        foldedProduct(hash ^ 0x9E37_79B9_7F4A_7C15, UInt64(position) &* 2 &+ 0xD6E8_FEB8_6659_FD93)
    }

    // MARK: - What is stored

    /// In what a document's row differs from what is indexed of it; nil when in nothing.
    func difference(_ number: Int, _ row: UnsafeRawBufferPointer) -> Difference? {
        guard decode(row) else { return Difference(section: .rows, field: 0, problem: "row \(number) makes no sense") }
        for (field, description) in segment.schema.fields.enumerated() {
            let member = members.memberOfField[field]
            guard members.all[member].stored else { continue }
            let section: SectionKind?
            switch description.type {
            case .text: section = textDifference(number, field, UInt32(member))
            case .keyword: section = keywordDifference(number, field, UInt32(member))
            case .integer, .float, .boolean, .date, .price: section = numberDifference(number, field, UInt32(member))
            case .stored: section = nil
            }
            if let section {
                let problem = "document \(number) has other values than its row"
                return Difference(section: section, field: field, problem: problem)
            }
        }
        return nil
    }

    private func decode(_ row: UnsafeRawBufferPointer) -> Bool {
        document.reset()
        guard let base = row.baseAddress else { return true }
        var reader = ByteReader(base, count: row.count)
        while !reader.isAtEnd, !reader.failed {
            let member = reader.length()
            guard member < members.all.count else { return false }
            switch members.all[member].kind {
            case .text:
                let text = reader.bytes(reader.length())
                let start = document.bytes.count
                document.bytes.append(contentsOf: text)
                document.values.append(DocumentValue(member: member, start: start, length: text.count))
            case .integer:
                let number = UInt64(bitPattern: unzigzag(reader.varint()))
                document.values.append(DocumentValue(member: member, number: number))
            case .float:
                document.values.append(DocumentValue(member: member, number: reader.integer(UInt64.self)))
            case .boolean:
                document.values.append(DocumentValue(member: member, number: reader.varint()))
            }
        }
        return !reader.failed
    }

    private func textDifference(_ number: Int, _ field: Int, _ member: UInt32) -> SectionKind? {
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
                sum &+= Self.place(Self.hash(term), base &+ position)
            }
            base = base &+ tokens.endPosition &+ valueGap
        }
        if sum != sums[field][number] { return .positions }
        guard let norms = try? segment.norms(field) else { return .norms }
        return norms[number] == LengthCode.encode(length) ? nil : .norms
    }

    private func keywordDifference(_ number: Int, _ field: Int, _ member: UInt32) -> SectionKind? {
        var values: Set<UInt64> = []
        for i in 0..<document.values.count where document.values[i].member == member {
            rules[field].forEachTerm(document.text(document.values[i])) { values.insert(Self.hash($0)) }
        }
        let sum = values.reduce(0, &+)
        if sum != sums[field][number] { return .postings }
        if segment.schema.fields[field].name == segment.schema.key {
            return values.first.flatMap { segment.mayContain(keyHash: $0) } == true ? nil : .keyFilter
        }
        guard let column = try? segment.ordinals(field) else { return .ordinals }
        var ordinals: UInt64 = 0
        column.forEachOrdinal(number) { ordinal in
            ordinals &+= ordinal < hashes[field].count ? hashes[field][ordinal] : 1
        }
        return sum == ordinals ? nil : .ordinals
    }

    private func numberDifference(_ number: Int, _ field: Int, _ member: UInt32) -> SectionKind? {
        var expected: UInt64?
        for i in 0..<document.values.count where document.values[i].member == member {
            expected = codecs[field]?.key(document.values[i], document)
            break
        }
        guard let column = try? segment.numbers(field) else { return .numbers }
        return column.key(number) == expected ? nil : .numbers
    }
}
