package import Indexer
import Segments

/// The documents of a job's files as lines of JSON, for a server that writes the catalog. Not thread-safe.
///
/// ```swift
/// let job = IndexJob(files: ["more.csv"], schema: nil)
/// let lines = try DocumentLines(job, "books", in: DataFolder("quire-data"))
/// while let piece = try lines.next() { try send(piece) }
/// ```
package final class DocumentLines {
    private let records: JobRecords
    private let members: Members
    private var json = JSONWriter()
    /// The number of documents so far.
    package private(set) var documents = 0

    /// The approximate size of what `next` returns, in bytes.
    private static let pieceBytes = 128 << 10

    /// Opens the files of a job that adds to a catalog.
    ///
    /// Errors: `unknown` if the catalog does not exist, `input`, `storage`, `index` if it cannot be read.
    package init(_ job: IndexJob, _ name: String, in folder: DataFolder) throws(CatalogError) {
        let index = try folder.index(name)
        let manifest = try indexing { () throws(IndexError) in try index.newestManifest() }
        guard let manifest else { throw .unknown(name, known: try folder.catalogs()) }
        members = Members(manifest.schema)
        let (sources, formats) = try job.openFiles()
        records = try JobRecords(job, manifest.schema, sources, formats)
    }

    /// The number of records that were left out because they cannot be used.
    package var skipped: Int { records.skipped }
    /// The descriptions of the first of them.
    package var problems: [String] { records.problems }
    /// The number of ill-formed characters that were replaced by U+FFFD.
    package var repairs: Int { records.repairs }
    /// The share of the files that was read, in bytes; nil with standard input.
    package var share: (done: Int, all: Int)? { records.total.map { (records.consumed, $0) } }

    /// Returns the next lines, each with its line break; nil after the last.
    ///
    /// Errors: `badRecords` unless the job skips them, `input`. Complexity: that of reading about 128 KB of documents.
    package func next() throws(CatalogError) -> [UInt8]? {
        var lines: [UInt8] = []
        while lines.count < Self.pieceBytes {
            guard try records.next() else {
                try records.end(documents)
                break
            }
            documents += 1
            json.removeAll()
            let document = StoredDocument(records.document, members)
            json.object { json in
                for (name, value) in document.members { json.member(name, value) }
            }
            json.withBytes { lines += $0 }
            lines.append(UInt8(ascii: "\n"))
        }
        return lines.isEmpty ? nil : lines
    }

    /// Reads all documents. Errors: as of `next`. Complexity: O(bytes of the files).
    package func check() throws(CatalogError) {
        while try records.next() { documents += 1 }
        try records.end(documents)
    }
}
