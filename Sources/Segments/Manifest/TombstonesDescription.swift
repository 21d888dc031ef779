/// A manifest's entry for the file of tombstones.
package struct TombstonesDescription: Codable, Sendable, Equatable {
    /// The number of the file among the generation's files of tombstones.
    package var number: Int
    /// The length of the file in bytes.
    package var bytes: Int
    /// The CRC-32C of the file.
    package var checksum: UInt32

    package init(number: Int, bytes: Int, checksum: UInt32) {
        self.number = number
        self.bytes = bytes
        self.checksum = checksum
    }
}
