import TestSupport
import Testing

@testable import Kernels

/// Operations on arrays of one-byte counters, against loops over one byte at a time.
@Suite struct ByteWindowTests {
    /// Every byte against every minimum, at each position of a word next to values whose carry could spill over.
    @Test func everyByteIsComparedWithEveryMinimum() {
        for minimum in 1...255 {
            for value in 0...255 {
                for neighbor in [0, 1, 127, 128, 255] {
                    for position in 0..<8 {
                        var word = eachByte &* UInt64(neighbor)
                        word &= ~(0xFF << UInt64(position * 8))
                        word |= UInt64(value) << UInt64(position * 8)
                        let mask = bytes(word, atLeast: UInt64(minimum))
                        for i in 0..<8 {
                            let expected = (i == position ? value : neighbor) >= minimum
                            if (mask >> UInt64(i * 8 + 7) & 1 == 1) != expected {
                                Issue.record("\(value) next to \(neighbor) at \(position), at least \(minimum)")
                                return
                            }
                        }
                    }
                }
            }
        }
    }

    @Test func searchCountAndSumMatchPlainLoops() {
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
                let minimum = UInt8(1 + random.below(255))
                let expected = (from..<to).first { run[$0] >= minimum } ?? to
                #expect(firstByte(atLeast: minimum, in: base, from: from, to: to) == expected)
            }
        }
    }

    @Test func lowNibblesAreComparedWithEveryLimit() {
        var random = SplitMix64(seed: SplitMix64.varied(62))
        for limit in 0...127 {
            let bytes = (0..<32).map { _ in UInt8(random.below(256)) }
            let expected = bytes.enumerated().reduce(UInt32(0)) {
                $0 | (Int($1.element & 15) < limit ? 1 : 0) << $1.offset
            }
            #expect(bytes.withUnsafeBytes { lowNibbles(below: limit, of: $0.baseAddress!) } == expected)
        }
    }

    @Test func highNibblesGivePrefixSums() {
        var random = SplitMix64(seed: SplitMix64.varied(63))
        for round in 0..<200 {
            let bytes = (0..<32).map { _ in round == 0 ? UInt8.max : UInt8(random.below(256)) }
            var ends = [UInt16](repeating: 0, count: 32)
            bytes.withUnsafeBytes { sumUpHighNibbles(of: $0.baseAddress!, into: &ends) }
            var sum: UInt16 = 0
            for (byte, end) in zip(bytes, ends) {
                sum += UInt16(byte >> 4)
                #expect(end == sum)
            }
        }
    }
}
