/// A manifest's entry for a segment: what a reader needs to open it and to recognize corruption.
package struct SegmentDescription: Codable, Sendable, Equatable {
    /// The file's name without `.seg`; unique in its generation.
    package var name: String
    /// The number of documents, deleted ones included.
    package var documents: Int
    /// The length of the file in bytes.
    package var bytes: Int
    /// The CRC-32C of the section table, which holds the checksums of everything else.
    package var checksum: UInt32
    /// The newest file of updates to the segment; nil when there are none.
    package var changes: UpdatesDescription?

    package init(name: String, documents: Int, bytes: Int, checksum: UInt32) {
        self.name = name
        self.documents = documents
        self.bytes = bytes
        self.checksum = checksum
    }

    /// The number of documents that are not deleted.
    package var liveDocuments: Int { documents - (changes?.deleted ?? 0) }
}
