import Kernels
import OracleSupport
import Testing

@testable import Indexer

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

    @Test func rowsComeBack() throws {
        let rows = Self.rows
        try written(rows).with(.rows, .rowIndex) { bytes, index in
            let store = try #require(RowStore(rows: bytes, index: index, documents: rows.count))
            var all: [[UInt8]] = []
            #expect(store.forEachRow { all.append(Array($0)) })
            #expect(all == rows)
            for number in [0, 1, 2, 8, 9, 10, 15, 16, 17, 500, rows.count - 1] {
                var one: [UInt8]?
                #expect(store.withRow(number) { one = Array($0) })
                #expect(one == rows[number], "row \(number)")
            }
            #expect(RowStore(rows: bytes, index: index, documents: rows.count + 1) == nil)
        }
    }

    /// Spoilt bytes are refused or give some other row, and nothing is read outside the sections.
    @Test func damagedBlocksAreSurvived() throws {
        var random = SplitMix64(seed: 6)
        let rows = Array(Self.rows.suffix(1500))
        let image = try written(rows)
        let parts = [try #require(image.section(.rows)), try #require(image.section(.rowIndex))]
        var refused = 0
        for _ in 0..<600 {
            var spoilt = image
            let part = random.pick(parts)
            spoilt.bytes[part.offset + random.below(part.length)] ^= UInt8(1 + random.below(255))
            spoilt.with(.rows, .rowIndex) { bytes, index in
                guard let store = RowStore(rows: bytes, index: index, documents: rows.count) else {
                    return refused += 1
                }
                var size = 0
                if !store.forEachRow({ size += $0.count }) { refused += 1 }
                _ = store.withRow(random.below(rows.count)) { size += $0.count }
            }
        }
        #expect(refused > 100)
    }

    @Test func zigzagIsInvertible() {
        for value in [Int64.min, .min + 1, -1, 0, 1, 63, -64, .max] { #expect(unzigzag(zigzag(value)) == value) }
        #expect(zigzag(-1) == 1 && zigzag(1) == 2)
    }
}
