import Segments

/// The division of the numbers of a field into histogram buckets, which are identified by whole numbers.
///
/// A bucket contains exactly the numbers that a range query from its start to the start of the next bucket (excluded)
/// matches. The first and the last bucket also contain everything beyond them. All operations are O(1).
enum HistogramBuckets {
    /// Buckets of equal width, given as a fraction of two whole numbers; `denominator` is a power of ten. An edge is
    /// then the number nearest to the multiple as it is written in decimals.
    case decimal(numerator: Double, denominator: Double, NumberCodec)
    /// Buckets of equal width that has no short decimal form; edges are rounded products.
    case plain(width: Double, NumberCodec)
    /// The periods of the calendar, in UTC.
    case calendar(CalendarUnit)

    /// Buckets of a width above 0.
    init(width: Double, _ codec: NumberCodec) {
        var denominator = 1.0
        for _ in 0...15 {
            let numerator = (width * denominator).rounded()
            if numerator >= 1, numerator < 0x1p53, numerator / denominator == width {
                self = .decimal(numerator: numerator, denominator: denominator, codec)
                return
            }
            denominator *= 10
        }
        self = .plain(width: width, codec)
    }

    /// The number of the last bucket, which contains all numbers from its start on; the first bucket has the opposite
    /// number. Further out, floating-point numbers are too sparse or edges would be rounded.
    var last: Int {
        if case .decimal(let numerator, _, _) = self { return Int(0x1p53 / numerator) }
        return 1 << 52
    }

    /// The maximum distance of a date from 1970, in milliseconds.
    private static let farthestTimestamp: Int64 = 8_640_000_000_000_000

    /// The start of a bucket: the inclusive lower bound.
    func start(_ bucket: Int) -> Double {
        let greatest = Double.greatestFiniteMagnitude
        switch self {
        case .calendar(let unit): return Double(Timestamp.start(of: bucket, unit))
        case _ where bucket > last: return greatest
        case _ where bucket <= -last: return -greatest
        case .decimal(let numerator, let denominator, _): return Double(bucket) * numerator / denominator
        case .plain(let width, _): return min(max(Double(bucket) * width, -greatest), greatest)
        }
    }

    /// The minimum sort key of a bucket's numbers.
    func firstKey(_ bucket: Int) -> UInt64 {
        switch self {
        case .calendar(let unit): return SortKey.of(Timestamp.start(of: bucket, unit))
        case _ where bucket > last: return .max
        case _ where bucket <= -last: return 0
        case .decimal(_, _, let codec), .plain(_, let codec): return codec.minKey(from: start(bucket))
        }
    }

    /// The bucket that contains the number of a sort key.
    func bucket(of key: UInt64) -> Int {
        var bucket = estimate(key)
        if case .calendar = self { return bucket }
        // The division may have been rounded over an edge.
        while bucket > -last, key < firstKey(bucket) { bucket -= 1 }
        while bucket < last, key >= firstKey(bucket + 1), firstKey(bucket + 1) < .max { bucket += 1 }
        return bucket
    }

    /// The bucket of a sort key, or one near it.
    private func estimate(_ key: UInt64) -> Int {
        let quotient: Double
        switch self {
        case .decimal(let numerator, let denominator, let codec):
            quotient = codec.number(key) / (numerator / denominator)
        case .plain(let width, let codec): quotient = codec.number(key) / width
        case .calendar(let unit):
            let timestamp = min(max(SortKey.integer(key), -Self.farthestTimestamp), Self.farthestTimestamp)
            return Timestamp.number(of: timestamp, unit)
        }
        guard abs(quotient) < Double(last) else { return quotient < 0 ? -last : last }
        return Int(quotient.rounded(.down))
    }
}

/// The edges of the buckets between two sort keys as a table, so that a key's bucket is found without division.
struct BucketTable {
    /// The number of the first bucket.
    let first: Int
    /// The first key of each bucket, and the end of the last one.
    private let edges: [UInt64]
    /// The average number of buckets per unit of the keys' numbers.
    private let density: Double
    private let isWhole: Bool

    /// The maximum number of buckets of a table.
    static let maxBuckets = 4096

    /// The table of the buckets that contain `keys`; nil when there are more than `maxBuckets`.
    ///
    /// `isWhole` states how the keys encode numbers: as integers or as floating-point numbers. Complexity: O(buckets).
    init?(_ buckets: HistogramBuckets, _ keys: ClosedRange<UInt64>, isWhole: Bool) {
        let first = buckets.bucket(of: keys.lowerBound)
        let last = buckets.bucket(of: keys.upperBound)
        guard last - first < Self.maxBuckets else { return nil }
        self.first = first
        self.isWhole = isWhole
        edges = (first...(last + 1)).map(buckets.firstKey)
        let length = Self.position(edges[edges.count - 1], isWhole) - Self.position(edges[0], isWhole)
        density = length > 0 && length.isFinite ? Double(edges.count - 1) / length : 0
    }

    /// The number of buckets.
    var count: Int { edges.count - 1 }

    /// The start of the first bucket, the end of the last one and the number of keys per bucket; nil unless all buckets
    /// have the same number. Complexity: O(buckets).
    var even: (start: UInt64, end: UInt64, width: UInt64)? {
        let width = edges[1] - edges[0]
        if width == 0 { return nil }
        for i in 1..<count where edges[i + 1] - edges[i] != width { return nil }
        return (edges[0], edges[count], width)
    }

    @inline(__always)
    private static func position(_ key: UInt64, _ isWhole: Bool) -> Double {
        isWhole ? Double(SortKey.integer(key)) : SortKey.float(key)
    }

    /// The index, counted from `first`, of the bucket that contains a key; nil if none does.
    ///
    /// Complexity: O(1) if the buckets are about equally wide, O(buckets) at worst.
    @inline(__always)
    func index(of key: UInt64) -> Int? {
        if key < edges[0] || key >= edges[edges.count - 1] { return nil }
        let guess = (Self.position(key, isWhole) - Self.position(edges[0], isWhole)) * density
        var index = guess > 0 ? min(Int(guess), count - 1) : 0
        while key < edges[index] { index -= 1 }
        while key >= edges[index + 1] { index += 1 }
        return index
    }
}
