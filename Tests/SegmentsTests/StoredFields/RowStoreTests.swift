import Kernels
import Storage
import TestSupport
import Testing

@testable import Segments

@Suite struct RowStoreTests {
    private static let rows: [[UInt8]] = {
        var random = SplitMix64(seed: 5)
        var rows: [[UInt8]] = [[], [1], []]
        for size in [100, 16_383, 16_384, 16_385, 200_000, 0, 3] {
            rows.append((0..<size).map { _ in UInt8(random.below(256)) })
            rows.append([UInt8](repeating: 7, count: size))
        }
        for _ in 0..<3000 { rows.append((0..<random.below(40)).map { _ in UInt8(97 + random.below(5)) }) }
        return rows
    }()

    private func written(_ rows: [[UInt8]]) throws -> SegmentImage {
        try writtenSegment(documents: rows.count) { segment in
            var writer = RowStoreWriter()
            for row in rows { row.withUnsafeBytes { writer.append(row: $0) } }
            try writer.finish(segment, try segment.stream(.rows))
        }
    }

    @Test func rowsRoundTrip() throws {
        let rows = Self.rows
        try written(rows).with(.rows, .rowIndex) { bytes, index in
            let store = try #require(RowStore(rows: bytes, index: index, documents: rows.count))
            var rowsRead: [[UInt8]] = []
            #expect(store.forEachRow { rowsRead.append(Array($0)) })
            #expect(rowsRead == rows)
            for document in [0, 1, 2, 8, 9, 10, 15, 16, 17, 500, rows.count - 1] {
                var rowRead: [UInt8]?
                #expect(store.withRow(document) { rowRead = Array($0) })
                #expect(rowRead == rows[document], "row \(document)")
            }
            #expect(RowStore(rows: bytes, index: index, documents: rows.count + 1) == nil)
        }
    }

    /// Rows are read back while they are appended, from the open block and from closed ones.
    @Test func rowsInMemoryAreRead() {
        var random = SplitMix64(seed: 7)
        let rows = Self.rows
        var writer = RowStoreWriter()
        for (count, row) in rows.enumerated() {
            row.withUnsafeBytes { writer.append(row: $0) }
            for number in [count, random.below(count + 1)] where count < 30 || count % 50 == 0 {
                var read: [UInt8]?
                writer.withRow(number) { read = Array($0) }
                #expect(read == rows[number], "row \(number) of \(count + 1)")
            }
        }
    }

    /// Corrupt bytes are refused or decode to other rows, and nothing is read outside of the sections.
    @Test func corruptBlocksAreRefusedOrDecoded() throws {
        var random = SplitMix64(seed: 6)
        let rows = Array(Self.rows.suffix(1500))
        let image = try written(rows)
        let sections = [try #require(image.section(.rows)), try #require(image.section(.rowIndex))]
        var refused = 0
        for _ in 0..<600 {
            var corrupt = image
            let section = random.pick(sections)
            corrupt.bytes[section.offset + random.below(section.length)] ^= UInt8(1 + random.below(255))
            corrupt.with(.rows, .rowIndex) { bytes, index in
                guard let store = RowStore(rows: bytes, index: index, documents: rows.count) else {
                    return refused += 1
                }
                var byteCount = 0
                if !store.forEachRow({ byteCount += $0.count }) { refused += 1 }
                _ = store.withRow(random.below(rows.count)) { byteCount += $0.count }
            }
        }
        #expect(refused > 100)
    }

    /// Blocks that decompress to rows whose lengths cannot be true.
    @Test func forgedBlocksAreRefused() async {
        await #expect(processExitsWith: .success) {
            func refuses(lengths: [UInt64], first: UInt32 = 0) -> Bool {
                var raw = GrowableBuffer<UInt8>(capacity: 64)
                raw.append(littleEndian: UInt32(lengths.count))
                for length in lengths { raw.append(varint: length) }
                raw.append(repeating: 7, count: 20)
                var rows = GrowableBuffer<UInt8>(capacity: 64)
                _ = compressBlock(UnsafeRawBufferPointer(raw.elements), to: &rows)
                var index = GrowableBuffer<UInt8>(capacity: 64)
                let entries = [(first, raw.count, 0), (first + UInt32(lengths.count), 0, rows.count)]
                for (first, bytes, offset) in entries {
                    index.append(littleEndian: first)
                    index.append(littleEndian: UInt32(bytes))
                    index.append(littleEndian: UInt64(offset))
                }
                guard
                    let store = RowStore(
                        rows: UnsafeRawBufferPointer(rows.elements), index: UnsafeRawBufferPointer(index.elements),
                        documents: lengths.count + Int(first))
                else { return true }
                var isRead = false
                let isIntact = store.withRow(0) { _ in isRead = true }
                return !isIntact || !isRead
            }
            precondition(!refuses(lengths: [5, 15]))
            let huge = UInt64(Int.max)
            for lengths in [
                [5, 16], [huge], [1, huge], [huge, huge], [1, huge - 1, 3], [.max, 1], [1 << 62, 1 << 62],
            ] {
                precondition(refuses(lengths: lengths), "\(lengths)")
            }
            precondition(refuses(lengths: [1, 2, 3], first: 2))
        }
    }

    @Test func zigzagIsInvertible() {
        for value in [Int64.min, .min + 1, -1, 0, 1, 63, -64, .max] { #expect(unzigzag(zigzag(value)) == value) }
        #expect(zigzag(-1) == 1)
        #expect(zigzag(1) == 2)
    }
}
