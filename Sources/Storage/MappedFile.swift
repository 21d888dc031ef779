import Glibc

/// A file mapped into memory for reading: opened in microseconds, paged in by use, shared with every other reader.
///
/// Shape: `bytes` is the whole file as it was when opened; `base` is aligned to a page. The file must not be
/// truncated or rewritten in place while mapped: Quire's files are written once and then only renamed or removed,
/// which a mapping survives.
public final class MappedFile: @unchecked Sendable {
    /// Where the file is.
    public let path: String
    /// The file's bytes; valid for as long as this object lives, so keep it while they are used.
    public let bytes: UnsafeRawBufferPointer
    private let release: (@Sendable (UnsafeRawBufferPointer) -> Void)?

    /// A file that is in memory already; `release` is called with the bytes when nobody needs them any more.
    public init(
        _ path: String, bytes: UnsafeRawBufferPointer, release: @escaping @Sendable (UnsafeRawBufferPointer) -> Void
    ) {
        self.path = path
        self.bytes = bytes
        self.release = release
    }

    /// Maps the file at `path`; an empty file maps to no bytes.
    public init(_ path: String) throws(StorageError) {
        self.path = path
        release = nil
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last("open", path) }
        defer { close(descriptor) }
        var info = stat()
        guard fstat(descriptor, &info) == 0 else { throw .last("look at", path) }
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
