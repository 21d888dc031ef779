import Kernels

/// The bytes of a write-ahead log: a header, then records back to back.
///
/// Header: magic u64 | format u32 | first sequence number u64 | CRC-32C of the 20 bytes before u32.
/// Record: payload bytes u32 | CRC-32C of everything after this field u32 | sequence u64 | durable u64 | payload.
/// All integers are little-endian. `durable` is the number of bytes of the file that were known to be on disk when the
/// record was written: a record that cannot be read although a later one counts it as durable is corruption, not a
/// write that a crash cut short.
enum LogFormat {
    /// "QUIREWAL" in the order of the file's bytes.
    static let magic: UInt64 = 0x4C41_5745_5249_5551
    /// The version of the format.
    static let format: UInt32 = 1
    /// The size of the log's header, and that of a record without its payload.
    static let headerBytes = 24
    static let recordBytes = 24
    /// The maximum size of a payload in bytes.
    static let maxPayloadBytes = 1 << 30

    /// Returns the header of a log whose first record has the sequence number `first`.
    static func header(first: Int) -> [UInt8] {
        var out = GrowableBuffer<UInt8>(capacity: headerBytes)
        out.append(littleEndian: magic)
        out.append(littleEndian: format)
        out.append(littleEndian: UInt64(first))
        out.append(littleEndian: CRC32C.checksum(UnsafeRawBufferPointer(out.elements)))
        return Array(out.elements)
    }

    /// Returns the first sequence number of a log; nil when its header is incomplete or corrupt.
    static func first(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count >= headerBytes, bytes.loadUnaligned(as: UInt64.self).littleEndian == magic,
            bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self).littleEndian == format,
            CRC32C.checksum(UnsafeRawBufferPointer(rebasing: bytes[..<(headerBytes - 4)]))
                == bytes.loadUnaligned(fromByteOffset: headerBytes - 4, as: UInt32.self).littleEndian
        else { return nil }
        return Int(exactly: bytes.loadUnaligned(fromByteOffset: 12, as: UInt64.self).littleEndian)
    }
}
