import TestSupport
import Testing

@testable import Searching

/// The rounding of score thresholds.
@Suite struct MinScoreTests {
    /// `minSum` is the midpoint: smaller sums round to less than the score, larger ones to at least the score.
    @Test func theMinimumSumRoundsToTheScore() {
        var random = SplitMix64(seed: 51)
        let scores = (0..<2000).map { _ in Float(bitPattern: UInt32(random.below(0x7F00_0000))) }
        for score in scores + [.leastNonzeroMagnitude, .leastNormalMagnitude, 1, Float(1).nextUp, Float(1).nextDown] {
            let sum = minSum(roundingTo: score)
            if score <= 0 {
                #expect(sum == -.infinity)
                continue
            }
            #expect(Float(sum.nextDown) < score, "\(score)")
            #expect(Float(sum.nextUp) >= score, "\(score)")
        }
        for score in [0, -1, -Float.infinity] { #expect(minSum(roundingTo: score) == -.infinity) }
    }

    @Test func theMinimumFloatIsTheNextOne() {
        var random = SplitMix64(seed: 52)
        let numbers = (0..<2000).map { _ in Double(bitPattern: random.next() >> 2) }.filter { $0 < 1e38 }
        for number in numbers + [0, 1, 1 + 1e-12, 1 - 1e-12, 1e-60, -.infinity] {
            let minimum = minFloat(from: number)
            #expect(Double(minimum) >= number)
            #expect(number == -.infinity || Double(minimum.nextDown) < number)
        }
    }

    /// Neither the bounds of the other clauses nor the rounding of the difference exclude a document that reaches the
    /// score.
    @Test func theRemainingScoreIsNeverTooHigh() {
        var random = SplitMix64(seed: 53)
        for _ in 0..<20_000 {
            let parts = (0..<(2 + random.below(5))).map { _ in
                Double(Float(random.below(1 << 24)) / Float(1 << random.below(30)))
            }
            let minScore = parts.reduce(0, +)
            let othersBound = parts.dropFirst().reduce(0, +)
            #expect(parts[0] >= remaining(minScore, othersBound))
            #expect(remaining(-.infinity, othersBound) == -.infinity)
        }
    }
}
