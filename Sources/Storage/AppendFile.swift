import Glibc
import Kernels

/// A new file that is written once from front to back.
///
/// Shape: bytes go through a buffer of 1 MB; `offset` is the file's length so far. The file is created exclusively: an
/// existing one is an error, never overwritten. Nothing is durable before `finish(sync: true)`.
public final class AppendFile {
    /// Where the file is.
    public let path: String
    /// Bytes written so far.
    public private(set) var offset = 0
    private let descriptor: Int32
    private var pending = GrowableBuffer<UInt8>(capacity: 1 << 16)
    private var isOpen = true

    /// Creates the file at `path`.
    public init(creating path: String) throws(StorageError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .last("create", path) }
    }

    deinit {
        if isOpen { close(descriptor) }
    }

    /// Appends bytes.
    public func append(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
        offset += bytes.count
        if pending.count + bytes.count > 1 << 20 { try flush() }
        if bytes.count >= 1 << 20 { return try write(bytes) }
        pending.append(contentsOf: bytes)
    }

    /// Appends an array's bytes.
    public func append(_ bytes: [UInt8]) throws(StorageError) {
        offset += bytes.count
        bytes.withUnsafeBytes { pending.append(contentsOf: $0) }
        if pending.count > 1 << 20 { try flush() }
    }

    /// Appends zero bytes up to the next multiple of `alignment`.
    public func pad(to alignment: Int) throws(StorageError) {
        let missing = (alignment - offset % alignment) % alignment
        pending.append(repeating: 0, count: missing)
        offset += missing
    }

    /// Writes what is buffered, makes it durable when asked to, and closes.
    public func finish(sync: Bool) throws(StorageError) {
        precondition(isOpen, "\(path) is finished already")
        try flush()
        if sync, fdatasync(descriptor) != 0 { throw .last("sync", path) }
        isOpen = false
        if close(descriptor) != 0 { throw .last("close", path) }
    }

    private func flush() throws(StorageError) {
        try write(UnsafeRawBufferPointer(pending.elements))
        pending.removeAll()
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
        var done = 0
        while done < bytes.count {
            let n = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
            if n < 0, errno == EINTR { continue }
            guard n > 0 else { throw .last("write", path) }
            done += n
        }
    }
}
