import Kernels

/// Appends records to a new write-ahead log.
///
/// Nothing is durable before `sync` returns; then every record appended so far survives a crash. After an error the
/// writer must not be used any more: open what is on disk with `LogReader` and create another log. Not thread-safe.
///
/// ```swift
/// let log = try LogWriter(creating: path, first: 1, in: files)
/// let sequence = try payload.withUnsafeBytes { try log.append($0) }
/// try log.sync()  // only now may the client be told that its change is safe
/// ```
public final class LogWriter {
    /// The maximum size of a record's payload in bytes.
    public static let maxPayloadBytes = LogFormat.maxPayloadBytes
    /// The path of the log.
    public let path: String
    /// The sequence number of the next record.
    public private(set) var next: Int
    /// The size of the file in bytes, including records that are not durable yet.
    public private(set) var byteCount: Int
    /// The number of bytes of the file that are known to be on disk.
    private var durable = 0
    private let file: any OutputFile
    private var record = GrowableBuffer<UInt8>(capacity: 1 << 12)

    /// Creates a log whose first record will have the sequence number `first`. The empty log and its name are durable
    /// when it returns.
    ///
    /// Errors: `failed` with `EEXIST` when the file exists; after any other error the file is removed again.
    public init(creating path: String, first: Int, in files: any FileSystem) throws(StorageError) {
        self.path = path
        next = first
        file = try files.create(path)
        let header = LogFormat.header(first: first)
        byteCount = header.count
        do throws(StorageError) {
            try Self.write(header, to: file)
            try file.sync()
            try files.syncDirectory(files.parent(of: path))
        } catch {
            // The file holds no records; left behind, it would block the next attempt to create the log.
            try? files.remove(path)
            throw error
        }
        durable = byteCount
    }

    private static func write(_ bytes: [UInt8], to file: any OutputFile) throws(StorageError) {
        var failure: StorageError?
        bytes.withUnsafeBytes { raw in
            do throws(StorageError) { try file.write(raw) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Appends a record and returns its sequence number. The payload has at most `maxPayloadBytes` bytes.
    ///
    /// The record is handed to the operating system at once, but is durable only after `sync`.
    public func append(_ payload: UnsafeRawBufferPointer) throws(StorageError) -> Int {
        precondition(payload.count <= LogFormat.maxPayloadBytes, "a record of more than 1 GB")
        record.removeAll()
        record.append(littleEndian: UInt32(payload.count))
        record.append(littleEndian: UInt32(0))
        record.append(littleEndian: UInt64(next))
        record.append(littleEndian: UInt64(durable))
        record.append(contentsOf: payload)
        let checksum = CRC32C.checksum(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(record.elements)[8...]))
        withUnsafeBytes(of: checksum.littleEndian) { bytes in
            for i in 0..<4 { record[4 + i] = bytes[i] }
        }
        try file.write(UnsafeRawBufferPointer(record.elements))
        byteCount += record.count
        next += 1
        return next - 1
    }

    /// Makes all records durable; does nothing when they are.
    public func sync() throws(StorageError) {
        if durable == byteCount { return }
        try file.sync()
        durable = byteCount
    }

    /// Closes the file without a `sync`.
    public func close() throws(StorageError) { try file.close() }
}
