package import Kernels
import Storage

/// A writer of one segment file, section after section.
///
/// Call order: `section` or `stream` and `end` any number of times, each kind at most once for each field, then
/// `finish`. Until `finish` the file has no footer and no reader accepts it. Not thread-safe; a writer that threw must
/// not be used again, and its file is garbage.
package final class SegmentWriter {
    /// The file's name without `.seg`.
    let name: String
    private let file: AppendFile
    private let documents: Int
    private let limiter: RateLimiter?
    private let folder: GenerationFolder
    private let spillBytes: Int
    private var sections: [Section] = []
    /// The checksums of the sections' pages, in the order of the table.
    private var sums: [UInt8] = []

    /// Creates the file of segment `name` in a folder; `limiter` bounds the rate at which it is written. Parts that are
    /// written after others are kept in a file of their own from `spillBytes` on, and in memory until then.
    ///
    /// Errors: `storage`, also when a file of that name exists.
    package init(
        folder: GenerationFolder, name: String, documents: Int, limiter: RateLimiter? = nil,
        spillBytes: Int = 4 << 20
    ) throws(IndexError) {
        self.folder = folder
        self.spillBytes = spillBytes
        self.name = name
        self.limiter = limiter
        self.documents = documents
        let path = folder.segment(name)
        file = try storing { () throws(StorageError) in try AppendFile(creating: path, in: folder.files) }
        let header = SegmentFrame.header(name: Array(name.utf8), documents: documents)
        try storing { () throws(StorageError) in try file.append(header) }
    }

    /// Writes a section from a buffer.
    ///
    /// Errors: `storage`, and `stopped` when the rate limiter was canceled; so do the remaining functions.
    package func section(
        _ kind: SectionKind, field: Int = 0, _ bytes: borrowing GrowableBuffer<UInt8>
    ) throws(IndexError) {
        let raw = UnsafeRawBufferPointer(bytes.elements)
        try section(kind, field: field, raw)
    }

    /// Writes a section of the whole segment from an array.
    package func section(_ kind: SectionKind, _ bytes: [UInt8]) throws(IndexError) {
        var buffer = GrowableBuffer<UInt8>(capacity: bytes.count)
        bytes.withUnsafeBytes { buffer.append(contentsOf: $0) }
        try section(kind, buffer)
    }

    /// Writes a section from memory.
    package func section(_ kind: SectionKind, field: Int = 0, _ raw: UnsafeRawBufferPointer) throws(IndexError) {
        let stream = try stream(kind, field: field)
        try stream.append(raw)
        end(stream)
    }

    /// Begins a section that is written in pieces, and returns the stream that accepts them. Pass it to `end` before
    /// the next section begins.
    package func stream(_ kind: SectionKind, field: Int = 0) throws(IndexError) -> SectionStream {
        SectionStream(
            file: file, kind: kind, field: field, offset: try begin(), limiter: limiter, folder: folder,
            spillBytes: spillBytes)
    }

    /// Ends a section that was written in pieces.
    package func end(_ stream: SectionStream) {
        sections.append(stream.section)
        sums += stream.finishChecksums()
    }

    /// Writes page checksums, table and footer, and returns the segment's entry for a manifest. With `sync` the file is
    /// durable when the function returns; its name is durable once the folder is synced.
    package func finish(sync: Bool) throws(IndexError) -> SegmentDescription {
        let pagesOffset = try begin()
        let checksum = sums.withUnsafeBytes { CRC32C.checksum($0) }
        sections.append(Section(kind: .pages, field: 0, offset: pagesOffset, length: sums.count, checksum: checksum))
        try storing { () throws(StorageError) in try file.append(sums) }
        let tableOffset = try begin()
        let table = SegmentFrame.table(sections)
        let tableChecksum = table.withUnsafeBytes { CRC32C.checksum($0) }
        let footer = SegmentFrame.footer(
            sections: sections.count, tableOffset: tableOffset, tableChecksum: tableChecksum, documents: documents)
        try storing { () throws(StorageError) in
            try file.append(table)
            try file.pad(to: SegmentFrame.alignment)
            try file.append(footer)
            try file.finish(sync: sync)
        }
        return SegmentDescription(name: name, documents: documents, bytes: file.offset, checksum: tableChecksum)
    }

    /// Pads the file to the alignment of sections and returns its length.
    private func begin() throws(IndexError) -> Int {
        try storing { () throws(StorageError) in try file.pad(to: SegmentFrame.alignment) }
        return file.offset
    }
}

/// A section that is being written in pieces: counts its bytes and computes the checksums of its pages.
package final class SectionStream {
    private let file: AppendFile
    private let kind: SectionKind
    private let field: Int
    private let offset: Int
    private let limiter: RateLimiter?
    private var sums = PageChecksums()
    private let folder: GenerationFolder
    /// The number of bytes of another section that may be kept in memory meanwhile.
    let spillBytes: Int
    /// The number of bytes so far.
    private(set) var length = 0

    fileprivate init(
        file: AppendFile, kind: SectionKind, field: Int, offset: Int, limiter: RateLimiter?, folder: GenerationFolder,
        spillBytes: Int
    ) {
        self.folder = folder
        self.spillBytes = spillBytes
        self.file = file
        self.limiter = limiter
        self.kind = kind
        self.field = field
        self.offset = offset
    }

    /// Appends a piece, and waits when the rate limiter requires it.
    func append(_ bytes: UnsafeRawBufferPointer) throws(IndexError) {
        sums.update(bytes)
        length += bytes.count
        try storing { () throws(StorageError) in try file.append(bytes) }
        try limiter?.wrote(bytes.count)
    }

    /// Creates a file for bytes of another section. Errors: as of `SpoolFile`.
    func makeSpool() throws(StorageError) -> SpoolFile { try folder.files.spool(in: folder.path) }

    /// The section's entry in the table.
    fileprivate var section: Section {
        Section(kind: kind, field: UInt16(field), offset: offset, length: length, checksum: 0)
    }

    /// Ends the last page and returns the checksums of all pages.
    fileprivate func finishChecksums() -> [UInt8] {
        sums.finish()
        return Array(sums.bytes.elements)
    }
}
