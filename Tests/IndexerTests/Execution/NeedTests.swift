import OracleSupport
import Testing

@testable import Indexer

/// The small arithmetic of what scores have to reach.
@Suite struct NeedTests {
    /// `leastSum` never asks for more than what rounds to the score, and hardly for less.
    @Test func theLeastSumRoundsToTheScore() {
        var random = SplitMix64(seed: 51)
        let scores = (0..<2000).map { _ in Float(bitPattern: UInt32(random.below(0x7F00_0000))) }
        for score in scores + [.leastNonzeroMagnitude, .leastNormalMagnitude, 1, Float(1).nextUp, Float(1).nextDown] {
            let sum = leastSum(roundingTo: score)
            if score <= 0 {
                #expect(sum == -.infinity)
                continue
            }
            #expect(Float(sum.nextDown) < score, "\(score)")
            #expect(Float(sum.nextUp) >= score, "\(score)")
        }
        for score in [0, -1, -Float.infinity] { #expect(leastSum(roundingTo: score) == -.infinity) }
    }

    @Test func theLeastFloatIsTheNextOne() {
        var random = SplitMix64(seed: 52)
        let numbers = (0..<2000).map { _ in Double(bitPattern: random.next() >> 2) }.filter { $0 < 1e38 }
        for number in numbers + [0, 1, 1 + 1e-12, 1 - 1e-12, 1e-60, -.infinity] {
            let least = leastFloat(from: number)
            #expect(Double(least) >= number)
            #expect(number == -.infinity || Double(least.nextDown) < number)
        }
    }

    /// What the others may add, and the rounding of the difference, never hide a document that reaches the need.
    @Test func whatRemainsIsNeverTooMuch() {
        var random = SplitMix64(seed: 53)
        for _ in 0..<20_000 {
            let parts = (0..<(2 + random.below(5))).map { _ in
                Double(Float(random.below(1 << 24)) / Float(1 << random.below(30)))
            }
            let need = parts.reduce(0, +)
            let rest = parts.dropFirst().reduce(0, +)
            #expect(parts[0] >= remaining(need, rest))
            #expect(remaining(-.infinity, rest) == -.infinity)
        }
    }
}
