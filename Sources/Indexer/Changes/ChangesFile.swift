import Kernels
import Storage

/// What a manifest says of the changes to a segment.
struct ChangesDescription: Codable, Sendable, Equatable {
    /// Numbers the files of changes to one segment.
    var number: Int
    /// The file's length.
    var bytes: Int
    /// CRC-32C of the file.
    var checksum: UInt32
    /// Documents that are deleted.
    var deleted: Int
}

/// The bytes of a segment's changes: written whole by a commit, never changed.
///
/// magic u64 | format u32 | documents u32 | name 16 bytes | deleted: words varint, u64 each | columns varint; of each:
/// number varint | values varint | gaps between documents varint each | present u8 each | keys u64 each | CRC-32C u32.
enum ChangesFile {
    /// "QUIRECHG" in the order of the file's bytes.
    static let magic: UInt64 = 0x4748_4345_5249_5551
    static let format: UInt32 = 1

    static func encode(_ changes: SegmentChanges, name: String, documents: Int) -> [UInt8] {
        var out = GrowableBuffer<UInt8>(capacity: 64 + changes.deleted.words.count * 8)
        out.append(littleEndian: magic)
        out.append(littleEndian: format)
        out.append(littleEndian: UInt32(documents))
        var padded = Array(name.utf8.prefix(16))
        padded += [UInt8](repeating: 0, count: 16 - padded.count)
        for byte in padded { out.append(byte) }
        out.append(varint: UInt64(changes.deleted.words.count))
        for word in changes.deleted.words { out.append(littleEndian: word) }
        out.append(varint: UInt64(changes.columns.count))
        for (column, patch) in changes.columns.sorted(by: { $0.key < $1.key }) {
            out.append(varint: UInt64(column))
            out.append(varint: UInt64(patch.count))
            var before: UInt32 = 0
            for document in patch.documents {
                out.append(varint: UInt64(document - before))
                before = document
            }
            for key in patch.keys { out.append(key == nil ? 0 : 1) }
            for key in patch.keys { out.append(littleEndian: key ?? 0) }
        }
        out.append(littleEndian: CRC32C.checksum(UnsafeRawBufferPointer(out.elements)))
        return Array(out.elements)
    }

    /// Reads what `encode` wrote; nil when the bytes are not that, or not of this segment.
    static func decode(
        _ bytes: UnsafeRawBufferPointer, name: String, documents: Int, columns: Int
    ) -> SegmentChanges? {
        guard let base = bytes.baseAddress, bytes.count >= 38, CRC32C.isSealed(bytes) else { return nil }
        var reader = ByteReader(base, count: bytes.count - 4)
        guard reader.integer(UInt64.self) == magic, reader.integer(UInt32.self) == format,
            reader.integer(UInt32.self) == UInt32(documents),
            reader.bytes(16).prefix(while: { $0 != 0 }).elementsEqual(name.utf8.prefix(16))
        else { return nil }
        let words = reader.length()
        guard words <= (documents + 63) / 64 else { return nil }
        var deleted: [UInt64] = []
        for _ in 0..<words { deleted.append(reader.integer(UInt64.self)) }
        if words == documents / 64 + 1, let last = deleted.last, last >> UInt64(documents & 63) != 0 { return nil }
        var patches: [Int: ColumnPatch] = [:]
        let count = reader.length()
        guard !reader.failed, count <= columns else { return nil }
        for _ in 0..<count {
            let column = reader.length()
            let values = reader.length()
            guard !reader.failed, column < columns, patches[column] == nil, values <= documents else { return nil }
            guard let patch = decodePatch(&reader, values, documents) else { return nil }
            patches[column] = patch
        }
        guard !reader.failed, reader.isAtEnd else { return nil }
        return SegmentChanges(documents: documents, deleted: DocumentSet(words: deleted), columns: patches)
    }

    private static func decodePatch(_ reader: inout ByteReader, _ values: Int, _ documents: Int) -> ColumnPatch? {
        var numbers: [UInt32] = []
        var last = -1
        for i in 0..<values {
            let gap = reader.length()
            guard !reader.failed, gap < documents else { return nil }
            let document = i == 0 ? gap : last + gap
            guard document > last, document < documents else { return nil }
            numbers.append(UInt32(document))
            last = document
        }
        let present = reader.bytes(values)
        guard present.count == values else { return nil }
        var keys: [UInt64?] = []
        for i in 0..<values {
            let key = reader.integer(UInt64.self)
            keys.append(present[i] == 0 ? nil : key)
        }
        return reader.failed ? nil : ColumnPatch(documents: numbers, keys: keys)
    }
}
