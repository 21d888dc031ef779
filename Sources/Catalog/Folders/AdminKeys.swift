import Crypto
import FoundationEssentials
import Glibc
import Storage

/// The admin keys of a data folder, which permit changes over HTTP.
///
/// A key has 256 random bits; only its SHA-256 is stored. The file is read for each check, so that added and removed
/// keys take effect at once. Any threads and processes may add and remove keys at the same time: one waits for the
/// other.
///
/// ```swift
/// let keys = AdminKeys(DataFolder("quire-data"))
/// let key = try keys.add("importer")   // "quire_admin_…", returned only here
/// try keys.name(of: key)               // "importer"
/// ```
package struct AdminKeys: Sendable {
    /// The path of the file of keys, which only its owner can read.
    package let path: String

    /// The keys of a data folder. Nothing is read yet.
    package init(_ folder: DataFolder) { path = folder.path + "/admin-keys.json" }

    /// The stored record of a key.
    package struct Entry: Codable, Sendable, Equatable {
        /// The name of the key.
        package var name: String
        /// The SHA-256 of the key, in hexadecimal digits.
        package var sha256: String
        /// The time of its creation, in seconds since 1970.
        package var created: Int
    }

    /// The prefix of all keys.
    private static let prefix = "quire_admin_"

    /// Returns the records of all keys, oldest first; empty if the file does not exist.
    ///
    /// Errors: `storage` if the file cannot be read, `keys` if it is corrupt.
    package func entries() throws(CatalogError) -> [Entry] {
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
            throw .keys(path: path, problem: "the file was not written by `quire keys`")
        }
    }

    /// Creates a key and returns it. It cannot be read again later.
    ///
    /// Errors: `keys` if a key of the name exists, `storage`.
    package func add(_ name: String) throws(CatalogError) -> String {
        let lock = try lock()
        defer { withExtendedLifetime(lock) {} }
        var entries = try entries()
        if entries.contains(where: { $0.name == name }) {
            throw .keys(path: path, problem: "the key \"\(name)\" exists already")
        }
        var random = SystemRandomNumberGenerator()
        let bits = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
        let key = Self.prefix + bits.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        entries.append(Entry(name: name, sha256: Self.hash(key), created: time(nil)))
        try save(entries)
        return key
    }

    /// Removes a key. Returns false if no key has the name.
    ///
    /// Errors: `storage`, `keys`.
    package func remove(_ name: String) throws(CatalogError) -> Bool {
        if try entries().isEmpty { return false }
        let lock = try lock()
        defer { withExtendedLifetime(lock) {} }
        let entries = try entries()
        let others = entries.filter { $0.name != name }
        if others.count == entries.count { return false }
        try save(others)
        return true
    }

    /// Returns the name of a key if it is one of the stored ones; nil otherwise. The comparison takes the same time for
    /// all wrong keys.
    ///
    /// Errors: `storage`, `keys`. Complexity: O(keys).
    package func name(of key: String) throws(CatalogError) -> String? {
        let hash = Array(Self.hash(key).utf8)
        var name: String?
        for entry in try entries() {
            let stored = Array(entry.sha256.utf8)
            var difference: UInt8 = stored.count == hash.count ? 0 : 1
            for (a, b) in zip(stored, hash) { difference |= a ^ b }
            if difference == 0 { name = entry.name }
        }
        return name
    }

    /// The SHA-256 of a key, in hexadecimal digits.
    private static func hash(_ key: String) -> String {
        SHA256.hash(data: Array(key.utf8)).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// Acquires the right to change the file; creates its folder if necessary.
    private func lock() throws(CatalogError) -> DirectoryLock {
        let files = PosixFileSystem()
        do throws(StorageError) {
            try files.makeDirectories(files.parent(of: path))
            return try DirectoryLock(path + ".lock", waits: true)
        } catch {
            throw .storage(error)
        }
    }

    /// Replaces the file atomically, with access for its owner only.
    private func save(_ entries: [Entry]) throws(CatalogError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        // Strings and numbers always encode.
        let bytes = (try? encoder.encode(entries)).map { Array($0) } ?? []
        do throws(StorageError) {
            try PosixFileSystem(fileMode: 0o600).replace(path, with: bytes)
        } catch {
            throw .storage(error)
        }
    }
}
