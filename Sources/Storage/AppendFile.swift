import Kernels

/// A new file that is written once, from front to back, through a buffer of 1 MB.
///
/// The file is created exclusively: an existing one is an error and is never overwritten. Nothing is durable before
/// `finish(sync: true)`; an object that is released without `finish` leaves an incomplete file. Not thread-safe.
///
/// ```swift
/// let file = try AppendFile(creating: path, in: files)
/// try file.append(header)
/// try file.pad(to: 64)
/// try file.finish(sync: true)
/// try files.syncDirectory(files.parent(of: path))
/// ```
public final class AppendFile {
    /// The path of the file.
    public let path: String
    /// The length of the file so far, in bytes, including those that are still buffered.
    public private(set) var offset = 0
    private let file: any OutputFile
    private var pending = GrowableBuffer<UInt8>(capacity: 1 << 12)
    private var isOpen = true

    /// Creates the file at `path`. Errors: `failed` with `EEXIST` when it exists, `missing` when its folder does not.
    public init(creating path: String, in files: any FileSystem) throws(StorageError) {
        self.path = path
        file = try files.create(path)
    }

    /// Appends bytes; they are copied, or written at once when there are 1 MB or more of them.
    public func append(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
        offset += bytes.count
        if pending.count + bytes.count > 1 << 20 { try flush() }
        if bytes.count >= 1 << 20 { return try file.write(bytes) }
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
        let padding = (alignment - offset % alignment) % alignment
        pending.append(repeating: 0, count: padding)
        offset += padding
    }

    /// Writes the buffered bytes, makes the file durable if `sync` is true, and closes it. To be called once.
    public func finish(sync: Bool) throws(StorageError) {
        precondition(isOpen, "\(path) is finished already")
        try flush()
        if sync { try file.sync() }
        isOpen = false
        try file.close()
    }

    private func flush() throws(StorageError) {
        guard pending.count > 0 else { return }
        try file.write(UnsafeRawBufferPointer(pending.elements))
        pending.removeAll()
    }
}

extension FileSystem {
    /// Replaces a file atomically: a reader, and a crash at any moment, sees the old bytes or the new ones, never a
    /// mixture. The new bytes are durable when it returns.
    ///
    /// The steps: write `path.tmp`, sync it, rename it over `path`, sync the folder. One thread at a time per path.
    public func replace(_ path: String, with bytes: [UInt8]) throws(StorageError) {
        let temporary = path + ".tmp"
        try remove(temporary)
        let file = try AppendFile(creating: temporary, in: self)
        try file.append(bytes)
        try file.finish(sync: true)
        try rename(temporary, to: path)
        try syncDirectory(parent(of: path))
    }
}
