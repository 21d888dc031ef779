import Kernels

/// Counts the numbers of a field: in ranges, in stretches, or as a whole.
final class NumberCounter: FacetCounter {
    private enum Counting {
        case ranges([ClosedRange<UInt64>?])
        case stretches(Stretches)
        case statistics
    }

    let without: Int?
    private let name: String
    private let field: Int
    private let codec: NumberCodec
    private let kind: Counting
    private var counts: [Int]
    /// By the number of the stretch, of which 2 to the power of `joined` are taken together.
    private var stretches: [Int: Int] = [:]
    private var joined = 0
    private var statistics = FacetCounts.Statistics()
    private var least = UInt64.max
    private var greatest: UInt64 = 0
    /// Whole numbers are added up without rounding.
    private var sum: Int128 = 0

    /// Errors: `request` for ranges that are not of numbers, a width that is none, periods of what is no date.
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
            kind = .stretches(Stretches(width: width, codec))
        case .calendar(let unit):
            guard codec == .date else {
                throw .request(problem: "\"\(request.field)\" has no dates, so it cannot be counted by \(unit)")
            }
            kind = .stretches(.calendar(unit))
        default: kind = .statistics
        }
    }

    func count(
        _ bits: UnsafePointer<UInt64>, matched: Int, _ reader: IndexReader, _ number: Int, _ scratch: Scratch
    ) throws(IndexError) {
        if matched == 0 { return }
        let column = try reader.column(number, .field(field))
        let words = (reader.segments[number].documents + 63) / 64
        switch kind {
        case .ranges(let ranges):
            forEachBit(bits, words: words) { slot in
                guard let key = column.key(slot) else { return }
                for (i, range) in ranges.enumerated() where range?.contains(key) ?? false { counts[i] += 1 }
            }
        case .stretches(let stretches): count(stretches, bits, words, column)
        case .statistics:
            forEachBit(bits, words: words) { slot in
                guard let key = column.key(slot) else { return }
                statistics.count += 1
                least = min(least, key)
                greatest = max(greatest, key)
                if codec.isWhole { sum += Int128(SortKey.integer(key)) } else { statistics.sum += SortKey.float(key) }
            }
        }
    }

    private func count(
        _ division: Stretches, _ bits: UnsafePointer<UInt64>, _ words: Int, _ column: PatchedColumn
    ) {
        let keys = column.column?.keys(documents: words * 64)
        let table = keys.flatMap { StretchTable(division, $0, isWhole: codec.isWhole) }
        var counted = [Int](repeating: 0, count: table?.count ?? 0)
        defer {
            for (place, count) in counted.enumerated() where count > 0 { add(count, to: (table?.first ?? 0) + place) }
        }
        if let table, let keys, let even = table.even, let numbers = column.column, column.patch == nil,
            even.start <= numbers.least, keys.upperBound < even.end, keys.upperBound - even.start < 1 << 32,
            even.width < 1 << 32
        {
            counted.withUnsafeMutableBufferPointer { counts in
                numbers.count(
                    bits, words: words, offset: numbers.least - even.start, width: even.width, into: counts)
            }
            return
        }
        forEachBit(bits, words: words) { slot in
            guard let key = column.key(slot) else { return }
            if let table, let place = table.place(key) {
                counted[place] &+= 1
            } else {
                add(1, to: division.number(of: key))
            }
        }
    }

    /// Adds to a stretch; joins neighbours when there are too many.
    private func add(_ count: Int, to number: Int) {
        stretches[number >> joined, default: 0] += count
        while stretches.count > FacetRequest.mostStretches {
            joined += 1
            var pairs: [Int: Int] = [:]
            for (number, count) in stretches { pairs[number >> 1, default: 0] += count }
            stretches = pairs
        }
    }

    func result(_ budget: SearchBudget, _ scratch: Scratch) -> FacetCounts {
        var result = FacetCounts(field: name)
        switch kind {
        case .ranges: result.ranges = counts
        case .stretches(let division):
            result.buckets = stretches.sorted { $0.key < $1.key }.map {
                .init(
                    from: division.start($0.key << joined), to: division.start(($0.key + 1) << joined), count: $0.value)
            }
        case .statistics:
            if codec.isWhole { statistics.sum = Double(sum) }
            if case .decimal(let digits) = codec { statistics.sum /= NumberCodec.power(digits) }
            if statistics.count > 0 {
                statistics.least = codec.number(least)
                statistics.greatest = codec.number(greatest)
            }
            result.statistics = statistics
        }
        return result
    }
}
