import Kernels

/// Text files that detect corruption: the last line holds the CRC-32C of what precedes it.
package enum ChecksummedText {
    private static let lineBytes = "crc32c 00000000\n".utf8.count

    /// Returns the text with its checksum line appended.
    package static func seal(_ text: [UInt8]) -> [UInt8] { text + line(checksum(text[...])) }

    /// Returns the text without its checksum line, and its CRC-32C; nil when the line is missing or wrong.
    package static func open(_ bytes: [UInt8]) -> (text: ArraySlice<UInt8>, checksum: UInt32)? {
        guard bytes.count > lineBytes else { return nil }
        let text = bytes.dropLast(lineBytes)
        let sum = checksum(text)
        return bytes.suffix(lineBytes).elementsEqual(line(sum)) ? (text, sum) : nil
    }

    private static func checksum(_ text: ArraySlice<UInt8>) -> UInt32 { text.withUnsafeBytes { CRC32C.checksum($0) } }

    private static func line(_ checksum: UInt32) -> [UInt8] {
        let digits = String(checksum, radix: 16)
        return Array("crc32c \(String(repeating: "0", count: 8 - digits.count))\(digits)\n".utf8)
    }
}
