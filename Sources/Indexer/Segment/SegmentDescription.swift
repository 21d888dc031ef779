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
}
