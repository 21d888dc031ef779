import Crypto
import Kernels
import Storage

/// The id of a reply to a search, by which events are attributed to its query.
///
/// It consists of a hash of the query's text, a number of the reply, and a code (HMAC-SHA-256, 64 bits) that only who
/// has the data folder's secret can compute: nobody can invent the id of a search that was not answered. Everyone who
/// gets the same reply, from the cache of replies too, gets the same id.
package struct QueryID: Sendable, Equatable {
    /// The hash of the query's text, as `hash(_:)` returns it.
    package let query: UInt64
    /// The number of the reply.
    package let reply: UInt64
    /// The code of both.
    fileprivate let code: UInt64

    /// The id as text: 32 characters of base64url.
    package var text: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(24)
        for word in [query, reply, code] { withUnsafeBytes(of: word.littleEndian) { bytes += $0 } }
        var text: [UInt8] = []
        text.reserveCapacity(32)
        for start in stride(from: 0, to: 24, by: 3) {
            let group = Int(bytes[start]) << 16 | Int(bytes[start + 1]) << 8 | Int(bytes[start + 2])
            for shift in [18, 12, 6, 0] { text.append(Self.alphabet[group >> shift & 63]) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads an id without checking its code; nil for other texts.
    package init?(_ text: UnsafeBufferPointer<UInt8>) {
        guard text.count == 32 else { return nil }
        var words: [UInt64] = [0, 0, 0]
        for group in 0..<8 {
            var bits = 0
            for i in 0..<4 {
                let value = Self.values[Int(text[group * 4 + i])]
                guard value < 64 else { return nil }
                bits = bits << 6 | Int(value)
            }
            for i in 0..<3 {
                let byte = group * 3 + i
                words[byte / 8] |= UInt64(bits >> (16 - 8 * i) & 255) << UInt64(byte % 8 * 8)
            }
        }
        (query, reply, code) = (words[0], words[1], words[2])
    }

    fileprivate init(query: UInt64, reply: UInt64, code: UInt64) {
        (self.query, self.reply, self.code) = (query, reply, code)
    }

    /// The hash of the text of a query. Complexity: O(bytes).
    package static func hash(_ query: String) -> UInt64 {
        var query = query
        return query.withUTF8 { bytes in bytes.baseAddress.map { hash64($0, bytes.count) } ?? 0 }
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    /// The value of each character; 255 for those that are none of the alphabet.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()
}

/// The secret of a data folder. Servers that have the same one accept each other's ids.
package struct QueryIDKey: Sendable {
    private let key: SymmetricKey
    static let byteCount = 32

    /// Creates the key of some bytes.
    init(_ bytes: [UInt8]) { key = SymmetricKey(data: bytes) }

    /// Reads the key of a data folder, and creates it if there is none.
    ///
    /// Errors: those of the disk.
    init(_ folder: DemandFolder) throws(StorageError) {
        if let known = try Self.read(folder) {
            self.init(known)
            return
        }
        try folder.files.makeDirectories(folder.path)
        try folder.files.replace(folder.keyPath, with: DailySalt.random(Self.byteCount))
        guard let bytes = try Self.read(folder) else { throw .missing(path: folder.keyPath) }
        self.init(bytes)
    }

    private static func read(_ folder: DemandFolder) throws(StorageError) -> [UInt8]? {
        guard try folder.files.exists(folder.keyPath) else { return nil }
        let bytes = try folder.files.read(folder.keyPath)
        return bytes.count == byteCount ? bytes : nil
    }

    /// Returns the id of a reply to a query of a catalog.
    package func id(of catalog: String, query: UInt64, reply: UInt64) -> QueryID {
        QueryID(query: query, reply: reply, code: code(catalog, query, reply))
    }

    /// True if an id is one of a catalog. The comparison takes the same time for all wrong ids.
    package func admits(_ id: QueryID, of catalog: String) -> Bool {
        code(catalog, id.query, id.reply) ^ id.code == 0
    }

    private func code(_ catalog: String, _ query: UInt64, _ reply: UInt64) -> UInt64 {
        var message = Array(catalog.utf8)
        message.append(0)
        for word in [query, reply] { withUnsafeBytes(of: word.littleEndian) { message += $0 } }
        let full = HMAC<SHA256>.authenticationCode(for: message, using: key)
        return full.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    }
}
