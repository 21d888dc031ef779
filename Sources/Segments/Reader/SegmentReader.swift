import Kernels
import Storage

/// A reader of a mapped segment file: immutable, shared by any number of threads.
///
/// Header, footer, section table, schema and statistics are verified when a segment is opened; the remaining bytes page
/// by page when they are first touched. Every function that throws `corrupt` may do so at any later time, when a page
/// turns out not to be what was written. Values that are returned point into the mapping: they are valid as long as the
/// reader.
package final class SegmentReader: @unchecked Sendable {
    /// The manifest's entry for the segment.
    package let description: SegmentDescription
    /// The schema that the segment was written with.
    package let schema: Schema
    /// The number of documents, deleted ones included.
    package var documents: Int { description.documents }
    /// The statistics of each field of the schema.
    package let statistics: [FieldStatistics]
    /// The stored documents.
    package let rows: RowStore
    /// The versions of the documents, by sort key; nil when no document has one.
    private let versionColumn: NumberColumn?
    private let keyFilter: KeyFilter
    private let versionPages: SectionPages
    private let pages: SegmentPages
    private let file: MappedFile
    private let sections: [Section]
    private let fields: [FieldReader]
    /// The frequent terms of the fields that were requested so far.
    private let frequentTerms = Monitor<[Int: FrequentTerms]>([:])
    /// The terms of one and two characters of the fields that were requested so far.
    private let characterTerms = Monitor<[Int: CharacterTerms]>([:])

    /// The sections of a field.
    private struct FieldReader {
        var terms: TermDictionary?
        var postings = UnsafeRawBufferPointer(start: nil, count: 0)
        var positions = UnsafeRawBufferPointer(start: nil, count: 0)
        var norms: UnsafeRawBufferPointer?
        var numbers: NumberColumn?
        var ordinals: OrdinalColumn?
        var suggestions: SuggestionIndex?
        // The pages of the sections; `columnPages` are those of whichever column the field has.
        var indexPages = SectionPages.unchecked
        var postingPages = SectionPages.unchecked
        var positionPages = SectionPages.unchecked
        var normPages = SectionPages.unchecked
        var columnPages = SectionPages.unchecked
    }

    /// Opens a segment of a folder.
    ///
    /// Errors: `corrupt` when its frame or metadata is corrupt, `foreign` when it is not a segment, `format` when
    /// another version wrote it, `storage` when it cannot be read.
    /// Without `checksPages` nothing is verified later: for tests of decoders, which must be safe for arbitrary bytes.
    package init(
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
        else { throw frame.corrupt("keyFilter", 0, "it is missing or not as long as it says") }
        self.keyFilter = keyFilter
        var fields: [FieldReader] = []
        for index in schema.fields.indices {
            fields.append(try Self.field(index, schema, frame, sections, description.documents, pages))
        }
        self.fields = fields
    }

    /// Locates the sections of a field and checks that they fit the segment.
    private static func field(
        _ index: Int, _ schema: Schema, _ frame: MappedFrame, _ sections: [Section], _ documents: Int,
        _ pages: SegmentPages
    ) throws(IndexError) -> FieldReader {
        let field = schema.fields[index]
        func corrupt(_ kind: SectionKind) -> IndexError {
            frame.corrupt("\(kind) of field \"\(field.name)\"", 0, "it is missing or not as long as it says")
        }
        var reader = FieldReader()
        if field.hasTerms {
            reader.indexPages = pages.of(.termIndex, index)
            reader.postingPages = pages.of(.postings, index)
            reader.terms = TermDictionary(
                index: frame.bytes(.termIndex, index, in: sections),
                blocks: frame.bytes(.termBlocks, index, in: sections),
                hasPositions: field.type == .text, pages: pages.of(.termBlocks, index))
            guard reader.terms != nil else { throw corrupt(.termIndex) }
            reader.postings = frame.bytes(.postings, index, in: sections)
        }
        switch field.type {
        case .text:
            reader.positions = frame.bytes(.positions, index, in: sections)
            reader.positionPages = pages.of(.positions, index)
            reader.normPages = pages.of(.norms, index)
            let norms = frame.bytes(.norms, index, in: sections)
            guard norms.count == documents else { throw corrupt(.norms) }
            reader.norms = norms
        case .keyword where field.name != schema.key:
            reader.columnPages = pages.of(.ordinals, index)
            reader.ordinals = OrdinalColumn(frame.bytes(.ordinals, index, in: sections), documents: documents)
            guard reader.ordinals != nil else { throw corrupt(.ordinals) }
        case .suggestion:
            reader.columnPages = pages.of(.suggestions, index)
            reader.suggestions = SuggestionIndex(frame.bytes(.suggestions, index, in: sections))
            guard reader.suggestions != nil else { throw corrupt(.suggestions) }
        case .integer, .float, .boolean, .date, .price:
            reader.columnPages = pages.of(.numbers, index)
            reader.numbers = NumberColumn(frame.bytes(.numbers, index, in: sections), documents: documents)
            guard reader.numbers != nil else { throw corrupt(.numbers) }
        default: break
        }
        return reader
    }

    /// Returns the term dictionary of a text or keyword field; nil for other fields. Errors: `corrupt`.
    package func terms(_ field: Int) throws(IndexError) -> TermDictionary? {
        try check(fields[field].indexPages, .termIndex, field)
        return fields[field].terms
    }

    /// Verifies a whole section. Errors: `corrupt` for bytes that are not what was written.
    @inline(__always)
    private func check(_ pages: SectionPages, _ kind: SectionKind, _ field: Int) throws(IndexError) {
        if !pages.isIntact { throw corrupt(kind, field, 0, "a checksum does not match") }
    }

    /// Returns the first document with a key that satisfies `counts`; nil when there is none. `hash` is the `hash64` of
    /// the key.
    ///
    /// Complexity: most keys that are not in the segment cost one cache line. Errors: `corrupt`.
    package func find(
        key: UnsafeBufferPointer<UInt8>, hash: UInt64, where counts: (Int) -> Bool
    ) throws(IndexError) -> Int? {
        guard let field = schema.field(schema.key)?.index else { return nil }
        guard let mayContain = keyFilter.mayContain(hash) else {
            throw corrupt(.keyFilter, field, 0, "a checksum does not match")
        }
        guard mayContain else { return nil }
        let info: TermInfo
        switch try terms(field)?.find(key) {
        case .found(let found, _)?: info = found
        case .corrupt?: throw corrupt(.termBlocks, field)
        case .absent?, nil: return nil
        }
        // Several documents have the same key when it was put again before the segment was written; at most one is
        // live.
        var cursor = PostingsCursor(try postings(field, info))
        for block in 0..<cursor.list.blockCount {
            cursor.open(block)
            cursor.decode()
            if cursor.failed { throw corrupt(.postings, field, offset: info.postingsOffset) }
            for rank in 0..<cursor.count {
                let document = Int(cursor.documents[cursor.slot(rank)])
                if counts(document) { return document }
            }
        }
        return nil
    }

    /// Reads the updates that the manifest names; nil when there are none.
    ///
    /// Errors: `corrupt` when the file is not what was written, `storage` when it is missing or cannot be read.
    package func savedUpdates(_ folder: GenerationFolder) throws(IndexError) -> SegmentUpdates? {
        guard let saved = description.changes else { return nil }
        let path = folder.updates(description.name, saved.number)
        let file = try storing { () throws(StorageError) in try folder.files.map(path) }
        let updates = withExtendedLifetime(file) {
            file.bytes.count == saved.bytes && CRC32C.checksum(file.bytes) == saved.checksum
                ? UpdatesFile.decode(
                    file.bytes, name: description.name, documents: documents, columns: schema.fields.count + 1) : nil
        }
        guard let updates, updates.deleted.count == saved.deleted else {
            throw .corrupt(
                file: path, section: "the file", offset: 0, problem: "it is not what the manifest says it is")
        }
        return updates
    }

    /// Returns the norm codes (encoded lengths) of a text field, one byte per document; nil for other fields. Errors:
    /// `corrupt`.
    package func norms(_ field: Int) throws(IndexError) -> UnsafePointer<UInt8>? {
        guard let norms = fields[field].norms else { return nil }
        try check(fields[field].normPages, .norms, field)
        return norms.baseAddress?.assumingMemoryBound(to: UInt8.self)
    }

    /// Returns the column of a number field; nil for other fields. Errors: `corrupt`.
    package func numbers(_ field: Int) throws(IndexError) -> NumberColumn? {
        guard let numbers = fields[field].numbers else { return nil }
        try check(fields[field].columnPages, .numbers, field)
        return numbers
    }

    /// Returns the column of a keyword field; nil for other fields and the key. Errors: `corrupt`.
    package func ordinals(_ field: Int) throws(IndexError) -> OrdinalColumn? {
        guard let ordinals = fields[field].ordinals else { return nil }
        try check(fields[field].columnPages, .ordinals, field)
        return ordinals
    }

    /// Returns the suggestions of a suggestion field; nil for other fields. Errors: `corrupt`.
    package func suggestions(_ field: Int) throws(IndexError) -> SuggestionIndex? {
        guard let suggestions = fields[field].suggestions else { return nil }
        try check(fields[field].columnPages, .suggestions, field)
        return suggestions
    }

    /// True if any document has a version.
    package var hasVersions: Bool { versionColumn != nil }

    /// Returns the column of the documents' versions; nil when no document has one. Errors: `corrupt`.
    package func versions() throws(IndexError) -> NumberColumn? {
        guard let versionColumn else { return nil }
        try check(versionPages, .versions, 0)
        return versionColumn
    }

    /// Returns the postings list of a term of a field. Errors: `corrupt`.
    package func postings(_ field: Int, _ info: TermInfo) throws(IndexError) -> PostingsList {
        let reader = fields[field]
        guard
            let list = PostingsList(
                info, hasPositions: reader.terms?.hasPositions ?? false, documents: documents,
                postings: reader.postings, positions: reader.positions, pages: reader.postingPages,
                positionPages: reader.positionPages)
        else {
            throw corrupt(
                .postings, field, info.postingsOffset,
                "a postings list does not fit its section, or a checksum does not match")
        }
        return list
    }

    /// Returns the dictionary's entry for a term of a field; nil when the term occurs in no document. Errors:
    /// `corrupt`.
    package func find(_ field: Int, _ term: String) throws(IndexError) -> TermInfo? {
        var term = term
        let terms = try terms(field)
        let entry = term.withUTF8 { bytes in terms?.find(bytes) }
        switch entry {
        case .found(let info, _)?: return info
        case .corrupt?: throw corrupt(.termBlocks, field)
        case .absent?, nil: return nil
        }
    }

    /// Prefetches the starts of a term's postings and positions, while the next terms are looked up.
    package func fetchList(_ field: Int, _ info: TermInfo) {
        // The posting of a term in a single document is in the dictionary.
        if info.documentFrequency == 1 { return }
        fetch(fields[field].postings, info.postingsOffset)
        fetch(fields[field].postings, info.postingsOffset &+ 64)
        fetch(fields[field].positions, info.positionsOffset)
    }

    private func fetch(_ section: UnsafeRawBufferPointer, _ offset: Int) {
        if let base = section.baseAddress, section.indices.contains(offset) { prefetch(base + offset) }
    }

    /// Returns the term of a field with an ordinal. Errors: `corrupt`, also when there is no such ordinal.
    package func term(_ field: Int, _ ordinal: Int) throws(IndexError) -> [UInt8] {
        if let terms = try terms(field) {
            var texts = TermTexts(terms)
            if let text = texts.text(ordinal) { return Array(text) }
        }
        throw corrupt(.termBlocks, field)
    }

    /// Returns the terms of a field that occur in the most documents. Complexity: O(terms) for the first call.
    package func frequentTerms(_ field: Int) throws(IndexError) -> FrequentTerms {
        if let cached = frequentTerms.withLock({ $0[field] }) { return cached }
        guard let terms = try terms(field) else { return FrequentTerms(terms: [], rest: 0) }
        guard let frequent = terms.mostFrequent(Self.frequentCount) else { throw corrupt(.termBlocks, field) }
        frequentTerms.withLock { $0[field] = frequent }
        return frequent
    }

    /// Returns the terms of a field that are one or two characters; nil for a field without terms. Errors: `corrupt`.
    ///
    /// Complexity: O(terms) for the first call.
    package func characterTerms(_ field: Int) throws(IndexError) -> CharacterTerms? {
        if let known = characterTerms.withLock({ $0[field] }) { return known }
        guard let terms = try terms(field) else { return nil }
        guard let characters = CharacterTerms(terms) else { throw corrupt(.termBlocks, field) }
        characterTerms.withLock { $0[field] = characters }
        return characters
    }

    /// The number of frequent terms that are kept for a field: 64 KB.
    private static let frequentCount = 4096

    /// Returns the position of a text among the terms of a field: twice its ordinal plus one, or, when it is not a
    /// term, twice the ordinal of the first term after it.
    package func place(of text: [UInt8], _ field: Int) throws(IndexError) -> UInt64 {
        guard let terms = try terms(field) else { return 0 }
        var cursor = TermCursor(terms)
        let hasTermFrom = text.withUnsafeBufferPointer { cursor.seek($0) }
        if cursor.failed { throw corrupt(.termBlocks, field) }
        guard hasTermFrom else { return UInt64(terms.count) * 2 }
        return UInt64(cursor.ordinal) * 2 + (cursor.term.elementsEqual(text) ? 1 : 0)
    }

    /// Returns the error for a part of a section that starts at about `offset` and cannot be decoded. `field` is
    /// ignored for sections of the whole segment.
    package func corrupt(_ kind: SectionKind, _ field: Int, offset: Int = 0) -> IndexError {
        let part =
            switch kind {
            case .termBlocks: "a block of terms"
            case .postings: "a postings list"
            case .positions: "a list of positions"
            case .rows: "a row"
            default: "a part of it"
            }
        return corrupt(kind, field, offset, "\(part) cannot be decoded")
    }

    /// Returns the error for corrupt bytes of a section, with the corrupt page if one was found.
    package func corrupt(_ kind: SectionKind, _ field: Int, _ offset: Int, _ problem: String) -> IndexError {
        var problem = problem
        if let page = pages.corruptPage {
            problem += " (page \(page), from byte \(page * SectionPages.byteCount), is not what was written)"
        }
        if kind.isWhole { return .corrupt(file: file.path, section: "\(kind)", offset: offset, problem: problem) }
        let name = schema.fields.indices.contains(field) ? schema.fields[field].name : "?"
        return .corrupt(file: file.path, section: "\(kind) of field \"\(name)\"", offset: offset, problem: problem)
    }

    /// The number of bytes of each section, for `inspect`.
    package var sizes: [(section: String, field: String?, bytes: Int)] {
        sections.map { section in
            ("\(section.kind)", section.kind.isWhole ? nil : schema.fields[Int(section.field)].name, section.length)
        }
    }

    /// Verifies all bytes of some kinds of sections; returns an error for each section that is not what was written.
    ///
    /// Complexity: O(bytes that were not touched before).
    package func corruptSections(_ kinds: [SectionKind] = SectionKind.allCases) -> [IndexError] {
        sections.compactMap { section in
            let isIncluded = section.kind != .pages && kinds.contains(section.kind)
            if !isIncluded || pages.of(section.kind, Int(section.field)).isIntact { return nil }
            return corrupt(section.kind, Int(section.field), 0, "a checksum does not match")
        }
    }

    /// The path of the file.
    package var path: String { file.path }

    /// Returns true if the key filter contains a key's hash; nil for corrupt bytes.
    package func mayContain(keyHash: UInt64) -> Bool? { keyFilter.mayContain(keyHash) }

    /// The offset of the first byte that belongs to no section and is not 0, as it was written; nil when there is none.
    package var strayByte: Int? { MappedFrame(file).strayByte(sections) }

    /// Returns the error for corrupt bytes that belong to no section.
    package func corruptFrame(_ place: String, _ offset: Int, _ problem: String) -> IndexError {
        .corrupt(file: file.path, section: place, offset: offset, problem: problem)
    }
}
