import Kernels

/// A manifest's entry for the file of updates to a segment.
package struct UpdatesDescription: Codable, Sendable, Equatable {
    /// The number of the file among the segment's files of updates.
    package var number: Int
    /// The length of the file in bytes.
    package var bytes: Int
    /// The CRC-32C of the file.
    var checksum: UInt32
    /// The number of deleted documents.
    package var deleted: Int

    package init(number: Int, bytes: Int, checksum: UInt32, deleted: Int) {
        self.number = number
        self.bytes = bytes
        self.checksum = checksum
        self.deleted = deleted
    }
}

/// The file format of a segment's updates. A commit writes a file as a whole; it is never modified.
///
/// magic u64 | format u32 | documents u32 | name 16 bytes | deleted: words varint, u64 each | columns varint; of each:
/// number varint | values varint | gaps between documents varint each | present u8 each | keys u64 each | CRC-32C u32.
package enum UpdatesFile {
    /// "QUIRECHG" in the order of the file's bytes.
    static let magic: UInt64 = 0x4748_4345_5249_5551
    /// The version of the format.
    static let format: UInt32 = 1

    /// Returns the file of the updates to segment `name` of `documents` documents.
    package static func encode(_ updates: SegmentUpdates, name: String, documents: Int) -> [UInt8] {
        var out = GrowableBuffer<UInt8>(capacity: 64 + updates.deleted.words.count * 8)
        out.append(littleEndian: magic)
        out.append(littleEndian: format)
        out.append(littleEndian: UInt32(documents))
        var padded = Array(name.utf8.prefix(16))
        padded += [UInt8](repeating: 0, count: 16 - padded.count)
        for byte in padded { out.append(byte) }
        out.append(varint: UInt64(updates.deleted.words.count))
        for word in updates.deleted.words { out.append(littleEndian: word) }
        out.append(varint: UInt64(updates.columns.count))
        for (column, patch) in updates.columns.sorted(by: { $0.key < $1.key }) {
            out.append(varint: UInt64(column))
            out.append(varint: UInt64(patch.count))
            var previous = 0
            patch.forEach { document, _ in
                out.append(varint: UInt64(document - previous))
                previous = document
            }
            patch.forEach { _, key in out.append(key == nil ? 0 : 1) }
            patch.forEach { _, key in out.append(littleEndian: key ?? 0) }
        }
        out.append(littleEndian: CRC32C.checksum(UnsafeRawBufferPointer(out.elements)))
        return Array(out.elements)
    }

    /// Decodes the content of a file; nil when it is not what `encode` wrote for this segment.
    ///
    /// Safe for arbitrary bytes: the result fits a segment of `documents` documents and `columns` columns.
    static func decode(_ bytes: UnsafeRawBufferPointer, name: String, documents: Int, columns: Int) -> SegmentUpdates? {
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
        return SegmentUpdates(documents: documents, deleted: DocumentSet(words: deleted), columns: patches)
    }

    /// Decodes the `values` patched values of one column; nil when they do not fit the segment.
    private static func decodePatch(_ reader: inout ByteReader, _ values: Int, _ documents: Int) -> ColumnPatch? {
        var patchedDocuments: [Int] = []
        var last = -1
        for i in 0..<values {
            let gap = reader.length()
            guard !reader.failed, gap < documents else { return nil }
            let document = i == 0 ? gap : last + gap
            guard document > last, document < documents else { return nil }
            patchedDocuments.append(document)
            last = document
        }
        let present = reader.bytes(values)
        guard present.count == values else { return nil }
        var patch = ColumnPatch()
        for (i, document) in patchedDocuments.enumerated() {
            let key = reader.integer(UInt64.self)
            patch.set(document, to: present[i] == 0 ? nil : key)
        }
        return reader.failed ? nil : patch
    }
}
