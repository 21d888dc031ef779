import Glibc

/// A file mapped into memory for reading: opened in microseconds, paged in on access, shared with every other reader.
///
/// Shape: `bytes` is the whole file as it was when opened, aligned to a page. The file must not be truncated or
/// rewritten in place while mapped, or an access kills the process: Quire's files are written once and then only
/// renamed or removed, which a mapping survives. Reading is thread-safe.
public final class MappedFile: @unchecked Sendable {
    /// The path with which the file was opened.
    public let path: String
    /// The bytes of the file; valid for as long as this object lives, which `withExtendedLifetime` ensures.
    public let bytes: UnsafeRawBufferPointer
    /// Frees bytes that were not mapped by this object; nil for a mapping.
    private let release: (@Sendable (UnsafeRawBufferPointer) -> Void)?

    /// Creates a file from bytes that are in memory already; `release` is called with them when the object is released.
    public init(
        _ path: String, bytes: UnsafeRawBufferPointer, release: @escaping @Sendable (UnsafeRawBufferPointer) -> Void
    ) {
        self.path = path
        self.bytes = bytes
        self.release = release
    }

    /// Maps the file at `path`; an empty file has no bytes and no base address.
    ///
    /// Errors: `missing` when there is no file, `failed` when it cannot be opened or mapped (`EISDIR` when it is not a
    /// regular file). Complexity: O(1).
    public init(_ path: String) throws(StorageError) {
        self.path = path
        release = nil
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last("open", path) }
        defer { close(descriptor) }
        var info = stat()
        guard fstat(descriptor, &info) == 0 else { throw .last("inspect", path) }
        guard info.st_mode & S_IFMT == S_IFREG else { throw .failed(operation: "read", path: path, code: EISDIR) }
        let count = Int(info.st_size)
        if count == 0 {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let base = mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0), base != MAP_FAILED else {
            throw .last("map", path)
        }
        bytes = UnsafeRawBufferPointer(start: base, count: count)
    }

    deinit {
        if let release { return release(bytes) }
        if let base = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: base), bytes.count) }
    }
}
