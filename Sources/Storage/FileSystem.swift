/// What kind of thing a path names, links not followed.
public enum FileKind: Sendable { case file, folder, other }

/// The few file operations that the engine is built on, each with an error that names the file.
///
/// Durability is made by the order in which callers write, `sync`, `rename` and `syncDirectory` (see `replace`): bytes
/// that were not synced and entries of folders that were not synced may be lost with power. `PosixFileSystem` is the
/// operating system's; tests have one that forgets, runs full and fails on demand.
public protocol FileSystem: Sendable {
    /// What is at `path`; nil for nothing. What cannot be looked at is an error, never nothing.
    func kind(_ path: String) throws(StorageError) -> FileKind?
    /// Whether `path` is a folder, or a link to one.
    func isDirectory(_ path: String) throws(StorageError) -> Bool
    /// The bytes of a file.
    func size(_ path: String) throws(StorageError) -> Int
    /// Makes one folder; false when something of that name is there.
    func makeDirectory(_ path: String) throws(StorageError) -> Bool
    /// The names in a folder, sorted, without `.` and `..`.
    func list(_ path: String) throws(StorageError) -> [String]
    /// Removes a file; one that is not there is fine.
    func remove(_ path: String) throws(StorageError)
    /// Removes an empty folder; one that is not there is fine.
    func removeDirectory(_ path: String) throws(StorageError)
    /// Gives a file another name, replacing one that has it.
    func rename(_ from: String, to: String) throws(StorageError)
    /// Gives a file a second name, on the same disk; an error when it is taken.
    func link(_ from: String, to: String) throws(StorageError)
    /// Makes a file's bytes durable.
    func sync(_ path: String) throws(StorageError)
    /// Makes a folder's entries durable: what was created, renamed or removed in it survives power loss afterwards.
    func syncDirectory(_ path: String) throws(StorageError)
    /// Cuts a file's end off, durably.
    func truncate(_ path: String, to bytes: Int) throws(StorageError)
    /// Creates a file to write; one that is there is an error, never overwritten.
    func create(_ path: String) throws(StorageError) -> any OutputFile
    /// Maps a file into memory.
    func map(_ path: String) throws(StorageError) -> MappedFile
    /// Takes the lock at `path`; throws `locked` when somebody holds it.
    func lock(_ path: String) throws(StorageError) -> any FileLock
}

/// A file that is being written at its end.
public protocol OutputFile: AnyObject {
    /// Appends bytes, all of them or an error; after an error some of them may be there.
    func write(_ bytes: UnsafeRawBufferPointer) throws(StorageError)
    /// Makes what was written durable. After an error nothing is known of what was written before; never try again.
    func sync() throws(StorageError)
    /// Cuts the end off; the next bytes follow there.
    func truncate(to bytes: Int) throws(StorageError)
    /// Ends writing.
    func close() throws(StorageError)
}

/// A right that is held for as long as the object lives.
public protocol FileLock: AnyObject, Sendable {}

extension FileSystem {
    /// Whether something exists at `path`.
    public func exists(_ path: String) throws(StorageError) -> Bool { try kind(path) != nil }

    /// Makes a folder and those above it, durably; one that is there already is fine.
    public func makeDirectories(_ path: String) throws(StorageError) {
        var prefix = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            prefix = prefix.isEmpty || prefix == "/" ? prefix + part : prefix + "/" + part
            if try makeDirectory(prefix) { try syncDirectory(parent(of: prefix)) }
        }
        if !prefix.isEmpty, try !isDirectory(prefix) { throw .isInTheWay(prefix) }
    }

    /// Removes a folder with everything in it; one that is not there is fine.
    public func removeTree(_ path: String) throws(StorageError) {
        // A link to a folder is removed as a link; what it points at is not ours.
        guard try kind(path) == .folder else { return try remove(path) }
        for name in try list(path) { try removeTree(path + "/" + name) }
        try removeDirectory(path)
    }

    /// The bytes of a small file.
    public func read(_ path: String) throws(StorageError) -> [UInt8] {
        let file = try map(path)
        return withExtendedLifetime(file) { Array(file.bytes) }
    }

    /// The folder a path is in.
    public func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
