import Crypto
import FoundationEssentials
import Glibc
import Storage

/// The keys that may change catalogs: 256 random bits each, of which only SHA-256 is kept.
public struct AdminKeys: Sendable {
    /// Where they are kept, readable by the owner alone.
    public let path: String

    /// The keys of a data folder.
    public init(_ folder: DataFolder) { path = folder.path + "/admin-keys.json" }

    /// What is kept of a key.
    public struct Entry: Codable, Sendable, Equatable {
        /// What people call it.
        public var name: String
        /// SHA-256 of the key, in hexadecimal digits.
        public var sha256: String
        /// Seconds since 1970 at which it was made.
        public var created: Int
    }

    private static let prefix = "quire_admin_"

    /// The keys there are.
    ///
    /// Errors: `storage` when the file cannot be read, `keys` when it is damaged.
    public func entries() throws(CatalogError) -> [Entry] {
        let bytes: [UInt8]
        do throws(StorageError) {
            bytes = try PosixFileSystem().read(path)
        } catch {
            if case .missing = error { return [] }
            throw .storage(error)
        }
        do {
            return try JSONDecoder().decode([Entry].self, from: Data(bytes))
        } catch {
            throw .keys(path: path, problem: "it is not what `quire keys` wrote")
        }
    }

    /// Makes a key and answers it: it is not shown again.
    public func add(_ name: String) throws(CatalogError) -> String {
        var entries = try entries()
        if entries.contains(where: { $0.name == name }) {
            throw .keys(path: path, problem: "there is a key named \"\(name)\" already")
        }
        var random = SystemRandomNumberGenerator()
        let bits = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
        let key = Self.prefix + bits.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        entries.append(Entry(name: name, sha256: Self.hash(key), created: time(nil)))
        try save(entries)
        return key
    }

    /// Takes a key away; false when there is none of that name.
    public func remove(_ name: String) throws(CatalogError) -> Bool {
        let entries = try entries()
        let others = entries.filter { $0.name != name }
        if others.count == entries.count { return false }
        try save(others)
        return true
    }

    /// Whether a key is one of them. Takes as long for any wrong key.
    public func admits(_ key: String) throws(CatalogError) -> Bool {
        let hash = Array(Self.hash(key).utf8)
        var isKnown = false
        for entry in try entries() {
            let own = Array(entry.sha256.utf8)
            var difference: UInt8 = own.count == hash.count ? 0 : 1
            for (a, b) in zip(own, hash) { difference |= a ^ b }
            if difference == 0 { isKnown = true }
        }
        return isKnown
    }

    private static func hash(_ key: String) -> String {
        SHA256.hash(data: Array(key.utf8)).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    private func save(_ entries: [Entry]) throws(CatalogError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        // Strings and numbers always encode.
        let bytes = (try? encoder.encode(entries)).map { Array($0) } ?? []
        let files = PosixFileSystem()
        do throws(StorageError) {
            try files.makeDirectories(files.parent(of: path))
            // Made for the owner alone before anything is in it.
            let old = umask(0o077)
            defer { umask(old) }
            try files.replace(path, with: bytes)
        } catch {
            throw .storage(error)
        }
    }
}
