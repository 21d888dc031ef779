/// What a manifest says of a segment.
public struct SegmentDescription: Codable, Sendable, Equatable {
    /// Its file's name without `.seg`; unique in its generation.
    public var name: String
    /// Documents in it.
    public var documents: Int
    /// The file's length.
    public var bytes: Int
    /// CRC-32C of its section table, which holds the checksums of everything else.
    public var checksum: UInt32
    /// What was changed of it since.
    var changes: ChangesDescription?

    init(name: String, documents: Int, bytes: Int, checksum: UInt32) {
        self.name = name
        self.documents = documents
        self.bytes = bytes
        self.checksum = checksum
    }

    /// Documents that were not deleted.
    public var liveDocuments: Int { documents - (changes?.deleted ?? 0) }
}
