import Indexer
import Segments
import Storage

/// The documents of a job's files as lines of JSON, for a server that writes the catalog. Records that cannot be used
/// are left out. Not thread-safe.
///
/// ```swift
/// let job = IndexJob(files: ["more.csv"], schema: nil)
/// let lines = try DocumentLines(job, "books", in: DataFolder("quire-data"))
/// try lines.check {}
/// while let piece = try lines.next() { try send(piece) }
/// ```
package final class DocumentLines {
    private let job: IndexJob
    private let schema: Schema
    private let sources: [ByteSource]
    private let formats: [InputFormat]
    private var records: JobRecords
    private let members: Members
    private var json = JSONWriter()
    /// The number of documents so far.
    package private(set) var documents = 0

    /// The approximate size of what `next` returns, in bytes.
    private static let pieceBytes = 128 << 10
    /// The number of records after which the progress of a check is reported.
    private static let recordsPerReport = 2_000

    /// Opens the files of a job that adds to a catalog.
    ///
    /// Errors: `unknown` if the catalog does not exist, `input`, `storage`, `index` if it cannot be read.
    package init(_ job: IndexJob, _ name: String, in folder: DataFolder) throws(CatalogError) {
        let index = try folder.existingIndex(name)
        let manifest = try indexing { () throws(IndexError) in try index.newestManifest() }
        guard let manifest else { throw .unknown(name, known: try folder.catalogs()) }
        self.job = job
        schema = manifest.schema
        members = Members(schema)
        (sources, formats) = try job.openFiles()
        records = try JobRecords(job, schema, sources, formats)
    }

    /// The number of records that were left out because they cannot be used.
    package var skipped: Int { records.skipped }
    /// The descriptions of the first of them.
    package var problems: [String] { records.problems }
    /// The number of ill-formed characters that were replaced by U+FFFD.
    package var repairs: Int { records.repairs }
    /// The share of the files that was read, in bytes; nil with standard input and pipes.
    package var share: (done: Int, all: Int)? { records.total.map { (records.consumed, $0) } }

    /// True if reading ended early because too many records cannot be used.
    package private(set) var isIncomplete = false

    /// Reads all files, and then begins again. Does nothing if one of them, such as a pipe, can only be read once.
    /// `report` is called now and then.
    ///
    /// Errors: `badRecords` unless the job skips them, `input` if there are no documents, `storage`. Complexity:
    /// O(bytes of the files).
    package func check(_ report: () -> Void) throws(CatalogError) {
        if records.total != nil {
            var count = 0
            while try nextDocument() {
                count += 1
                if count.isMultiple(of: Self.recordsPerReport) { report() }
            }
            try records.end(count)
            for source in sources {
                do throws(StorageError) { try source.rewind() } catch { throw .storage(error) }
            }
        }
        var lenient = job
        lenient.skipsBadRecords = true
        records = try JobRecords(lenient, schema, sources, formats)
    }

    /// Reads the next document that has a key; returns false after the last.
    private func nextDocument() throws(CatalogError) -> Bool {
        while !isIncomplete {
            guard try records.next() else { return false }
            do throws(IndexError) {
                _ = try members.key(of: records.document)
                return true
            } catch {
                guard case .document(let problem) = error else { throw .index(error) }
                try records.refuse(problem)
            }
            isIncomplete = !job.skipsBadRecords && records.skipped >= JobRecords.maxProblems
        }
        return false
    }

    /// Returns the next lines, each with its line break; nil after the last.
    ///
    /// Errors: `input`, also if there are no documents at all. Complexity: that of reading about 128 KB of documents.
    package func next() throws(CatalogError) -> [UInt8]? {
        var lines: [UInt8] = []
        while lines.count < Self.pieceBytes, try nextDocument() {
            documents += 1
            json.removeAll()
            let document = StoredDocument(records.document, members)
            json.object { json in
                for (name, value) in document.members { json.member(name, value) }
            }
            json.withBytes { lines += $0 }
            lines.append(UInt8(ascii: "\n"))
        }
        if documents == 0, records.skipped == 0 { try records.end(0) }
        return lines.isEmpty ? nil : lines
    }
}
