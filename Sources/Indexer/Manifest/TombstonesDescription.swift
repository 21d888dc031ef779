/// What a manifest says of the tombstones.
struct TombstonesDescription: Codable, Sendable, Equatable {
    /// Numbers the files of tombstones of a generation.
    var number: Int
    /// The file's length.
    var bytes: Int
    /// CRC-32C of the file.
    var checksum: UInt32
}
