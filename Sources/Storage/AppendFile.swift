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
    private let file: any OutputFile
    private var pending = GrowableBuffer<UInt8>(capacity: 1 << 12)
    private var isOpen = true

    /// Creates the file at `path`.
    public init(creating path: String, in files: any FileSystem) throws(StorageError) {
        self.path = path
        file = try files.create(path)
    }

    /// Appends bytes.
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
        let missing = (alignment - offset % alignment) % alignment
        pending.append(repeating: 0, count: missing)
        offset += missing
    }

    /// Writes what is buffered, makes it durable when asked to, and closes.
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
    /// Replaces a file so that a reader, or a crash at any moment, sees the old bytes or the new ones, never a mixture.
    ///
    /// The steps: write `path.tmp`, sync it, rename it over `path`, sync the folder.
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
