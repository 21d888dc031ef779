import TestSupport
import Testing

@testable import SearchServer

/// The buckets by which requests are limited.
@Suite struct TokenBucketsTests {
    /// A caller gets what a counted bucket gives: one that fills by so many tokens a second, up to its size.
    @Test(arguments: 0..<20) func takesWhatACountedBucketHas(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let rate = RequestRate(perSecond: Double(1 << random.below(8)), burst: 1 + random.below(12))
        let begin = ContinuousClock.now
        var buckets = TokenBuckets<Int>(rate, now: begin)
        // Tokens are counted in 256ths of one, times in milliseconds of 1,024 to a second: all numbers are whole.
        var counted: [Int: (tokens: Int, time: Int)] = [:]
        var now = 0
        var (given, refused) = (0, 0)
        for _ in 0..<3000 {
            now += random.below(4) == 0 ? random.below(4096) : random.below(64)
            let caller = random.below(3)
            let (size, time) = (rate.burst << 10, begin + .seconds(1) * now / 1024)
            let old = counted[caller] ?? (size, now)
            let tokens = min(size, old.tokens + (now - old.time) * Int(rate.perSecond))
            let wait = buckets.take(of: caller, now: time)
            if wait == nil { given += 1 } else { refused += 1 }
            // Durations round to less than a nanosecond: what is that close may be either.
            if abs(tokens - 1024) > 1 {
                #expect((wait == nil) == (tokens >= 1024))
                let expected = Double(1024 - tokens) / 1024 / rate.perSecond
                if let wait { #expect(abs(wait / .seconds(1) - expected) < 1e-3) }
            }
            counted[caller] = (wait == nil ? tokens - 1024 : tokens, now)
            if wait == nil, random.chance(20) {
                let more = random.below(10)
                buckets.charge(more, of: caller, now: time)
                counted[caller]?.tokens -= more << 10
            }
        }
        #expect(given > 100)
        #expect(refused > 0)
    }

    /// Those who are not seen any more are forgotten, and ever new ones do not use ever more memory.
    @Test func forgetsFullBuckets() {
        let begin = ContinuousClock.now
        var buckets = TokenBuckets<Int>(RequestRate(perSecond: 10, burst: 20), maxBuckets: 100, now: begin)
        for caller in 0..<10_000 {
            #expect(buckets.take(of: caller, now: begin) == nil)
            #expect(buckets.count <= 100)
        }
        #expect(buckets.take(of: -1, now: begin + .seconds(10)) == nil)
        #expect(buckets.count == 1)
    }
}
