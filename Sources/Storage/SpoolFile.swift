import Glibc

/// A file without a name, for bytes that are too many for memory and are not needed after a crash.
///
/// Its space is returned to the disk when the object is released, or when the process ends in whatever way. Any thread
/// may use it; who writes and reads the same bytes at the same time must see to their order.
///
/// ```swift
/// let file = try SpoolFile(in: "quire-data")
/// try bytes.withUnsafeBytes { try file.write($0, at: 0) }
/// ```
public final class SpoolFile: Sendable {
    private let descriptor: Int32
    /// The name that the file had, for messages.
    private let path: String

    /// Creates an empty file on the disk of an existing folder, which only this process can read.
    ///
    /// Errors: `missing` when there is no such folder, `failed`.
    public init(in folder: String) throws(StorageError) {
        path = folder + "/.spool-" + String(UInt64.random(in: .min ... .max), radix: 36)
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .last("create", path) }
        // Whoever cleans the folder may have been faster.
        if unlink(path) != 0, errno != ENOENT { throw .last("remove", path) }
    }

    // Also runs when `init` throws after the file was opened.
    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Writes all of the bytes from `offset` on. After an error some of them may have been written.
    public func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StorageError) {
        guard let base = bytes.baseAddress else { return }
        var written = 0
        while written < bytes.count {
            let n = pwrite(descriptor, base + written, bytes.count - written, off_t(offset + written))
            if n < 0, errno == EINTR { continue }
            guard n > 0 else { throw .last("write", path) }
            written += n
        }
    }

    /// Fills a buffer with the bytes from `offset` on.
    ///
    /// Errors: `failed`, with `EIO` when the file is shorter.
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(StorageError) {
        guard let base = buffer.baseAddress else { return }
        var done = 0
        while done < buffer.count {
            let n = pread(descriptor, base + done, buffer.count - done, off_t(offset + done))
            if n < 0, errno == EINTR { continue }
            guard n >= 0 else { throw .last("read", path) }
            guard n > 0 else { throw .failed(operation: "read", path: path, code: EIO) }
            done += n
        }
    }
}
