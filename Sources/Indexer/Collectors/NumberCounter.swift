import Kernels

/// Counts the numbers of a field: in ranges, in stretches of one width, or as a whole.
final class NumberCounter: FacetCounter {
    private enum Counting {
        case ranges([ClosedRange<UInt64>?])
        case histogram(width: Double)
        case statistics
    }

    let without: Int?
    private let name: String
    private let field: Int
    private let codec: NumberCodec
    private let kind: Counting
    private var column: PatchedColumn?
    private var counts: [Int]
    private var buckets: [Double: Int] = [:]
    private var statistics = FacetCounts.Statistics()
    private var least = UInt64.max
    private var greatest: UInt64 = 0
    /// Whole numbers are added up without rounding.
    private var sum: Int128 = 0

    /// Errors: `request` for ranges that are not of numbers, a width that is none, a field without numbers.
    init(_ request: FacetRequest, _ codec: NumberCodec, number: Int) throws(IndexError) {
        name = request.field
        without = request.without
        self.field = number
        self.codec = codec
        counts = []
        switch request.kind {
        case .ranges(let ranges):
            kind = .ranges(try ranges.map { range throws(IndexError) in try range.keys(request.field, codec) })
            counts = Array(repeating: 0, count: ranges.count)
        case .histogram(let width):
            guard width > 0, width.isFinite else {
                throw .request(problem: "a histogram of \"\(request.field)\" needs a width above 0, not \(width)")
            }
            kind = .histogram(width: width)
        default: kind = .statistics
        }
    }

    func begin(_ reader: IndexReader, _ number: Int) throws(IndexError) {
        column = try reader.column(number, .field(field))
    }

    func end() throws(IndexError) {
        guard buckets.count > FacetRequest.mostStretches else { return }
        throw .request(
            problem: "the histogram of \"\(name)\" would have over \(FacetRequest.mostStretches) stretches; "
                + "give a greater width")
    }

    func count(_ bits: UnsafePointer<UInt64>, words: Int, base: Int) {
        guard let column else { return }
        switch kind {
        case .ranges(let ranges):
            forEachBit(bits, words: words) { slot in
                guard let key = column.key(base &+ slot) else { return }
                for (i, range) in ranges.enumerated() where range?.contains(key) ?? false { counts[i] += 1 }
            }
        case .histogram(let width):
            forEachBit(bits, words: words) { slot in
                guard let key = column.key(base &+ slot), buckets.count <= FacetRequest.mostStretches else { return }
                buckets[(number(key) / width).rounded(.down) * width, default: 0] += 1
            }
        case .statistics:
            forEachBit(bits, words: words) { slot in
                guard let key = column.key(base &+ slot) else { return }
                statistics.count += 1
                least = min(least, key)
                greatest = max(greatest, key)
                if codec.isWhole { sum += Int128(SortKey.integer(key)) } else { statistics.sum += SortKey.float(key) }
            }
        }
    }

    @inline(__always)
    private func number(_ key: UInt64) -> Double { codec.number(key) }

    func result() -> FacetCounts {
        var result = FacetCounts(field: name)
        switch kind {
        case .ranges: result.ranges = counts
        case .histogram:
            result.buckets = buckets.sorted { $0.key < $1.key }.map { .init(from: $0.key, count: $0.value) }
        case .statistics:
            if codec.isWhole { statistics.sum = Double(sum) }
            if case .decimal(let digits) = codec { statistics.sum /= NumberCodec.power(digits) }
            if statistics.count > 0 {
                statistics.least = number(least)
                statistics.greatest = number(greatest)
            }
            result.statistics = statistics
        }
        return result
    }
}
