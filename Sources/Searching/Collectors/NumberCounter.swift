import Kernels
import Segments

/// The counter of a facet over a number field: ranges, histogram or calendar buckets, or statistics.
final class NumberCounter: FacetCounter {
    private enum Counting {
        /// The sort keys of each range; nil for a range without values.
        case ranges([ClosedRange<UInt64>?])
        case buckets(HistogramBuckets)
        case statistics
    }

    let without: Int?
    private let name: String
    private let field: Int
    private let codec: NumberCodec
    private let kind: Counting
    /// The counts of the ranges.
    private var rangeCounts: [Int]
    /// The counts of the buckets by number shifted right by `mergedBits`; empty ones are absent.
    private var bucketCounts: [Int: Int] = [:]
    /// 2 to the power of this many neighboring buckets are merged into one.
    private var mergedBits = 0
    private var statistics = FacetCounts.Statistics()
    /// The minimum and maximum sort key for `statistics`.
    private var minKey = UInt64.max
    private var maxKey: UInt64 = 0
    /// The sum of whole numbers, which are added up without rounding.
    private var sum: Int128 = 0

    /// A counter for the number field of the given index.
    ///
    /// Errors: `request` for bounds that are not numbers, for a width that is not a finite number above 0, and for a
    /// calendar over a field without dates.
    init(_ request: FacetRequest, _ codec: NumberCodec, field: Int) throws(IndexError) {
        name = request.field
        without = request.without
        self.field = field
        self.codec = codec
        rangeCounts = []
        switch request.kind {
        case .ranges(let ranges):
            kind = .ranges(try ranges.map { range throws(IndexError) in try range.keys(request.field, codec) })
            rangeCounts = Array(repeating: 0, count: ranges.count)
        case .histogram(let width):
            guard width > 0, width.isFinite else {
                throw .request(problem: "a histogram of \"\(request.field)\" needs a width above 0, not \(width)")
            }
            kind = .buckets(HistogramBuckets(width: width, codec))
        case .calendar(let unit):
            guard codec == .date else {
                throw .request(problem: "\"\(request.field)\" has no dates, so it cannot be counted by \(unit)")
            }
            kind = .buckets(.calendar(unit))
        default: kind = .statistics
        }
    }

    func count(
        _ bits: UnsafePointer<UInt64>, matched: Int, _ reader: IndexReader, _ segmentIndex: Int, _ scratch: Scratch
    ) throws(IndexError) {
        if matched == 0 { return }
        let column = try reader.column(segmentIndex, .field(field))
        let words = (reader.segments[segmentIndex].documents + 63) / 64
        switch kind {
        case .ranges(let ranges):
            forEachBit(bits, words: words) { slot in
                guard let key = column.key(slot) else { return }
                for (i, range) in ranges.enumerated() where range?.contains(key) ?? false { rangeCounts[i] += 1 }
            }
        case .buckets(let buckets): count(buckets, bits, words, column)
        case .statistics:
            forEachBit(bits, words: words) { slot in
                guard let key = column.key(slot) else { return }
                statistics.count += 1
                minKey = min(minKey, key)
                maxKey = max(maxKey, key)
                if codec.isWhole { sum += Int128(SortKey.integer(key)) } else { statistics.sum += SortKey.float(key) }
            }
        }
    }

    /// Counts the numbers of a segment in buckets.
    ///
    /// If all buckets have the same number of keys below 2^32, a vectorized kernel counts packed numbers; other
    /// numbers, and patched ones, are looked up in the table of edges or divided.
    private func count(
        _ buckets: HistogramBuckets, _ bits: UnsafePointer<UInt64>, _ words: Int, _ column: PatchedColumn
    ) {
        let keys = column.column?.keys(documents: words * 64)
        let table = keys.flatMap { BucketTable(buckets, $0, isWhole: codec.isWhole) }
        var tableCounts = [Int](repeating: 0, count: table?.count ?? 0)
        defer {
            for (i, count) in tableCounts.enumerated() where count > 0 { add(count, to: (table?.first ?? 0) + i) }
        }
        func countEach(_ bits: UnsafePointer<UInt64>) {
            forEachBit(bits, words: words) { slot in
                guard let key = column.key(slot) else { return }
                if let table, let index = table.index(of: key) {
                    tableCounts[index] &+= 1
                } else {
                    add(1, to: buckets.bucket(of: key))
                }
            }
        }
        guard let table, let keys, let even = table.even, let numbers = column.column,
            even.start <= numbers.least, keys.upperBound < even.end, keys.upperBound - even.start < 1 << 32,
            even.width < 1 << 32
        else { return countEach(bits) }
        func countAll(_ bits: UnsafePointer<UInt64>) {
            tableCounts.withUnsafeMutableBufferPointer { counts in
                numbers.count(bits, words: words, offset: numbers.least - even.start, width: even.width, into: counts)
            }
        }
        guard let patch = column.patch else { return countAll(bits) }
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: words) { part in
            guard let part = part.baseAddress else { return }
            for i in 0..<words { (part + i).initialize(to: bits[i] & ~patch.bits(from: i * 64)) }
            countAll(part)
            for i in 0..<words { part[i] ^= bits[i] }
            countEach(part)
        }
    }

    /// Adds to the count of a bucket; merges neighbors in pairs while there are too many buckets.
    private func add(_ count: Int, to bucket: Int) {
        bucketCounts[bucket >> mergedBits, default: 0] += count
        while bucketCounts.count > FacetRequest.maxBuckets {
            mergedBits += 1
            var merged: [Int: Int] = [:]
            for (bucket, count) in bucketCounts { merged[bucket >> 1, default: 0] += count }
            bucketCounts = merged
        }
    }

    func result(_ budget: SearchBudget, _ scratch: Scratch) -> FacetCounts {
        var result = FacetCounts(field: name)
        switch kind {
        case .ranges: result.ranges = rangeCounts
        case .buckets(let buckets):
            result.buckets = bucketCounts.sorted { $0.key < $1.key }.map {
                .init(
                    from: buckets.start($0.key << mergedBits), to: buckets.start(($0.key + 1) << mergedBits),
                    count: $0.value)
            }
        case .statistics:
            if codec.isWhole { statistics.sum = Double(sum) }
            if case .decimal(let digits) = codec { statistics.sum /= NumberCodec.power(digits) }
            if statistics.count > 0 {
                statistics.least = codec.number(minKey)
                statistics.greatest = codec.number(maxKey)
            }
            result.statistics = statistics
        }
        return result
    }
}
