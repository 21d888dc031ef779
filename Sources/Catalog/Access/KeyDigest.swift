import Crypto

/// The digest of a key, which is stored in its place.
enum KeyDigest {
    /// Returns the SHA-256 of a key, in hexadecimal digits.
    static func of(_ key: String) -> String { digits(SHA256.hash(data: Array(key.utf8))) }

    /// Returns bytes in hexadecimal digits.
    static func digits(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
