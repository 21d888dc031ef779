import Segments

/// The documents of a snapshot as lines of JSON, in the order of their arrival, with the versions they have: what
/// `POST /v1/{catalog}/documents` accepts.
///
/// ```swift
/// var export = CatalogExport(searcher)
/// while let lines = try export.next() { try file.append(lines) }
/// ```
package struct CatalogExport: Sendable {
    private let reader: IndexReader
    /// The number of the next document.
    private var number = 0

    /// The approximate size of what `next` returns, in bytes.
    private static let pieceBytes = 128 << 10

    /// Creates an export of the snapshot of a searcher.
    package init(_ searcher: CatalogSearcher) { reader = searcher.reader }

    /// Returns the next lines, each with its line break; nil after the last.
    ///
    /// Errors: `index` if the index is corrupt. Complexity: that of reading about 128 KB of documents.
    package mutating func next() throws(CatalogError) -> [UInt8]? {
        var json = JSONWriter(capacity: Self.pieceBytes)
        var lines: [UInt8] = []
        while number < reader.documents, lines.count < Self.pieceBytes {
            defer { number += 1 }
            guard reader.isLive(number) else { continue }
            let (document, version) = try indexing { () throws(IndexError) in
                (try reader.document(number), try reader.version(number))
            }
            json.removeAll()
            json.object { json in
                for (name, value) in document.members { json.member(name, value) }
                json.member("_version", ifPresent: version)
            }
            json.withBytes { lines += $0 }
            lines.append(UInt8(ascii: "\n"))
        }
        return lines.isEmpty ? nil : lines
    }
}
