import Glibc

/// The number of distinct hashes: exact up to a number, an estimate above.
///
/// Source: Bar-Yossef et al., "Counting distinct elements in a data stream", 2002 (the smallest values of a hash). With
/// 64 of them the standard error is 13 %.
struct DistinctCount: Sendable, Equatable {
    /// The smallest hashes, ascending.
    private var smallest: [UInt64] = []
    private static let size = 64

    /// Adds an element by its hash.
    mutating func add(_ hash: UInt64) {
        if smallest.count == Self.size, let largest = smallest.last, hash >= largest { return }
        var (low, high) = (0, smallest.count)
        while low < high {
            let middle = (low + high) / 2
            if smallest[middle] < hash { low = middle + 1 } else { high = middle }
        }
        if low < smallest.count, smallest[low] == hash { return }
        smallest.insert(hash, at: low)
        if smallest.count > Self.size { smallest.removeLast() }
    }

    /// The number of distinct elements.
    var count: Int {
        guard smallest.count == Self.size, let largest = smallest.last else { return smallest.count }
        return max(Self.size, Int(Double(Self.size - 1) / (Double(largest) / 0x1p64)))
    }
}

/// Times, counted in intervals whose bounds grow by an eighth of a doubling: 9 %.
struct TimeCounts: Sendable, Equatable {
    /// The intervals that have times, ascending, with their number.
    private(set) var counts: [(interval: UInt8, count: UInt32)] = []

    /// Adds a time in microseconds.
    mutating func add(_ microseconds: Int) { add(Self.interval(of: microseconds), 1) }

    /// Adds a number of times of an interval.
    mutating func add(_ interval: UInt8, _ count: UInt32) {
        let i = counts.firstIndex { $0.interval >= interval } ?? counts.count
        if i < counts.count, counts[i].interval == interval {
            counts[i].count += count
        } else {
            counts.insert((interval, count), at: i)
        }
    }

    /// The number of times.
    var all: Int { counts.reduce(0) { $0 + Int($1.count) } }

    /// Returns a percentile (nearest rank), as the upper bound of its interval in microseconds; 0 without times.
    func percentile(_ share: Double) -> Int {
        // The product is inexact: 100 · 0.99 must not be rounded up to 100.
        var rank = max(Int((Double(all) * share - 1e-9).rounded(.up)), 1)
        for (interval, count) in counts {
            rank -= Int(count)
            if rank <= 0 { return Self.bound(interval) }
        }
        return 0
    }

    /// The interval of a time.
    static func interval(of microseconds: Int) -> UInt8 {
        UInt8(min(max((8 * log2(Double(max(microseconds, 1)))).rounded(.up), 0), 255))
    }

    /// The largest time of an interval, in microseconds.
    static func bound(_ interval: UInt8) -> Int { Int(exp2(Double(interval) / 8)) }

    static func == (left: TimeCounts, right: TimeCounts) -> Bool {
        left.counts.elementsEqual(right.counts) { $0.interval == $1.interval && $0.count == $1.count }
    }
}
