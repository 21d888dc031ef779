/// How a histogram divides the numbers of a field: into stretches with whole numbers, each up to where the next begins.
///
/// What lies in a stretch is what a range from its beginning to the next one's, left out, finds. The last has what lies
/// beyond it as well.
enum Stretches {
    /// Of one width, the fraction of two whole numbers; `denominator` is a power of ten. An edge is then the number
    /// nearest to what is written in decimals.
    case decimal(numerator: Double, denominator: Double, NumberCodec)
    /// Of one width that has no short name.
    case plain(width: Double, NumberCodec)
    case calendar(CalendarUnit)

    /// Stretches of a width above 0.
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

    /// The number of the last stretch, which has all numbers that are not below it; the opposite is the first. Further
    /// out, numbers have no neighbours so near, or edges would be rounded.
    var last: Int {
        if case .decimal(let numerator, _, _) = self { return Int(0x1p53 / numerator) }
        return 1 << 52
    }

    /// No date lies further from 1970, in milliseconds.
    private static let farthestMoment: Int64 = 8_640_000_000_000_000

    /// Where a stretch begins.
    func start(_ number: Int) -> Double {
        let greatest = Double.greatestFiniteMagnitude
        switch self {
        case .calendar(let unit): return Double(Moment.start(of: number, unit))
        case _ where number > last: return greatest
        case _ where number <= -last: return -greatest
        case .decimal(let numerator, let denominator, _): return Double(number) * numerator / denominator
        case .plain(let width, _): return min(max(Double(number) * width, -greatest), greatest)
        }
    }

    /// The least key of a stretch's numbers.
    func firstKey(_ number: Int) -> UInt64 {
        switch self {
        case .calendar(let unit): return SortKey.of(Moment.start(of: number, unit))
        case _ where number > last: return .max
        case _ where number <= -last: return 0
        case .decimal(_, _, let codec), .plain(_, let codec): return codec.leastKey(from: start(number))
        }
    }

    /// The stretch that a key's number lies in.
    func number(of key: UInt64) -> Int {
        var number = nearest(key)
        if case .calendar = self { return number }
        // Division may have been rounded over an edge.
        while number > -last, key < firstKey(number) { number -= 1 }
        while number < last, key >= firstKey(number + 1), firstKey(number + 1) < .max { number += 1 }
        return number
    }

    /// The stretch of a key or one near it.
    private func nearest(_ key: UInt64) -> Int {
        let quotient: Double
        switch self {
        case .decimal(let numerator, let denominator, let codec):
            quotient = codec.number(key) / (numerator / denominator)
        case .plain(let width, let codec): quotient = codec.number(key) / width
        case .calendar(let unit):
            let moment = min(max(SortKey.integer(key), -Self.farthestMoment), Self.farthestMoment)
            return Moment.number(of: moment, unit)
        }
        guard abs(quotient) < Double(last) else { return quotient < 0 ? -last : last }
        return Int(quotient.rounded(.down))
    }
}

/// The stretches between two keys as a table.
struct StretchTable {
    /// The number of the first.
    let first: Int
    /// Where each begins, and where the last ends.
    private let edges: [UInt64]
    /// Stretches a unit of the keys' numbers, on average.
    private let density: Double
    private let isWhole: Bool

    /// Stretches of a table.
    static let most = 4096

    /// Nil when there are more stretches than a table has.
    init?(_ stretches: Stretches, _ keys: ClosedRange<UInt64>, isWhole: Bool) {
        let first = stretches.number(of: keys.lowerBound)
        let last = stretches.number(of: keys.upperBound)
        guard last - first < Self.most else { return nil }
        self.first = first
        self.isWhole = isWhole
        edges = (first...(last + 1)).map(stretches.firstKey)
        let length = Self.position(edges[edges.count - 1], isWhole) - Self.position(edges[0], isWhole)
        density = length > 0 && length.isFinite ? Double(edges.count - 1) / length : 0
    }

    var count: Int { edges.count - 1 }

    /// Where the first stretch begins, where the last ends, and how many keys each has, if all have as many.
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

    /// The place of a key's stretch; nil for a key of none. Complexity: O(1) where they are equally wide.
    @inline(__always)
    func place(_ key: UInt64) -> Int? {
        if key < edges[0] || key >= edges[edges.count - 1] { return nil }
        let guess = (Self.position(key, isWhole) - Self.position(edges[0], isWhole)) * density
        var place = guess > 0 ? min(Int(guess), count - 1) : 0
        while key < edges[place] { place -= 1 }
        while key >= edges[place + 1] { place += 1 }
        return place
    }
}
