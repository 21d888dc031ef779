import Kernels

/// Reads the records of a write-ahead log, in whatever state a crash left its end.
///
/// A crash may cut the last records short, or keep later bytes of an unsynced batch without earlier ones: reading ends
/// at the first record that is not whole, unless a later one proves that it had been durable.
///
/// ```swift
/// if let log = try LogReader(path, in: files) {
///     log.forEach(from: committed + 1) { (sequence: Int, payload: UnsafeRawBufferPointer) in apply(payload) }
///     if case .cut(let offset) = log.end { logger.notice("\(path): discarding the bytes from \(offset) on") }
/// }
/// ```
///
/// The file stays mapped for as long as the reader lives.
public struct LogReader {
    /// The state of the end of a log.
    public enum End: Equatable, Sendable {
        /// The log ends with a whole record, or has none.
        case whole
        /// The bytes from an offset on are no whole record; they were never acknowledged.
        case cut(at: Int)
    }

    /// The path of the log.
    public let path: String
    /// The sequence number of the first record.
    public let first: Int
    /// The sequence number after that of the last record.
    public let next: Int
    /// The state of the end of the log.
    public let end: End
    /// A copy of the header and the whole records.
    public var bytes: [UInt8] { Array(file.bytes[..<(payloads.last?.upperBound ?? LogFormat.headerBytes)]) }
    private let file: MappedFile
    /// The range of each record's payload in the file, in bytes.
    private let payloads: [Range<Int>]

    /// Opens a log and finds its records. Returns nil when a crash cut its creation short: it never had any.
    ///
    /// Errors: `corruptLog` when a record that was acknowledged cannot be read; the errors of `FileSystem.map`.
    /// Complexity: O(bytes).
    public init?(_ path: String, in files: any FileSystem) throws(StorageError) {
        let file = try files.map(path)
        let bytes = file.bytes
        guard let first = LogFormat.first(bytes) else {
            // A log is durable before its first record is written.
            if Self.hasRecords(bytes, after: 0, next: 1) {
                throw .corruptLog(path: path, offset: 0, reason: "its header's checksum does not match")
            }
            return nil
        }
        self.path = path
        self.file = file
        self.first = first
        var payloads: [Range<Int>] = []
        var next = first
        var offset = LogFormat.headerBytes
        while let record = Self.record(bytes, at: offset), record.sequence == next {
            payloads.append(record.payload)
            offset = record.payload.upperBound
            next += 1
        }
        if offset == bytes.count {
            end = .whole
        } else {
            if Self.hasRecords(bytes, after: offset, next: next) {
                throw .corruptLog(path: path, offset: offset, reason: "a record's checksum does not match")
            }
            end = .cut(at: offset)
        }
        self.next = next
        self.payloads = payloads
    }

    /// True if any record after an offset, numbered from `next` on, proves that bytes after that offset were durable
    /// when it was written.
    ///
    /// Every byte is tried as the start of a record. Few offsets outside records hold plausible numbers, so that few
    /// checksums are computed.
    private static func hasRecords(_ bytes: UnsafeRawBufferPointer, after start: Int, next: Int) -> Bool {
        var offset = start
        while offset + LogFormat.recordBytes <= bytes.count {
            if let head = head(bytes, at: offset), (start + 1)..<(1 << 48) ~= head.durable,
                next..<(1 << 48) ~= head.sequence, record(bytes, at: offset) != nil
            {
                return true
            }
            offset += 1
        }
        return false
    }

    /// Decodes the head of a record at an offset, without its checksum; nil when the record does not fit the file.
    @inline(__always)
    private static func head(
        _ bytes: UnsafeRawBufferPointer, at offset: Int
    ) -> (sequence: Int, durable: Int, payload: Range<Int>)? {
        guard bytes.count - offset >= LogFormat.recordBytes else { return nil }
        let count = Int(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self).littleEndian)
        let start = offset + LogFormat.recordBytes
        guard count <= bytes.count - start,
            let sequence = Int(exactly: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self).littleEndian),
            let durable = Int(exactly: bytes.loadUnaligned(fromByteOffset: offset + 16, as: UInt64.self).littleEndian)
        else { return nil }
        return (sequence, durable, start..<(start + count))
    }

    /// Decodes the record at an offset; nil when it does not fit the file or its checksum does not match.
    private static func record(
        _ bytes: UnsafeRawBufferPointer, at offset: Int
    ) -> (sequence: Int, durable: Int, payload: Range<Int>)? {
        guard let head = head(bytes, at: offset) else { return nil }
        let checksum = bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self).littleEndian
        let body = UnsafeRawBufferPointer(rebasing: bytes[(offset + 8)..<head.payload.upperBound])
        return CRC32C.checksum(body) == checksum ? head : nil
    }

    /// Calls `body` with each record from a sequence number on, in order. Rethrows its error, which ends the iteration.
    ///
    /// The payload is valid only during the call.
    public func forEach<Failure: Error>(
        from sequence: Int, _ body: (_ sequence: Int, _ payload: UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        for (i, payload) in payloads.enumerated() where first + i >= sequence {
            try body(first + i, UnsafeRawBufferPointer(rebasing: file.bytes[payload]))
        }
    }
}
