import Glibc

/// The few file operations that the engine is built on, all of POSIX, each with an error that names the file.
///
/// Nothing here is clever: durability is made by the order in which callers write, `sync`, `rename` and
/// `syncDirectory` (see `replace`).
public struct FileSystem: Sendable {
    /// The operating system's files.
    public init() {}

    /// Whether something exists at `path`.
    public func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Whether `path` is a folder.
    public func isDirectory(_ path: String) -> Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    }

    /// The bytes of a file.
    public func size(_ path: String) throws(StorageError) -> Int {
        var info = stat()
        guard stat(path, &info) == 0 else { throw .last("look at", path) }
        return Int(info.st_size)
    }

    /// Makes a folder and those above it, durably; one that is there already is fine.
    public func makeDirectories(_ path: String) throws(StorageError) {
        var prefix = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            prefix = prefix.isEmpty || prefix == "/" ? prefix + part : prefix + "/" + part
            if mkdir(prefix, 0o755) == 0 {
                try syncDirectory(parent(of: prefix))
            } else if errno != EEXIST {
                throw .last("make the folder", prefix)
            }
        }
        guard prefix.isEmpty || isDirectory(prefix) else {
            throw .failed(operation: "make the folder", path: prefix, code: EEXIST)
        }
    }

    /// The names in a folder, sorted, without `.` and `..`.
    public func list(_ path: String) throws(StorageError) -> [String] {
        guard let directory = opendir(path) else { throw .last("list", path) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Removes a file; one that is not there is fine.
    public func remove(_ path: String) throws(StorageError) {
        if unlink(path) != 0, errno != ENOENT { throw .last("remove", path) }
    }

    /// Removes a folder with everything in it; one that is not there is fine.
    public func removeTree(_ path: String) throws(StorageError) {
        // A link to a folder is removed as a link; what it points at is not ours.
        var info = stat()
        guard lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR else { return try remove(path) }
        for name in try list(path) { try removeTree(path + "/" + name) }
        if rmdir(path) != 0, errno != ENOENT { throw .last("remove the folder", path) }
    }

    /// Gives a file another name, replacing one that has it.
    public func rename(_ from: String, to: String) throws(StorageError) {
        if Glibc.rename(from, to) != 0 { throw .last("rename", from) }
    }

    /// Makes a folder's entries durable: what was created, renamed or removed in it survives power loss afterwards.
    public func syncDirectory(_ path: String) throws(StorageError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last("open", path) }
        defer { close(descriptor) }
        if fsync(descriptor) != 0 { throw .last("sync", path) }
    }

    /// Replaces a file so that a reader, or a crash at any moment, sees the old bytes or the new ones, never a mixture.
    ///
    /// The steps: write `path.tmp`, sync it, rename it over `path`, sync the folder.
    public func replace(_ path: String, with bytes: [UInt8]) throws(StorageError) {
        let temporary = path + ".tmp"
        try remove(temporary)
        let file = try AppendFile(creating: temporary)
        try file.append(bytes)
        try file.finish(sync: true)
        try rename(temporary, to: path)
        try syncDirectory(parent(of: path))
    }

    /// The bytes of a small file.
    public func read(_ path: String) throws(StorageError) -> [UInt8] {
        let file = try MappedFile(path)
        return withExtendedLifetime(file) { Array(file.bytes) }
    }

    /// The folder a path is in.
    public func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
