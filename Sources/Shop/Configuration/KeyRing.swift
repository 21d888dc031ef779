import Crypto
import FoundationEssentials
import Glibc

/// The keys with which the shop signs tokens: the newest signs, all verify. They are kept in the file `keys.json` of
/// the data folder, which only its owner may read.
package struct KeyRing: Sendable, Codable {
    /// A key of 256 random bits.
    struct Key: Sendable, Codable {
        /// The name of the key, which tokens carry.
        let id: String
        /// The key, in Base64.
        let secret: String

        /// The key as bytes.
        var symmetricKey: SymmetricKey { SymmetricKey(data: Data(base64Encoded: secret) ?? Data()) }

        static func random() -> Key {
            let bytes = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
            return Key(id: String(randomToken().prefix(8)), secret: bytes.base64EncodedString())
        }
    }

    /// The number of keys that are kept: tokens signed with older ones are refused.
    private static let limit = 3

    /// The keys, the newest first.
    private(set) var keys: [Key]

    /// The key that signs.
    var current: Key { keys[0] }

    /// Creates a ring with a single random key.
    init() { keys = [.random()] }

    /// Adds a key, which signs from now on, and drops the oldest beyond three.
    package mutating func rotate() { keys = Array(([.random()] + keys).prefix(Self.limit)) }

    /// A key of its own for a purpose, derived from a key of the ring.
    static func derived(_ key: Key, for purpose: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(inputKeyMaterial: key.symmetricKey, info: Data(purpose.utf8), outputByteCount: 32)
    }

    /// Reads the ring of a data folder; the first process to ask creates it.
    ///
    /// Errors: a file that cannot be read, or is not a key ring.
    package static func open(in folder: String) throws -> KeyRing {
        let path = folder + "/keys.json"
        if !FileManager.default.fileExists(atPath: path) {
            let draft = folder + "/keys-\(randomToken()).draft"
            try KeyRing().write(to: draft)
            defer { try? FileManager.default.removeItem(atPath: draft) }
            // A link fails where another process was faster; then its ring counts.
            try? FileManager.default.linkItem(atPath: draft, toPath: path)
        }
        let ring = try JSONDecoder().decode(KeyRing.self, from: Data(contentsOf: URL(filePath: path)))
        guard !ring.keys.isEmpty, ring.keys.allSatisfy({ Data(base64Encoded: $0.secret)?.count == 32 }) else {
            throw ConfigurationProblem("\(path) is not a ring of keys; restore it, or move it away to end all sessions")
        }
        return ring
    }

    /// Replaces the ring of a data folder.
    package func save(in folder: String) throws {
        let draft = folder + "/keys-\(randomToken()).draft"
        try write(to: draft)
        guard rename(draft, folder + "/keys.json") == 0 else { throw ConfigurationProblem("\(folder): cannot write") }
    }

    private func write(to path: String) throws {
        let data = try JSONEncoder().encode(self)
        guard FileManager.default.createFile(atPath: path, contents: data, attributes: [.posixPermissions: 0o600])
        else { throw ConfigurationProblem("\(path) cannot be written") }
    }
}

/// Returns 256 random bits in the characters of base64url.
func randomToken() -> String {
    SymmetricKey(size: .bits256).withUnsafeBytes { base64URL($0) }
}

/// Returns bytes in the alphabet of base64url, without padding.
func base64URL(_ bytes: some Sequence<UInt8>) -> String {
    String(
        Data(bytes).base64EncodedString().compactMap { character -> Character? in
            switch character {
            case "+": "-"
            case "/": "_"
            case "=": nil
            default: character
            }
        })
}

/// Returns the SHA-256 of a text in hexadecimal digits: of tokens, which are stored and looked up only so.
func sha256(_ text: String) -> String { sha256(Array(text.utf8)) }

/// Returns the SHA-256 of bytes in hexadecimal digits.
func sha256(_ bytes: [UInt8]) -> String {
    SHA256.hash(data: bytes).map { byte in
        let digits = String(byte, radix: 16)
        return byte < 16 ? "0" + digits : digits
    }.joined()
}
