import Kernels

/// Reads the records of a write-ahead log, whatever a crash made of its end.
///
/// A crash may cut the last records short, or keep later bytes of an unsynced batch without earlier ones: reading ends
/// at the first record that is not whole, unless a later one proves that it had been durable.
public struct LogReader {
    /// How a log ends.
    public enum End: Equatable, Sendable {
        /// With a whole record, or without any.
        case whole
        /// The bytes from an offset on were never acknowledged.
        case cut(at: Int)
    }

    /// Where the log is.
    public let path: String
    /// Sequence number of its first record.
    public let first: Int
    /// Sequence number behind its last record.
    public let next: Int
    /// How it ends.
    public let end: End
    /// Bytes of the header and the whole records.
    public var bytes: [UInt8] { Array(file.bytes[..<(payloads.last?.upperBound ?? LogFormat.headerBytes)]) }
    private let file: MappedFile
    /// Where each record's payload begins and ends.
    private let payloads: [Range<Int>]

    /// Opens a log and finds its records. Nil when a crash cut its creation short: it never had any.
    ///
    /// Errors: `damaged` when a record that was acknowledged cannot be read. Complexity: O(bytes).
    public init?(_ path: String, in files: any FileSystem) throws(StorageError) {
        let file = try files.map(path)
        let bytes = file.bytes
        guard let first = LogFormat.first(bytes) else {
            // A log is durable before its first record is written.
            if Self.hasRecords(bytes, behind: 0, next: 1) {
                throw .damagedLog(path: path, offset: 0, reason: "its header's checksum does not match")
            }
            return nil
        }
        self.path = path
        self.file = file
        self.first = first
        var payloads: [Range<Int>] = []
        var next = first
        var at = LogFormat.headerBytes
        while let record = Self.record(bytes, at), record.sequence == next {
            payloads.append(record.payload)
            at = record.payload.upperBound
            next += 1
        }
        if at == bytes.count {
            end = .whole
        } else {
            if Self.hasRecords(bytes, behind: at, next: next) {
                throw .damagedLog(path: path, offset: at, reason: "a record's checksum does not match")
            }
            end = .cut(at: at)
        }
        self.next = next
        self.payloads = payloads
    }

    /// Whether any record behind a place, numbered from `next` on, says that bytes behind that place were durable when
    /// it was written.
    ///
    /// Looks at every byte: few of those that are no record's have numbers that could be one's, and are summed up.
    private static func hasRecords(_ bytes: UnsafeRawBufferPointer, behind place: Int, next: Int) -> Bool {
        var at = place
        while at + LogFormat.recordBytes <= bytes.count {
            if let head = head(bytes, at), (place + 1)..<(1 << 48) ~= head.durable, next..<(1 << 48) ~= head.sequence,
                record(bytes, at) != nil
            {
                return true
            }
            at += 1
        }
        return false
    }

    /// What stands in front of a record's payload; nil when it does not fit the file.
    @inline(__always)
    private static func head(
        _ bytes: UnsafeRawBufferPointer, _ at: Int
    ) -> (sequence: Int, durable: Int, payload: Range<Int>)? {
        guard bytes.count - at >= LogFormat.recordBytes else { return nil }
        let count = Int(bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self).littleEndian)
        let start = at + LogFormat.recordBytes
        guard count <= bytes.count - start,
            let sequence = Int(exactly: bytes.loadUnaligned(fromByteOffset: at + 8, as: UInt64.self).littleEndian),
            let durable = Int(exactly: bytes.loadUnaligned(fromByteOffset: at + 16, as: UInt64.self).littleEndian)
        else { return nil }
        return (sequence, durable, start..<(start + count))
    }

    private static func record(
        _ bytes: UnsafeRawBufferPointer, _ at: Int
    ) -> (sequence: Int, durable: Int, payload: Range<Int>)? {
        guard let head = head(bytes, at) else { return nil }
        let checksum = bytes.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self).littleEndian
        let body = UnsafeRawBufferPointer(rebasing: bytes[(at + 8)..<head.payload.upperBound])
        return CRC32C.checksum(body) == checksum ? head : nil
    }

    /// Calls `body` with each record from a sequence number on, in order.
    public func forEach<Failure: Error>(
        from sequence: Int, _ body: (_ sequence: Int, _ payload: UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        for (i, payload) in payloads.enumerated() where first + i >= sequence {
            try body(first + i, UnsafeRawBufferPointer(rebasing: file.bytes[payload]))
        }
    }
}
