import Kernels

/// Appends records to a new write-ahead log.
///
/// Nothing is promised before `sync` returns; then every record appended so far survives a crash. After an error the
/// log is of no more use: open what is on disk with `LogReader`, and begin another.
public final class LogWriter {
    /// Longest payload of a record, in bytes.
    public static let mostPayload = LogFormat.mostPayload
    /// Where the log is.
    public let path: String
    /// Sequence number of the next record.
    public private(set) var next: Int
    /// Bytes of the file.
    public private(set) var byteCount: Int
    private var durable = 0
    private let file: any OutputFile
    private var record = GrowableBuffer<UInt8>(capacity: 1 << 12)

    /// Creates a log whose first record will have a sequence number; durable, and so is its name.
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
            // Nothing is in it: better gone than in the way of the next.
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

    /// Appends a record; answers its sequence number.
    public func append(_ payload: UnsafeRawBufferPointer) throws(StorageError) -> Int {
        precondition(payload.count <= LogFormat.mostPayload, "a record of more than 1 GB")
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

    /// Makes all records durable.
    public func sync() throws(StorageError) {
        if durable == byteCount { return }
        try file.sync()
        durable = byteCount
    }

    /// Ends writing.
    public func close() throws(StorageError) { try file.close() }
}
