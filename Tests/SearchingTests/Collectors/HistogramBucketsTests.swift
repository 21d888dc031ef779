import TestSupport
import Testing

@testable import Indexer
@testable import Searching
@testable import Segments

/// A histogram bucket contains exactly the numbers that the range between its edges matches.
@Suite struct HistogramBucketsTests {
    private static let codecs: [NumberCodec] = [
        .integer, .float, .decimal(digits: 2), .decimal(digits: 0), .decimal(digits: 3),
    ]

    @Test(arguments: [0.1, 0.2, 0.25, 0.3, 0.07, 1, 2.5, 3, 10, 1e-3, 1e6, 0x1p-40, 1e18, 1e-308, 1.0 / 3])
    func bucketsAreRanges(_ width: Double) throws {
        var random = SplitMix64(seed: SplitMix64.varied(71))
        for codec in Self.codecs {
            let histogram = HistogramBuckets(width: width, codec)
            var keys: [UInt64] = [0, .max, 1 << 63, codec.key(bits: codec == .float ? (3.8).bitPattern : 0)]
            for offset in -150..<150 {
                let edge = histogram.firstKey(offset)
                keys += [edge, edge > 0 ? edge - 1 : edge, edge < .max ? edge + 1 : edge, random.next()]
            }
            for key in keys {
                if codec == .float, !SortKey.float(key).isFinite { continue }
                let bucket = histogram.bucket(of: key)
                #expect(histogram.firstKey(bucket) <= key)
                #expect(key < histogram.firstKey(bucket + 1) || histogram.firstKey(bucket + 1) == .max)
                let (from, to) = (histogram.start(bucket), histogram.start(bucket + 1))
                let range = ValueRange(lower: .init(.float(from)), upper: .init(.float(to), isIncluded: false))
                let isLast = abs(bucket) == histogram.last || histogram.firstKey(bucket + 1) == .max
                #expect(try isLast || range.keys("n", codec)?.contains(key) == true, "\(codec) \(key) \(from) \(to)")
            }
        }
    }

    /// A segment whose only number lies at the limit of the representable ones.
    @Test(arguments: [Int64.max, .max - 1, .min, 0], [0x1p53, 0x1p54, 0x1p60, 0x1p63, 1, 10, 1e-3])
    func oneNumberIsCountedOnce(_ number: Int64, _ width: Double) throws {
        let home = try TemporaryFolder()
        let folder = IndexFolder(home.path + "/index")
        let writer = try IndexWriter(
            folder, .empty(Schema(key: "id", fields: [Field("id", .keyword), Field("n", .integer)])))
        var document = DocumentBuffer()
        document.append(0, text: "1")
        document.append(1, integer: number)
        try writer.add(document)
        try writer.commit()
        let search = Search(.all, limit: 0, facets: [FacetRequest("n", .histogram(width: width))])
        let buckets = try IndexReader(folder).search(search).facets[0].buckets
        #expect(buckets.map(\.count) == [1])
        #expect(buckets[0].from <= Double(number))
    }

    @Test func edgesAreShortDecimals() {
        let tenths = HistogramBuckets(width: 0.1, .float)
        #expect((0...40).map(tenths.start).map { "\($0)" } == (0...40).map { "\($0 / 10).\($0 % 10)" })
        #expect(HistogramBuckets(width: 0.2, .float).bucket(of: SortKey.of(3.8)) == 19)
    }

    @Test func tablesAgreeWithTheirHistogram() {
        var random = SplitMix64(seed: SplitMix64.varied(72))
        for histogram in [
            HistogramBuckets(width: 0.3, .float), .calendar(.month), .calendar(.year),
            HistogramBuckets(width: 7, .integer),
        ] {
            let isWhole: Bool
            if case .decimal(_, _, .float) = histogram { isWhole = false } else { isWhole = true }
            let keys = (0..<400).map { _ -> UInt64 in
                let number = Int64(random.below(200_000)) - 100_000
                if case .calendar = histogram { return SortKey.of(number * 3_600_000) }
                return isWhole ? SortKey.of(number % 9000) : SortKey.of(Double(number % 9000) / 16)
            }.sorted()
            guard let table = BucketTable(histogram, keys[0]...keys[399], isWhole: isWhole) else {
                Issue.record("no table of \(histogram)")
                continue
            }
            for key in keys { #expect(table.index(of: key).map { $0 + table.first } == histogram.bucket(of: key)) }
            #expect(table.index(of: 0) == nil)
            #expect(table.index(of: .max) == nil)
        }
        #expect(BucketTable(HistogramBuckets(width: 1, .integer), 0...UInt64.max, isWhole: true) == nil)
    }
}
