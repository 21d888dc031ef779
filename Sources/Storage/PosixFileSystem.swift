import Glibc

/// The file system of the operating system, through POSIX calls.
///
/// It has no state, and may be used by all threads. Relative paths are resolved against the working directory of the
/// process. New files have the mode 0644 unless stated otherwise, and new folders 0755, less the umask.
public struct PosixFileSystem: FileSystem {
    private let fileMode: UInt32

    /// Creates an instance; it costs nothing. `fileMode` is the mode of new files.
    public init(fileMode: UInt32 = 0o644) { self.fileMode = fileMode }

    /// See `FileSystem`.
    public func kind(_ path: String) throws(StorageError) -> FileKind? {
        var info = stat()
        guard lstat(path, &info) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .last("inspect", path)
        }
        switch info.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .folder
        default: return .other
        }
    }

    /// See `FileSystem`.
    public func isDirectory(_ path: String) throws(StorageError) -> Bool {
        var info = stat()
        guard stat(path, &info) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return false }
            throw .last("inspect", path)
        }
        return info.st_mode & S_IFMT == S_IFDIR
    }

    /// See `FileSystem`.
    public func size(_ path: String) throws(StorageError) -> Int {
        var info = stat()
        guard stat(path, &info) == 0 else { throw .last("inspect", path) }
        return Int(info.st_size)
    }

    /// See `FileSystem`.
    public func makeDirectory(_ path: String) throws(StorageError) -> Bool {
        if mkdir(path, 0o755) == 0 { return true }
        if errno != EEXIST { throw .last("make the folder", path) }
        return false
    }

    /// See `FileSystem`.
    public func list(_ path: String) throws(StorageError) -> [String] {
        guard let directory = opendir(path) else { throw .last("list", path) }
        defer { closedir(directory) }
        var names: [String] = []
        while true {
            // `readdir` returns nil at the end and on errors; only `errno` distinguishes them.
            errno = 0
            guard let entry = readdir(directory) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        if errno != 0 { throw .last("list", path) }
        return names.sorted()
    }

    /// See `FileSystem`.
    public func remove(_ path: String) throws(StorageError) {
        if unlink(path) != 0, errno != ENOENT { throw .last("remove", path) }
    }

    /// See `FileSystem`.
    public func removeDirectory(_ path: String) throws(StorageError) {
        if rmdir(path) != 0, errno != ENOENT { throw .last("remove the folder", path) }
    }

    /// See `FileSystem`.
    public func rename(_ from: String, to: String) throws(StorageError) {
        if Glibc.rename(from, to) != 0 { throw .last("rename", from) }
    }

    /// See `FileSystem`.
    public func link(_ from: String, to: String) throws(StorageError) {
        if Glibc.link(from, to) != 0 { throw .last("link", errno == ENOENT ? from : to) }
    }

    /// See `FileSystem`.
    public func sync(_ path: String) throws(StorageError) {
        try withDescriptor(path, O_RDONLY) { descriptor throws(StorageError) in
            if fdatasync(descriptor) != 0 { throw .last("sync", path) }
        }
    }

    /// See `FileSystem`.
    public func syncDirectory(_ path: String) throws(StorageError) {
        try withDescriptor(path, O_RDONLY | O_DIRECTORY) { descriptor throws(StorageError) in
            if fsync(descriptor) != 0 { throw .last("sync", path) }
        }
    }

    /// See `FileSystem`.
    public func create(_ path: String) throws(StorageError) -> any OutputFile { try PosixOutputFile(path, fileMode) }

    /// See `FileSystem`.
    public func map(_ path: String) throws(StorageError) -> MappedFile { try MappedFile(path) }

    /// See `FileSystem`.
    public func lock(_ path: String, waits: Bool) throws(StorageError) -> any FileLock {
        try DirectoryLock(path, waits: waits)
    }

    /// Opens a file, calls `body` with its descriptor and closes it.
    private func withDescriptor(
        _ path: String, _ flags: Int32, _ body: (Int32) throws(StorageError) -> Void
    ) throws(StorageError) {
        let descriptor = open(path, flags | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last("open", path) }
        defer { close(descriptor) }
        try body(descriptor)
    }
}

/// A new file, written through its descriptor without a buffer; closed with the object if not before.
private final class PosixOutputFile: OutputFile {
    private let path: String
    private var descriptor: Int32

    init(_ path: String, _ mode: UInt32) throws(StorageError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw .last("create", path) }
    }

    deinit {
        if descriptor >= 0 { Glibc.close(descriptor) }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
        guard let base = bytes.baseAddress else { return }
        var written = 0
        while written < bytes.count {
            let n = Glibc.write(descriptor, base + written, bytes.count - written)
            if n < 0, errno == EINTR { continue }
            guard n > 0 else { throw .last("write", path) }
            written += n
        }
    }

    func sync() throws(StorageError) {
        if fdatasync(descriptor) != 0 { throw .last("sync", path) }
    }

    func close() throws(StorageError) {
        let openDescriptor = descriptor
        descriptor = -1
        if Glibc.close(openDescriptor) != 0 { throw .last("close", path) }
    }
}
