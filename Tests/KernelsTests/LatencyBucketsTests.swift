import Kernels
import Testing

@Suite struct LatencyBucketsTests {
    /// A duration is counted in the first bucket whose bound is not shorter.
    @Test func boundsBelongToTheirBucket() {
        var buckets = LatencyBuckets()
        for bound in LatencyBuckets.bounds {
            buckets.record(bound)
            buckets.record(bound + .nanoseconds(1))
        }
        // The first has its own bound, each one after it also what is just above the bound before.
        let expected = [1] + [Int](repeating: 2, count: LatencyBuckets.bounds.count - 1) + [1]
        #expect(buckets.counts == expected)
    }

    @Test func theSumIsThatOfAllDurations() {
        var buckets = LatencyBuckets()
        for time in [Duration.zero, .milliseconds(3), .seconds(20)] { buckets.record(time) }
        #expect(buckets.sum == .milliseconds(20_003))
        #expect(buckets.counts.reduce(0, +) == 3)
    }
}
