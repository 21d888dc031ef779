import Kernels
import Storage

/// The stored values of documents: rows in compressed blocks.
///
/// Rows section: LZ4 blocks back to back. A raw block: number of rows u32, bytes of each row varint, rows. A row: for
/// each value the member's number (varint), then text (varint length, bytes), a whole number (zigzag varint), a
/// floating-point number (8 bytes), or 1 for true and 0 for false. Index section: per block first document u32, raw
/// bytes u32, offset u64; then one entry with the number of documents, 0, and the end of the last block.
enum RowFormat {
    /// Raw bytes after which a block is closed: a lookup decompresses one. Not measured yet.
    static let blockBytes = 16 << 10
    static let entryBytes = 16
}

/// Collects rows in memory, compressed as they come.
struct RowStoreWriter: ~Copyable {
    private(set) var compressed = GrowableBuffer<UInt8>(capacity: 1 << 12)
    private(set) var index = GrowableBuffer<UInt8>(capacity: 1 << 8)
    private var rows = GrowableBuffer<UInt8>(capacity: RowFormat.blockBytes * 2)
    private var ends = GrowableBuffer<UInt32>(capacity: 256)
    private var raw = GrowableBuffer<UInt8>(capacity: RowFormat.blockBytes * 2)
    private var documents = 0
    /// Compressed bytes that went to a stream already.
    private var drained = 0

    init() {}

    /// Bytes of memory in use.
    var byteCount: Int { compressed.count + index.count + rows.count + raw.count }

    /// Appends the row of the next document.
    mutating func append(_ document: borrowing DocumentBuffer, _ members: Members) {
        for i in 0..<document.values.count {
            let value = document.values[i]
            guard members.all[Int(value.member)].stored else { continue }
            rows.append(varint: UInt64(value.member))
            switch members.all[Int(value.member)].kind {
            case .text:
                rows.append(varint: UInt64(value.length))
                rows.append(contentsOf: UnsafeRawBufferPointer(document.text(value)))
            case .integer:
                rows.append(varint: zigzag(Int64(bitPattern: value.number)))
            case .float:
                rows.append(littleEndian: value.number)
            case .boolean:
                rows.append(varint: value.number)
            }
        }
        endRow()
    }

    /// Appends a row as it stands in another segment of the same schema.
    mutating func append(row: UnsafeRawBufferPointer) {
        rows.append(contentsOf: row)
        endRow()
    }

    private mutating func endRow() {
        ends.append(UInt32(rows.count))
        documents += 1
        if rows.count >= RowFormat.blockBytes { closeBlock() }
    }

    private mutating func closeBlock() {
        guard ends.count > 0 else { return }
        raw.removeAll()
        raw.append(littleEndian: UInt32(ends.count))
        var start: UInt32 = 0
        for i in 0..<ends.count {
            raw.append(varint: UInt64(ends[i] - start))
            start = ends[i]
        }
        raw.append(contentsOf: UnsafeRawBufferPointer(rows.elements))
        appendEntry(first: documents - ends.count, rawBytes: raw.count)
        _ = compressBlock(UnsafeRawBufferPointer(raw.elements), to: &compressed)
        rows.removeAll()
        ends.removeAll()
    }

    private mutating func appendEntry(first: Int, rawBytes: Int) {
        index.append(littleEndian: UInt32(first))
        index.append(littleEndian: UInt32(rawBytes))
        index.append(littleEndian: UInt64(drained + compressed.count))
    }

    /// Gives what is compressed to the rows section and its memory back.
    mutating func drain(to rows: SectionStream) throws(IndexError) {
        try rows.append(UnsafeRawBufferPointer(compressed.elements))
        drained += compressed.count
        compressed.removeAll()
    }

    /// Writes the rest of the rows section and the index.
    consuming func finish(_ segment: SegmentWriter, _ stream: SectionStream) throws(IndexError) {
        closeBlock()
        appendEntry(first: documents, rawBytes: 0)
        try drain(to: stream)
        segment.end(stream)
        try segment.section(.rowIndex, index)
    }
}

/// Reads rows from mapped bytes.
struct RowStore {
    private let rows: UnsafeRawBufferPointer
    private let index: UnsafeRawBufferPointer
    private let blockCount: Int
    private let pages: SectionPages
    private let indexPages: SectionPages

    /// Nil when the index does not fit the rows.
    init?(
        rows: UnsafeRawBufferPointer, index: UnsafeRawBufferPointer, documents: Int, pages: SectionPages = .unchecked,
        indexPages: SectionPages = .unchecked
    ) {
        guard index.count >= RowFormat.entryBytes, index.count % RowFormat.entryBytes == 0 else { return nil }
        self.rows = rows
        self.index = index
        self.pages = pages
        self.indexPages = indexPages
        blockCount = index.count / RowFormat.entryBytes - 1
        guard entry(blockCount).first == documents, entry(blockCount).offset == rows.count, entry(0).first == 0 else {
            return nil
        }
    }

    private func entry(_ block: Int) -> (first: Int, rawBytes: Int, offset: Int) {
        let at = block * RowFormat.entryBytes
        return (
            Int(index.loadUnaligned(fromByteOffset: at, as: UInt32.self).littleEndian),
            Int(index.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self).littleEndian),
            Int(truncatingIfNeeded: index.loadUnaligned(fromByteOffset: at + 8, as: UInt64.self).littleEndian)
        )
    }

    /// Calls `body` with the bytes of a document's row; false when they are damaged.
    func withRow(_ document: Int, _ body: (UnsafeRawBufferPointer) -> Void) -> Bool {
        guard indexPages.isIntact else { return false }
        var low = 0
        var high = blockCount
        while low + 1 < high {
            let middle = (low + high) / 2
            if entry(middle).first <= document { low = middle } else { high = middle }
        }
        return withBlock(low) { first, row, count in
            if document >= first, document - first < count { body(row(document - first)) }
        }
    }

    /// Calls `body` with every row, in order; false when a block is damaged.
    func forEachRow(_ body: (UnsafeRawBufferPointer) -> Void) -> Bool {
        guard indexPages.isIntact else { return false }
        for block in 0..<blockCount {
            let fine = withBlock(block) { _, row, count in
                for i in 0..<count { body(row(i)) }
            }
            if !fine { return false }
        }
        return true
    }

    private func withBlock(
        _ block: Int, _ body: (_ first: Int, _ row: (Int) -> UnsafeRawBufferPointer, _ count: Int) -> Void
    ) -> Bool {
        let (first, rawBytes, offset) = entry(block)
        let next = entry(block + 1)
        guard offset >= 0, offset <= next.offset, next.offset <= rows.count, first <= next.first, rawBytes >= 4,
            rawBytes < 1 << 30
        else { return false }
        return withUnsafeTemporaryAllocation(byteCount: rawBytes, alignment: 8) { raw in
            let block = UnsafeRawBufferPointer(rebasing: rows[offset..<next.offset])
            guard let start = block.baseAddress, pages.isIntact(start, block.count) else { return false }
            guard decompressBlock(block, into: raw.baseAddress!, rawCount: rawBytes) else { return false }
            var reader = ByteReader(raw.baseAddress!, count: rawBytes)
            let count = Int(reader.integer(UInt32.self))
            guard count == next.first - first, count <= rawBytes else { return false }
            return withUnsafeTemporaryAllocation(of: Int.self, capacity: count + 1) { ends in
                ends[0] = 0
                for i in 0..<count {
                    let length = reader.length()
                    guard !reader.failed, length <= rawBytes - ends[i] else { return false }
                    ends[i + 1] = ends[i] + length
                }
                let data = reader.offset
                guard data + ends[count] <= rawBytes else { return false }
                body(first, { UnsafeRawBufferPointer(rebasing: raw[(data + ends[$0])..<(data + ends[$0 + 1])]) }, count)
                return true
            }
        }
    }
}

/// Signed numbers as unsigned ones with small magnitudes small.
func zigzag(_ value: Int64) -> UInt64 { UInt64(bitPattern: value << 1 ^ value >> 63) }

/// The inverse of `zigzag`.
func unzigzag(_ value: UInt64) -> Int64 { Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1) }
