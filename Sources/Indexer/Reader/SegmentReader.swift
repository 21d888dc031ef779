import Kernels
import Storage

/// A segment file, mapped: immutable, shared by any number of threads.
///
/// Header, footer, section table, schema and statistics are verified when it is opened; the rest page by page when it
/// is touched first.
public final class SegmentReader: @unchecked Sendable {
    /// What the manifest says of it.
    public let description: SegmentDescription
    /// The schema it was written with.
    public let schema: Schema
    /// Documents in it.
    public var documents: Int { description.documents }
    /// Per field of the schema.
    public let statistics: [FieldStatistics]
    let rows: RowStore
    /// Versions of the documents, by sort key; nil when none has any.
    private let versionColumn: NumberColumn?
    private let keyFilter: KeyFilter
    private let versionPages: SectionPages
    private let pages: SegmentPages
    private let file: MappedFile
    private let sections: [Section]
    private let fields: [FieldReader]
    /// By field: what was asked for once.
    private let frequentTerms = Monitor<[Int: FrequentTerms]>([:])

    /// What the reader knows of a field.
    private struct FieldReader {
        var terms: TermDictionary?
        var postings = UnsafeRawBufferPointer(start: nil, count: 0)
        var positions = UnsafeRawBufferPointer(start: nil, count: 0)
        var norms: UnsafeRawBufferPointer?
        var numbers: NumberColumn?
        var ordinals: OrdinalColumn?
        // Pages of the sections; `columnPages` of whichever column it has.
        var indexPages = SectionPages.unchecked
        var postingPages = SectionPages.unchecked
        var positionPages = SectionPages.unchecked
        var normPages = SectionPages.unchecked
        var columnPages = SectionPages.unchecked
    }

    /// Opens a segment of a folder.
    ///
    /// Errors: `corrupt` when its frame or metadata is damaged, `foreign` when it is no segment, `format` when another
    /// version wrote it, `storage` when it cannot be read.
    /// Without `checksPages` wrong bytes are taken as they are: for tests of decoders.
    init(
        folder: GenerationFolder, _ description: SegmentDescription, checksPages: Bool = true
    ) throws(IndexError) {
        let path = folder.segment(description.name)
        let file = try storing { () throws(StorageError) in try folder.files.map(path) }
        let frame = MappedFrame(file)
        let sections = try frame.sections(expecting: description)
        self.file = file
        self.sections = sections
        self.description = description
        let pages = try frame.pages(in: checksPages ? sections : Array(sections.suffix(1)))
        self.pages = pages
        let json = try frame.checked(.schema, in: sections, pages)
        schema = try Schema(json: Array(json))
        let table = try frame.checked(.fieldTable, in: sections, pages)
        guard
            let statistics = FieldStatistics.decode(
                table, fields: schema.fields.count, documents: description.documents)
        else { throw frame.corrupt("fieldTable", 0, "it does not fit the schema") }
        self.statistics = statistics
        guard
            let rows = RowStore(
                rows: frame.bytes(.rows, in: sections), index: frame.bytes(.rowIndex, in: sections),
                documents: description.documents, pages: pages.of(.rows), indexPages: pages.of(.rowIndex))
        else { throw frame.corrupt("rowIndex", 0, "it does not fit the rows") }
        self.rows = rows
        let versionBytes = frame.bytes(.versions, in: sections)
        versionPages = pages.of(.versions)
        versionColumn = NumberColumn(versionBytes, documents: description.documents)
        guard versionColumn != nil || versionBytes.isEmpty else {
            throw frame.corrupt("versions", 0, "it is not as long as it says")
        }
        let key = schema.field(schema.key)?.index ?? 0
        guard let keyFilter = KeyFilter(frame.bytes(.keyFilter, key, in: sections), pages: pages.of(.keyFilter, key))
        else {
            throw frame.corrupt("keyFilter", 0, "it is missing or not as long as it says")
        }
        self.keyFilter = keyFilter
        var fields: [FieldReader] = []
        for number in schema.fields.indices {
            fields.append(try Self.field(number, schema, frame, sections, description.documents, pages))
        }
        self.fields = fields
    }

    private static func field(
        _ number: Int, _ schema: Schema, _ frame: MappedFrame, _ sections: [Section], _ documents: Int,
        _ pages: SegmentPages
    ) throws(IndexError) -> FieldReader {
        let field = schema.fields[number]
        func damaged(_ kind: SectionKind) -> IndexError {
            frame.corrupt("\(kind) of field \"\(field.name)\"", 0, "it is missing or not as long as it says")
        }
        var reader = FieldReader()
        if field.type == .text || field.type == .keyword {
            reader.indexPages = pages.of(.termIndex, number)
            reader.postingPages = pages.of(.postings, number)
            reader.terms = TermDictionary(
                index: frame.bytes(.termIndex, number, in: sections),
                blocks: frame.bytes(.termBlocks, number, in: sections),
                hasPositions: field.type == .text, pages: pages.of(.termBlocks, number))
            guard reader.terms != nil else { throw damaged(.termIndex) }
            reader.postings = frame.bytes(.postings, number, in: sections)
        }
        switch field.type {
        case .text:
            reader.positions = frame.bytes(.positions, number, in: sections)
            reader.positionPages = pages.of(.positions, number)
            reader.normPages = pages.of(.norms, number)
            let norms = frame.bytes(.norms, number, in: sections)
            guard norms.count == documents else { throw damaged(.norms) }
            reader.norms = norms
        case .keyword where field.name != schema.key:
            reader.columnPages = pages.of(.ordinals, number)
            reader.ordinals = OrdinalColumn(frame.bytes(.ordinals, number, in: sections), documents: documents)
            guard reader.ordinals != nil else { throw damaged(.ordinals) }
        case .integer, .float, .boolean, .date, .price:
            reader.columnPages = pages.of(.numbers, number)
            reader.numbers = NumberColumn(frame.bytes(.numbers, number, in: sections), documents: documents)
            guard reader.numbers != nil else { throw damaged(.numbers) }
        default: break
        }
        return reader
    }

    /// The term dictionary of a text or keyword field.
    func terms(_ field: Int) throws(IndexError) -> TermDictionary? {
        try check(fields[field].indexPages, .termIndex, field)
        return fields[field].terms
    }

    /// Errors: `corrupt` for bytes that are not what was written.
    @inline(__always)
    private func check(_ pages: SectionPages, _ kind: SectionKind, _ field: Int) throws(IndexError) {
        if !pages.isIntact { throw corrupt(kind, field, 0, "a checksum does not match") }
    }

    /// The first document with a key, whose `hash64` is `hash`, of which `counts` is true; nil when there is none. Most
    /// keys that are not here cost one cache line.
    func find(
        key: UnsafeBufferPointer<UInt8>, hash: UInt64, where counts: (Int) -> Bool
    ) throws(IndexError) -> Int? {
        guard let field = schema.field(schema.key)?.index else { return nil }
        guard let mayContain = keyFilter.mayContain(hash) else {
            throw corrupt(.keyFilter, field, 0, "a checksum does not match")
        }
        guard mayContain else { return nil }
        let info: TermInfo
        switch try terms(field)?.find(key) {
        case .found(let known, _)?: info = known
        case .damaged?: throw corrupt(.termBlocks, field, 0, "a block of terms cannot be decoded")
        case .absent?, nil: return nil
        }
        // Several documents have one key when it was changed before the segment was written; one of them counts.
        var cursor = PostingsCursor(try postings(field, info))
        for block in 0..<cursor.list.blockCount {
            cursor.open(block)
            cursor.decode()
            if cursor.failed { throw corrupt(.postings, field, info.postingsOffset, "a list cannot be decoded") }
            for rank in 0..<cursor.count {
                let document = Int(cursor.documents[cursor.slot(rank)])
                if counts(document) { return document }
            }
        }
        return nil
    }

    /// The changes that the manifest names; nil when there are none.
    func savedChanges(_ folder: GenerationFolder) throws(IndexError) -> SegmentChanges? {
        guard let saved = description.changes else { return nil }
        let path = folder.changes(description.name, saved.number)
        let file: MappedFile
        do {
            file = try folder.files.map(path)
        } catch {
            throw IndexError.storage(error).asDamage
        }
        let changes = withExtendedLifetime(file) {
            file.bytes.count == saved.bytes && CRC32C.checksum(file.bytes) == saved.checksum
                ? ChangesFile.decode(
                    file.bytes, name: description.name, documents: documents, columns: schema.fields.count + 1) : nil
        }
        guard let changes, changes.deleted.count == saved.deleted else {
            throw .corrupt(
                file: path, section: "the file", offset: 0, problem: "it is not what the manifest says it is")
        }
        return changes
    }

    /// The length codes of a text field, one byte a document.
    func norms(_ field: Int) throws(IndexError) -> UnsafePointer<UInt8>? {
        guard let norms = fields[field].norms else { return nil }
        try check(fields[field].normPages, .norms, field)
        return norms.baseAddress?.assumingMemoryBound(to: UInt8.self)
    }

    /// The column of a number field.
    func numbers(_ field: Int) throws(IndexError) -> NumberColumn? {
        guard let numbers = fields[field].numbers else { return nil }
        try check(fields[field].columnPages, .numbers, field)
        return numbers
    }

    /// The column of a keyword field.
    func ordinals(_ field: Int) throws(IndexError) -> OrdinalColumn? {
        guard let ordinals = fields[field].ordinals else { return nil }
        try check(fields[field].columnPages, .ordinals, field)
        return ordinals
    }

    /// Whether any document has a version.
    var hasVersions: Bool { versionColumn != nil }

    /// Versions of the documents, by sort key; nil when none has any.
    func versions() throws(IndexError) -> NumberColumn? {
        guard let versionColumn else { return nil }
        try check(versionPages, .versions, 0)
        return versionColumn
    }

    /// The postings of a term of a field.
    func postings(_ field: Int, _ info: TermInfo) throws(IndexError) -> PostingsList {
        let reader = fields[field]
        guard
            let list = PostingsList(
                info, hasPositions: reader.terms?.hasPositions ?? false, documents: documents,
                postings: reader.postings, positions: reader.positions, pages: reader.postingPages,
                positionPages: reader.positionPages)
        else {
            throw corrupt(
                .postings, field, info.postingsOffset, "a list does not fit its section, or a checksum does not match")
        }
        return list
    }

    /// What the dictionary knows of a term of a field; nil when the segment does not have it.
    func find(_ field: Int, _ term: String) throws(IndexError) -> TermInfo? {
        var term = term
        let terms = try terms(field)
        let entry = term.withUTF8 { bytes in terms?.find(bytes) }
        switch entry {
        case .found(let info, _)?: return info
        case .damaged?: throw corrupt(.termBlocks, field, 0, "a block of terms cannot be decoded")
        case .absent?, nil: return nil
        }
    }

    /// Has the beginnings of a term's list fetched while the next terms are looked up.
    func fetchList(_ field: Int, _ info: TermInfo) {
        // A single document stands in the dictionary.
        if info.documentFrequency == 1 { return }
        fetch(fields[field].postings, info.postingsOffset)
        fetch(fields[field].postings, info.postingsOffset &+ 64)
        fetch(fields[field].positions, info.positionsOffset)
    }

    private func fetch(_ section: UnsafeRawBufferPointer, _ offset: Int) {
        if let base = section.baseAddress, section.indices.contains(offset) { prefetch(base + offset) }
    }

    /// The term of a field with a rank.
    func term(_ field: Int, _ ordinal: Int) throws(IndexError) -> [UInt8] {
        if let terms = try terms(field) {
            var texts = TermTexts(terms)
            if let text = texts.text(ordinal) { return Array(text) }
        }
        throw corrupt(.termBlocks, field, 0, "a block of terms cannot be decoded")
    }

    /// The terms of a field that most documents have. Complexity: O(terms) when it is called first.
    func frequentTerms(_ field: Int) throws(IndexError) -> FrequentTerms {
        if let known = frequentTerms.withLock({ $0[field] }) { return known }
        guard let terms = try terms(field) else { return FrequentTerms(terms: [], rest: 0) }
        guard let frequent = terms.mostFrequent(Self.frequentCount) else {
            throw corrupt(.termBlocks, field, 0, "a block of terms cannot be decoded")
        }
        frequentTerms.withLock { $0[field] = frequent }
        return frequent
    }

    /// So many frequent terms are kept of a field: 64 KB.
    private static let frequentCount = 4096

    /// Where a text stands among the terms of a field: twice its rank and one, or twice the rank of the first term
    /// behind it.
    func place(of text: [UInt8], _ field: Int) throws(IndexError) -> UInt64 {
        guard let terms = try terms(field) else { return 0 }
        var cursor = TermCursor(terms)
        let isThere = text.withUnsafeBufferPointer { cursor.seek($0) }
        if cursor.failed { throw corrupt(.termBlocks, field, 0, "a block of terms cannot be decoded") }
        guard isThere else { return UInt64(terms.count) * 2 }
        return UInt64(cursor.ordinal) * 2 + (cursor.term.elementsEqual(text) ? 1 : 0)
    }

    /// The error for damaged bytes of this segment.
    func corrupt(_ kind: SectionKind, _ field: Int, _ offset: Int, _ problem: String) -> IndexError {
        var problem = problem
        if let page = pages.damagedPage {
            problem += " (page \(page), from byte \(page * SectionPages.byteCount), is not what was written)"
        }
        if kind.isWhole { return .corrupt(file: file.path, section: "\(kind)", offset: offset, problem: problem) }
        let name = schema.fields.indices.contains(field) ? schema.fields[field].name : "?"
        return .corrupt(file: file.path, section: "\(kind) of field \"\(name)\"", offset: offset, problem: problem)
    }

    /// Bytes of each kind of section, for `inspect`.
    public var sizes: [(section: String, field: String?, bytes: Int)] {
        sections.map { section in
            ("\(section.kind)", section.kind.isWhole ? nil : schema.fields[Int(section.field)].name, section.length)
        }
    }

    /// Reads every section and compares its checksum; answers what is wrong, nothing when all is well.
    func damagedSections(_ kinds: [SectionKind] = SectionKind.allCases) -> [IndexError] {
        sections.compactMap { section in
            let isWanted = section.kind != .pages && kinds.contains(section.kind)
            if !isWanted || pages.of(section.kind, Int(section.field)).isIntact { return nil }
            return corrupt(section.kind, Int(section.field), 0, "a checksum does not match")
        }
    }

    /// Path of the file.
    var path: String { file.path }

    /// Whether the key filter knows a key by its hash; nil for damaged bytes.
    func mayContain(keyHash: UInt64) -> Bool? { keyFilter.mayContain(keyHash) }

    /// The first byte that belongs to no section and is not 0 as it was written; nil when there is none.
    var strayByte: Int? { MappedFrame(file).strayByte(sections) }

    /// The error for damaged bytes of no section.
    func damage(_ place: String, _ offset: Int, _ problem: String) -> IndexError {
        .corrupt(file: file.path, section: place, offset: offset, problem: problem)
    }
}
