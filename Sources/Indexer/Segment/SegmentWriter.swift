import Kernels
import Storage

/// Writes one segment file, section after section.
///
/// Call order: `section` any number of times, each kind at most once a field, then `finish`. Until `finish` the file
/// has no footer and no reader accepts it.
final class SegmentWriter {
    let name: String
    private let file: AppendFile
    private let documents: Int
    private let pace: WritePace?
    private var sections: [Section] = []
    /// Checksums of the sections' pages, in the order of the table.
    private var sums: [UInt8] = []

    /// Creates `name`.seg in a folder, to be written at a pace.
    init(folder: GenerationFolder, name: String, documents: Int, pace: WritePace? = nil) throws(IndexError) {
        self.name = name
        self.pace = pace
        self.documents = documents
        let path = folder.segment(name)
        file = try storing { () throws(StorageError) in try AppendFile(creating: path, in: folder.files) }
        let header = SegmentFrame.header(name: Array(name.utf8), documents: documents)
        try storing { () throws(StorageError) in try file.append(header) }
    }

    /// Writes a section that is at hand as a whole.
    func section(_ kind: SectionKind, field: Int = 0, _ bytes: borrowing GrowableBuffer<UInt8>) throws(IndexError) {
        let raw = UnsafeRawBufferPointer(bytes.elements)
        try section(kind, field: field, raw)
    }

    /// Writes a section of the segment as a whole from an array.
    func section(_ kind: SectionKind, _ bytes: [UInt8]) throws(IndexError) {
        var buffer = GrowableBuffer<UInt8>(capacity: bytes.count)
        bytes.withUnsafeBytes { buffer.append(contentsOf: $0) }
        try section(kind, buffer)
    }

    /// Writes a section from memory.
    func section(_ kind: SectionKind, field: Int = 0, _ raw: UnsafeRawBufferPointer) throws(IndexError) {
        let stream = try stream(kind, field: field)
        try stream.append(raw)
        end(stream)
    }

    /// Begins a section that is written in pieces; answers what its pieces are given to.
    func stream(_ kind: SectionKind, field: Int = 0) throws(IndexError) -> SectionStream {
        SectionStream(file: file, kind: kind, field: field, offset: try begin(), pace: pace)
    }

    /// Ends a section that was written in pieces.
    func end(_ stream: SectionStream) {
        sections.append(stream.section)
        sums += stream.takeChecksums()
    }

    /// Writes table and footer, makes the file durable if asked to, and answers what a manifest says of it.
    func finish(sync: Bool) throws(IndexError) -> SegmentDescription {
        let pages = try begin()
        let checksum = sums.withUnsafeBytes { CRC32C.checksum($0) }
        sections.append(Section(kind: .pages, field: 0, offset: pages, length: sums.count, checksum: checksum))
        try storing { () throws(StorageError) in try file.append(sums) }
        let offset = try begin()
        let table = SegmentFrame.table(sections)
        let tableChecksum = table.withUnsafeBytes { CRC32C.checksum($0) }
        let footer = SegmentFrame.footer(
            sections: sections.count, tableOffset: offset, tableChecksum: tableChecksum, documents: documents)
        try storing { () throws(StorageError) in
            try file.append(table)
            try file.pad(to: SegmentFrame.alignment)
            try file.append(footer)
            try file.finish(sync: sync)
        }
        return SegmentDescription(name: name, documents: documents, bytes: file.offset, checksum: tableChecksum)
    }

    private func begin() throws(IndexError) -> Int {
        try storing { () throws(StorageError) in try file.pad(to: SegmentFrame.alignment) }
        return file.offset
    }
}

/// A section being written in pieces: counts what goes by, and sums up its pages.
final class SectionStream {
    private let file: AppendFile
    private let kind: SectionKind
    private let field: Int
    private let offset: Int
    private let pace: WritePace?
    private var sums = PageChecksums()
    /// Bytes so far.
    private(set) var length = 0

    fileprivate init(file: AppendFile, kind: SectionKind, field: Int, offset: Int, pace: WritePace?) {
        self.file = file
        self.pace = pace
        self.kind = kind
        self.field = field
        self.offset = offset
    }

    /// Appends a piece.
    func append(_ bytes: UnsafeRawBufferPointer) throws(IndexError) {
        sums.update(bytes)
        length += bytes.count
        try storing { () throws(StorageError) in try file.append(bytes) }
        try pace?.wrote(bytes.count)
    }

    fileprivate var section: Section {
        Section(kind: kind, field: UInt16(field), offset: offset, length: length, checksum: 0)
    }

    fileprivate func takeChecksums() -> [UInt8] {
        sums.finish()
        return Array(sums.bytes.elements)
    }
}
