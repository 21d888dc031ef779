/// The kind of a directory entry; symbolic links are not followed and are `other`.
public enum FileKind: Sendable { case file, folder, other }

/// The few file operations that the engine is built on.
///
/// Errors: every operation throws a `StorageError` that names the file, `missing` when a file that must exist does not,
/// and `failed` with `errno` for everything else; exceptions are noted below. All operations are thread-safe.
///
/// Durability follows from the order in which callers write, `sync`, `rename` and `syncDirectory`: bytes of a file that
/// was not synced, and entries of a folder that was not synced, may be lost in a power failure. `replace` is the
/// pattern for a small file:
///
/// ```swift
/// let files: any FileSystem = PosixFileSystem()
/// try files.makeDirectories("/data/index")
/// try files.replace("/data/index/manifest", with: bytes)  // the old bytes or the new ones, whenever it crashes
/// ```
///
/// `PosixFileSystem` is that of the operating system; tests use one that forgets unsynced data, runs full and fails on
/// demand.
public protocol FileSystem: Sendable {
    /// Returns the kind of what is at `path`; nil when nothing is. Throws when that cannot be determined, such as for
    /// lack of permission.
    func kind(_ path: String) throws(StorageError) -> FileKind?
    /// True if `path` is a folder or a link to one; false when nothing is there.
    func isDirectory(_ path: String) throws(StorageError) -> Bool
    /// Returns the size of a file in bytes.
    func size(_ path: String) throws(StorageError) -> Int
    /// Creates a folder in an existing one; returns false when something of that name exists.
    func makeDirectory(_ path: String) throws(StorageError) -> Bool
    /// Returns the names in a folder, sorted, without `.` and `..`.
    func list(_ path: String) throws(StorageError) -> [String]
    /// Removes a file; does nothing when there is none.
    func remove(_ path: String) throws(StorageError)
    /// Removes an empty folder; does nothing when there is none.
    func removeDirectory(_ path: String) throws(StorageError)
    /// Renames a file within the same disk; atomically replaces one that has the new name.
    func rename(_ from: String, to: String) throws(StorageError)
    /// Creates a second name (a hard link) for a file on the same disk. Throws when the name exists.
    func link(_ from: String, to: String) throws(StorageError)
    /// Makes the bytes of a file durable.
    func sync(_ path: String) throws(StorageError)
    /// Makes the entries of a folder durable: files created, renamed or removed in it before survive a power failure.
    func syncDirectory(_ path: String) throws(StorageError)
    /// Creates an empty file for writing. Throws `failed` with `EEXIST` when it exists; nothing is ever overwritten.
    func create(_ path: String) throws(StorageError) -> any OutputFile
    /// Maps a file into memory for reading.
    func map(_ path: String) throws(StorageError) -> MappedFile
    /// Creates an empty file without a name on the disk of a folder.
    func spool(in folder: String) throws(StorageError) -> SpoolFile
    /// Acquires the lock at `path`. Without `waits`, throws `locked` when it is held.
    func lock(_ path: String, waits: Bool) throws(StorageError) -> any FileLock
}

/// A file that is being written at its end, by one thread at a time.
public protocol OutputFile: AnyObject {
    /// Appends all of the bytes. After an error some of them may have been written.
    func write(_ bytes: UnsafeRawBufferPointer) throws(StorageError)
    /// Makes all bytes written so far durable. After an error the state of those bytes is unknown, and syncing again
    /// does not repair it: the file must be abandoned.
    func sync() throws(StorageError)
    /// Closes the file without making it durable. Nothing else may be called afterwards.
    func close() throws(StorageError)
}

/// A lock that is held for as long as the object lives.
public protocol FileLock: AnyObject, Sendable {}

extension FileSystem {
    /// Creates an empty file without a name on the disk of a folder.
    public func spool(in folder: String) throws(StorageError) -> SpoolFile { try SpoolFile(in: folder) }

    /// Acquires the lock at `path` without waiting. Throws `locked` when it is held.
    public func lock(_ path: String) throws(StorageError) -> any FileLock { try lock(path, waits: false) }

    /// True if something exists at `path`.
    public func exists(_ path: String) throws(StorageError) -> Bool { try kind(path) != nil }

    /// Creates a folder and its missing ancestors, durably; does nothing when it exists.
    ///
    /// Errors: `failed` with `EEXIST` when something else than a folder is at `path`.
    public func makeDirectories(_ path: String) throws(StorageError) {
        var prefix = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            prefix = prefix.isEmpty || prefix == "/" ? prefix + part : prefix + "/" + part
            if try makeDirectory(prefix) { try syncDirectory(parent(of: prefix)) }
        }
        if !prefix.isEmpty, try !isDirectory(prefix) { throw .isInTheWay(prefix) }
    }

    /// Removes a file or a folder with everything in it; does nothing when there is none. Not atomic: an error leaves
    /// what was not removed yet.
    public func removeTree(_ path: String) throws(StorageError) {
        // A symbolic link is removed as a link; its target belongs to someone else.
        guard try kind(path) == .folder else { return try remove(path) }
        for name in try list(path) { try removeTree(path + "/" + name) }
        try removeDirectory(path)
    }

    /// Reads the bytes of a small file into memory.
    public func read(_ path: String) throws(StorageError) -> [UInt8] {
        let file = try map(path)
        return withExtendedLifetime(file) { Array(file.bytes) }
    }

    /// Returns the path of the folder that contains `path`; `.` for a name without a folder.
    public func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
