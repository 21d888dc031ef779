import Crypto
import FoundationEssentials
import Glibc
import Storage
import Synchronization

/// The keys of a data folder, which permit requests over HTTP. Thread-safe.
///
/// A key has 256 random bits; only its SHA-256 is stored. The file is looked at for each check, and read if it has
/// changed, so that added and removed keys take effect at once. Any threads and processes may add and remove keys at
/// the same time: one waits for the other.
///
/// ```swift
/// let keys = AccessKeys(DataFolder("quire-data"))
/// let key = try keys.add("importer", .write)   // "quire_write_…", returned only here
/// try keys.access(of: key)?.name               // "importer"
/// ```
package final class AccessKeys: Sendable {
    /// The path of the file of keys, which only its owner can read.
    package let path: String
    /// The path of the file that earlier versions wrote, whose keys permit everything. It is read until there is the
    /// other one, so that they never take a key with a role for one of theirs.
    private let oldPath: String
    /// The keys that were read last.
    private let known = Mutex<KnownKeys?>(nil)

    /// The keys of a data folder. Nothing is read yet.
    package init(_ folder: DataFolder) {
        path = folder.path + "/keys.json"
        oldPath = folder.path + "/admin-keys.json"
    }

    /// The stored record of a key.
    package struct Entry: Codable, Sendable, Equatable {
        /// The name of the key.
        package var name: String
        /// The extent of what it permits.
        package var role: AccessRole
        /// The SHA-256 of the key, in hexadecimal digits.
        package var sha256: String
        /// The time of its creation, in seconds since 1970.
        package var created: Int
    }

    /// A record of an earlier version.
    private struct OldEntry: Decodable {
        var name: String
        var sha256: String
        var created: Int
    }

    /// Returns the records of all keys, oldest first; empty if the file does not exist.
    ///
    /// Errors: `storage` if the file cannot be read, `keys` if it is corrupt.
    package func entries() throws(CatalogError) -> [Entry] {
        if let entries = try read(path, [Entry].self) { return entries }
        let old = try read(oldPath, [OldEntry].self) ?? []
        return old.map { Entry(name: $0.name, role: .admin, sha256: $0.sha256, created: $0.created) }
    }

    /// Returns the content of a file of keys; nil without the file. Errors: as for `entries`.
    private func read<Content: Decodable>(_ path: String, _ type: Content.Type) throws(CatalogError) -> Content? {
        let bytes: [UInt8]
        do throws(StorageError) {
            bytes = try PosixFileSystem().read(path)
        } catch {
            if case .missing = error { return nil }
            throw .storage(error)
        }
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw .keys(path: path, problem: "the file was not written by `quire keys`")
        }
    }

    /// Creates a key and returns it. It cannot be read again later.
    ///
    /// Errors: `keys` if a key of the name exists, `storage`.
    package func add(_ name: String, _ role: AccessRole = .admin) throws(CatalogError) -> String {
        let lock = try lock()
        defer { withExtendedLifetime(lock) {} }
        var entries = try entries()
        if entries.contains(where: { $0.name == name }) {
            throw .keys(path: path, problem: "the key \"\(name)\" exists already")
        }
        var random = SystemRandomNumberGenerator()
        let bits = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
        let key = "quire_\(role.rawValue)_" + KeyDigest.digits(bits)
        entries.append(Entry(name: name, role: role, sha256: KeyDigest.of(key), created: time(nil)))
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

    /// The requests that a key permits.
    package struct Access: Sendable, Equatable {
        /// The name of the key, or of the key that it is derived from.
        package var name: String
        /// The extent of what it permits.
        package var role: AccessRole
        /// The documents that it shows; nil for all.
        package var scope: AccessScope?
        /// The time from which on it permits nothing, in seconds since 1970; nil for never.
        package var expires: Int?
    }

    /// Returns what a key permits if it is one of the stored ones, or derived from one; nil otherwise. The comparison
    /// takes the same time for all wrong keys.
    ///
    /// Errors: `storage`, `keys`. Complexity: O(keys), and O(bytes of the key) for one that was right lately.
    package func access(of key: String) throws(CatalogError) -> Access? {
        let checked = known.withLock { known in known?.isCurrent == true ? known?.checked[key] : nil }
        if let checked { return checked }
        let (keys, file) = try knownKeys()
        let access = Self.access(of: key, among: keys)
        if let access, let file { known.withLock { if $0?.file === file { $0?.remember(key, access) } } }
        return access
    }

    private static func access(of key: String, among keys: [KnownKey]) -> Access? {
        if key.hasPrefix(ScopedKey.prefix) {
            let scoped = ScopedKey(key) { name in keys.first { $0.entry.name == name }?.entry.sha256 }
            return scoped.map { Access(name: $0.key, role: .search, scope: $0.scope, expires: $0.expires) }
        }
        var key = key
        let digest = key.withUTF8 { SHA256.hash(data: UnsafeRawBufferPointer($0)) }
        var found: Access?
        for known in keys {
            var difference: UInt8 = known.digest.count == SHA256.byteCount ? 0 : 1
            for (a, b) in zip(known.digest, digest) { difference |= a ^ b }
            if difference == 0 { found = Access(name: known.entry.name, role: known.entry.role) }
        }
        return found
    }

    /// The record of a key with its SHA-256 as bytes; too few of them if the record has no SHA-256.
    private struct KnownKey {
        var entry: Entry
        var digest: [UInt8]

        init(_ entry: Entry) {
            self.entry = entry
            let digits = Array(entry.sha256.utf8)
            digest = stride(from: 0, to: digits.count - 1, by: 2).compactMap { index in
                UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16)
            }
        }
    }

    /// The records of all keys, in a state of the file, and what those keys permit that were found to be right: a key
    /// comes with every request, and hashing it takes longer than a reply from memory.
    private struct KnownKeys {
        let file: OpenFile
        let keys: [KnownKey]
        private(set) var checked: [String: Access] = [:]

        init(_ file: OpenFile, _ keys: [KnownKey]) {
            self.file = file
            self.keys = keys
        }

        /// True if the file has not changed since.
        var isCurrent: Bool { file.state == FileState(file.descriptor) }

        /// Remembers what a key permits; all are forgotten when there are many, as of visitors with keys of their own.
        mutating func remember(_ key: String, _ access: Access) {
            if checked.count >= 1024 { checked.removeAll(keepingCapacity: true) }
            checked[key] = access
        }
    }

    /// The file of keys when it was opened. It is kept open, because to follow its path for each request takes longer.
    private final class OpenFile: Sendable {
        let descriptor: Int32
        let state: FileState

        /// Opens the file; nil without one.
        init?(_ path: String) {
            descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return nil }
            guard let state = FileState(descriptor) else {
                close(descriptor)
                return nil
            }
            self.state = state
        }

        deinit { close(descriptor) }
    }

    /// The facts about an open file that change when its content does, and when it is replaced, moved or removed.
    private struct FileState: Equatable {
        /// A time since 1970.
        struct Time: Equatable {
            var seconds: Int
            var nanoseconds: Int

            init(_ time: timespec) { (seconds, nanoseconds) = (time.tv_sec, time.tv_nsec) }
        }

        var bytes: Int
        /// The number of its names: one less when it is replaced or removed.
        var links: UInt
        var contentChanged: Time
        /// The time of the last change of content, names or rights.
        var changed: Time

        /// The present facts; nil if they cannot be read.
        init?(_ descriptor: Int32) {
            var facts = stat()
            guard fstat(descriptor, &facts) == 0 else { return nil }
            (bytes, links) = (Int(facts.st_size), UInt(facts.st_nlink))
            (contentChanged, changed) = (Time(facts.st_mtim), Time(facts.st_ctim))
        }

        /// True if the content is old enough for a later one to have another time: clocks of files have steps of
        /// milliseconds.
        var isSettled: Bool { time(nil) > contentChanged.seconds + 1 }
    }

    /// The records of all keys, read again if the file has changed since, and the file if what they permit may be
    /// remembered. Errors: as for `entries`.
    private func knownKeys() throws(CatalogError) -> (keys: [KnownKey], file: OpenFile?) {
        if let known = known.withLock({ $0?.isCurrent == true ? $0 : nil }) { return (known.keys, known.file) }
        let file = OpenFile(path)
        let keys = try entries().map { KnownKey($0) }
        guard let file, file.state.isSettled else { return (keys, nil) }
        known.withLock { $0 = KnownKeys(file, keys) }
        return (keys, file)
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
