/// A distribution of durations: how many there were up to each bound, and their sum.
///
/// Whoever shares one between threads locks it.
public struct LatencyBuckets: Sendable {
    /// The upper bounds of the buckets, ascending. One more bucket has what is longer.
    public static let bounds: [Duration] = [
        .microseconds(250), .microseconds(500), .milliseconds(1), .microseconds(2500), .milliseconds(5),
        .milliseconds(10), .milliseconds(25), .milliseconds(50), .milliseconds(100), .milliseconds(250),
        .milliseconds(500), .seconds(1), .milliseconds(2500), .seconds(5), .seconds(10),
    ]

    /// The number of durations in each bucket: above the bound before, up to its own.
    public private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
    /// The sum of all durations.
    public private(set) var sum = Duration.zero

    /// The number of durations.
    public var count: Int { counts.reduce(0, +) }

    /// Creates a distribution without durations.
    public init() {}

    /// Counts a duration. Complexity: O(bounds).
    public mutating func record(_ time: Duration) {
        counts[Self.bounds.firstIndex { time <= $0 } ?? Self.bounds.count] += 1
        sum += time
    }
}
