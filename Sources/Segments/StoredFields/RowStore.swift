package import Kernels
import Storage

/// The layout of stored values: rows, one per document, in LZ4 blocks.
///
/// Rows section: blocks back to back. A raw block: rows u32 │ bytes of each row varint… │ rows. A row, for each value:
/// member varint │ value; a value is a text (length varint, bytes), an integer (zigzag varint), a floating-point number
/// (8 bytes) or a Boolean (varint 0 or 1). Index section, per block: first document u32 │ raw bytes u32 │ offset u64; a
/// last entry has the number of documents, 0, and the end of the last block.
enum RowFormat {
    /// The number of raw bytes after which a block is closed: a lookup decompresses one block. The size is a guess that
    /// has not been measured.
    static let blockBytes = 16 << 10
    /// The size in bytes of an index entry.
    static let entryBytes = 16
}

/// A writer of rows, which are collected and compressed in memory block by block.
///
/// Call order: `append` for each document in order, `drain` whenever memory is to be released, then `finish`. It is not
/// thread-safe.
///
/// ```swift
/// var rows = RowStoreWriter()
/// rows.append(document, members)
/// if rows.compressed.count > 1 << 20 { try rows.drain(to: stream) }
/// try rows.finish(segment, stream)
/// ```
package struct RowStoreWriter: ~Copyable {
    /// The finished blocks that were not drained yet.
    package private(set) var compressed = GrowableBuffer<UInt8>(capacity: 1 << 12)
    /// The entries of the finished blocks.
    private(set) var index = GrowableBuffer<UInt8>(capacity: 1 << 8)
    /// The rows of the current block.
    private var rows = GrowableBuffer<UInt8>(capacity: RowFormat.blockBytes * 2)
    /// The ends of the rows in `rows`.
    private var ends = GrowableBuffer<UInt32>(capacity: 256)
    /// The raw bytes of the block that is being compressed.
    private var raw = GrowableBuffer<UInt8>(capacity: RowFormat.blockBytes * 2)
    /// The number of rows appended so far.
    private var documents = 0
    /// The number of compressed bytes that were drained.
    private var drained = 0

    package init() {}

    /// The size of the data in memory, in bytes.
    package var byteCount: Int { compressed.count + index.count + rows.count + raw.count }

    /// Appends the row of the next document: the values of its stored members.
    package mutating func append(_ document: borrowing DocumentBuffer, _ members: Members) {
        for i in 0..<document.values.count {
            let value = document.values[i]
            guard members.all[Int(value.member)].stored else { continue }
            rows.append(varint: UInt64(value.member))
            switch members.all[Int(value.member)].kind {
            case .text:
                rows.append(varint: UInt64(value.length))
                rows.append(contentsOf: UnsafeRawBufferPointer(document.text(value)))
            case .integer: rows.append(varint: zigzag(Int64(bitPattern: value.number)))
            case .float: rows.append(littleEndian: value.number)
            case .boolean: rows.append(varint: value.number)
            }
        }
        endRow()
    }

    /// Appends the encoded row of the next document, from a segment of the same schema.
    package mutating func append(row: UnsafeRawBufferPointer) {
        rows.append(contentsOf: row)
        endRow()
    }

    /// Ends the current row, and the block if it is full.
    private mutating func endRow() {
        ends.append(UInt32(rows.count))
        documents += 1
        if rows.count >= RowFormat.blockBytes { closeBlock() }
    }

    /// Compresses the current block and adds its entry to the index; does nothing without rows.
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

    /// Calls `body` with the bytes of an appended row, before any was drained; they are valid during the call.
    ///
    /// Complexity: as of `RowStore.withRow` if its block is closed, else O(1).
    package mutating func withRow(_ document: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
        precondition(drained == 0, "rows that were drained are in a file")
        let first = documents - ends.count
        if document >= first {
            let start = document == first ? 0 : Int(ends[document - first - 1])
            let open = UnsafeRawBufferPointer(rows.elements)
            return body(UnsafeRawBufferPointer(rebasing: open[start..<Int(ends[document - first])]))
        }
        appendEntry(first: first, rawBytes: 0)
        let closed = RowStore(
            rows: UnsafeRawBufferPointer(compressed.elements), index: UnsafeRawBufferPointer(index.elements),
            documents: first)
        index.count -= RowFormat.entryBytes
        let isIntact = closed?.withRow(document, body) ?? false
        precondition(isIntact, "the rows in memory are those that were appended")
    }

    private mutating func appendEntry(first: Int, rawBytes: Int) {
        index.append(littleEndian: UInt32(first))
        index.append(littleEndian: UInt32(rawBytes))
        index.append(littleEndian: UInt64(drained + compressed.count))
    }

    /// Moves the compressed blocks to the stream of the rows section.
    ///
    /// Errors: `storage` when the stream cannot be written.
    package mutating func drain(to rows: SectionStream) throws(IndexError) {
        try rows.append(UnsafeRawBufferPointer(compressed.elements))
        drained += compressed.count
        compressed.removeAll()
    }

    /// Writes the remaining rows to the stream, ends it, and writes the index section.
    ///
    /// Errors: `storage` when the file cannot be written.
    package consuming func finish(_ segment: SegmentWriter, _ stream: SectionStream) throws(IndexError) {
        closeBlock()
        appendEntry(first: documents, rawBytes: 0)
        try drain(to: stream)
        segment.end(stream)
        try segment.section(.rowIndex, index)
    }
}

/// Random and sequential access to rows in mapped bytes.
///
/// Pages are verified when they are read. A store is immutable, may be used by any thread, and must not outlive its
/// segment's reader.
///
/// ```swift
/// let isIntact = segment.rows.forEachRow { row in total += row.count }
/// if !isIntact { throw segment.corrupt(.rows, 0) }
/// ```
package struct RowStore {
    private let rows: UnsafeRawBufferPointer
    private let index: UnsafeRawBufferPointer
    private let blockCount: Int
    private let pages: SectionPages
    private let indexPages: SectionPages

    /// Creates a store over its two sections; nil if the index does not fit the rows. The bytes are not copied.
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

    /// Returns the entry of a block: its first document, its raw bytes and its offset.
    private func entry(_ block: Int) -> (first: Int, rawBytes: Int, offset: Int) {
        let start = block * RowFormat.entryBytes
        return (
            Int(index.loadUnaligned(fromByteOffset: start, as: UInt32.self).littleEndian),
            Int(index.loadUnaligned(fromByteOffset: start + 4, as: UInt32.self).littleEndian),
            Int(truncatingIfNeeded: index.loadUnaligned(fromByteOffset: start + 8, as: UInt64.self).littleEndian)
        )
    }

    /// Calls `body` with the bytes of a document's row, which are valid during the call; not at all if there is no such
    /// document. Returns false if they are corrupt.
    ///
    /// Complexity: O(log blocks), and the decompression of one block.
    package func withRow(_ document: Int, _ body: (UnsafeRawBufferPointer) -> Void) -> Bool {
        guard indexPages.isIntact else { return false }
        var low = 0
        var high = blockCount
        while low + 1 < high {
            let middle = (low + high) / 2
            if entry(middle).first <= document { low = middle } else { high = middle }
        }
        return withBlock(low, last: document) { first, row, count in
            if document >= first, document - first < count { body(row(document - first)) }
        }
    }

    /// Calls `body` with the bytes of every row, in the order of documents; they are valid during the call. Returns
    /// false if a block is corrupt; `body` was called with the rows before it.
    package func forEachRow(_ body: (UnsafeRawBufferPointer) -> Void) -> Bool {
        guard indexPages.isIntact else { return false }
        for block in 0..<blockCount {
            let isIntact = withBlock(block) { _, row, count in
                for i in 0..<count { body(row(i)) }
            }
            if !isIntact { return false }
        }
        return true
    }

    /// The maximum number of bytes of the length of a row in a block, a 30-bit varint.
    private static let maxLengthBytes = 5

    /// Decompresses and checks a block, with `last` only as far as the row of that document, and calls `body` with a
    /// function that returns its rows. Returns false if it is corrupt.
    private func withBlock(
        _ block: Int, last: Int? = nil,
        _ body: (_ first: Int, _ row: (Int) -> UnsafeRawBufferPointer, _ count: Int) -> Void
    ) -> Bool {
        let (first, rawBytes, offset) = entry(block)
        let next = entry(block + 1)
        guard offset >= 0, offset <= next.offset, next.offset <= rows.count, first <= next.first, rawBytes >= 4,
            rawBytes < 1 << 30
        else { return false }
        let rowCount = next.first - first
        let count = last.map { min(max($0 - first, 0) + 1, rowCount) } ?? rowCount
        return withUnsafeTemporaryAllocation(byteCount: rawBytes, alignment: 8) { raw in
            let block = UnsafeRawBufferPointer(rebasing: rows[offset..<next.offset])
            guard let start = block.baseAddress, let out = raw.baseAddress, pages.isIntact(start, block.count) else {
                return false
            }
            // The lengths of all rows come first.
            let lengths = min(4 + rowCount * Self.maxLengthBytes, rawBytes)
            let head = last == nil ? rawBytes : lengths
            guard decompressBlock(block, into: out, rawCount: rawBytes, first: head) else { return false }
            var reader = ByteReader(out, count: head)
            guard Int(reader.integer(UInt32.self)) == rowCount, rowCount <= rawBytes else {
                return false
            }
            return withUnsafeTemporaryAllocation(of: Int.self, capacity: rowCount + 1) { ends in
                ends[0] = 0
                for i in 0..<rowCount {
                    let length = reader.length()
                    guard !reader.failed, length <= rawBytes - ends[i] else { return false }
                    ends[i + 1] = ends[i] + length
                }
                let data = reader.offset
                guard data + ends[rowCount] <= rawBytes else { return false }
                let needed = data + ends[count]
                if needed > head, !decompressBlock(block, into: out, rawCount: rawBytes, first: needed) { return false }
                body(first, { UnsafeRawBufferPointer(rebasing: raw[(data + ends[$0])..<(data + ends[$0 + 1])]) }, count)
                return true
            }
        }
    }
}

/// Maps signed integers to unsigned ones, so that small magnitudes become small: 0, -1, 1, -2 become 0, 1, 2, 3.
func zigzag(_ value: Int64) -> UInt64 { UInt64(bitPattern: value << 1 ^ value >> 63) }

/// The inverse of `zigzag`.
package func unzigzag(_ value: UInt64) -> Int64 { Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1) }
