import OracleSupport
import Testing

@testable import Kernels

/// Runs of bytes, compared with one byte at a time.
@Suite struct ByteWindowTests {
    /// Every byte against every bound, in each place of a word beside the values that could spill over.
    @Test func everyByteIsComparedWithEveryBound() {
        for least in 1...255 {
            for value in 0...255 {
                for neighbor in [0, 1, 127, 128, 255] {
                    for place in 0..<8 {
                        var word = eachByte &* UInt64(neighbor)
                        word &= ~(0xFF << UInt64(place * 8))
                        word |= UInt64(value) << UInt64(place * 8)
                        let found = bytes(word, atLeast: UInt64(least))
                        for i in 0..<8 {
                            let isWanted = (i == place ? value : neighbor) >= least
                            if (found >> UInt64(i * 8 + 7) & 1 == 1) != isWanted {
                                Issue.record("\(value) beside \(neighbor) at \(place), at least \(least)")
                                return
                            }
                        }
                    }
                }
            }
        }
    }

    @Test func runsAreSearchedCountedAndSummed() {
        var random = SplitMix64(seed: SplitMix64.varied(61))
        for _ in 0..<400 {
            let count = random.below(200)
            let share = random.pick([0, 1, 20, 100])
            let run = (0..<count).map { _ in random.chance(share) ? UInt8(random.below(256)) : 0 }
            run.withUnsafeBufferPointer { run in
                let base = run.baseAddress ?? UnsafePointer(bitPattern: 1)!
                #expect(countNonzeroBytes(base, count: count) == run.count { $0 != 0 })
                #expect(sumBytes(base, count: count) == run.reduce(0) { $0 + Int($1) })
                let from = random.below(count + 1)
                let to = from + random.below(count - from + 1)
                let least = UInt8(1 + random.below(255))
                let wanted = (from..<to).first { run[$0] >= least } ?? to
                #expect(firstByte(atLeast: least, in: base, from: from, to: to) == wanted)
            }
        }
    }
}
