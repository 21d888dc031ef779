import TestSupport
import Testing

@testable import Kernels

/// Selection and sorting of keys against the sort of the standard library.
struct KeySelectionTests {
    /// Keys in orders that are hard for some choices of the pivot.
    private static func samples(_ count: Int, _ random: inout SplitMix64) -> [[UInt64]] {
        let noise = (0..<count).map { _ in random.next() >> 1 }
        let ascending = noise.sorted()
        let indices = 0..<count
        let upAndDown = indices.filter { $0 % 2 == 0 } + indices.filter { $0 % 2 == 1 }.reversed()
        let hill = upAndDown.map { ascending[$0] }
        let valley = upAndDown.map { ascending[count - 1 - $0] }
        let rotatedHill = Array(hill[(count / 3)...] + hill[..<(count / 3)])
        let fewValues = (0..<count).map { _ in UInt64(random.below(3)) }
        let equal = [UInt64](repeating: .max >> 1, count: count)
        return [noise, ascending, ascending.reversed(), hill, valley, rotatedHill, fewValues, equal]
    }

    @Test func selectsAndSorts() {
        var random = SplitMix64(seed: SplitMix64.varied(92))
        for count in Array(0...40) + [100, 257, 1000, 5000] {
            for sample in Self.samples(count, &random) {
                let expected = sample.sorted(by: >)
                var keys = sample
                keys.withUnsafeMutableBufferPointer { keys in
                    guard let base = keys.baseAddress else { return }
                    KeySelection.sortDescending(base, count: count)
                }
                #expect(keys == expected)
                for k in Set([0, 1, count / 3, count - 1, count]) where (0...count).contains(k) {
                    var keys = sample
                    keys.withUnsafeMutableBufferPointer { keys in
                        guard let base = keys.baseAddress else { return }
                        KeySelection.moveGreatest(k, of: base, count: count)
                    }
                    #expect(keys[..<k].sorted(by: >) == Array(expected[..<k]), "\(k) of \(count)")
                    #expect(keys.sorted(by: >) == expected)
                }
            }
        }
    }

    /// No order of the keys leads to a quadratic number of steps.
    @Test func noOrderIsQuadratic() {
        var random = SplitMix64(seed: SplitMix64.varied(94))
        let count = 30_000
        for (sampleIndex, sample) in Self.samples(count, &random).enumerated() {
            var (sortSteps, selectionSteps) = (0, 0)
            var keys = sample
            keys.withUnsafeMutableBufferPointer {
                KeySelection.sort($0.baseAddress!, count: count, rounds: 30, &sortSteps)
            }
            #expect(keys == sample.sorted(by: >))
            keys = sample
            keys.withUnsafeMutableBufferPointer {
                KeySelection.moveGreatest(count / 3, of: $0.baseAddress!, count: count, &selectionSteps)
            }
            // Perfect pivots take 15 steps per key.
            #expect(sortSteps < 50 * count, "sample \(sampleIndex): \(sortSteps) steps")
            #expect(selectionSteps < 50 * count, "sample \(sampleIndex): \(selectionSteps) steps")
            // After too many partitions heap sort takes over.
            keys = sample
            keys.withUnsafeMutableBufferPointer {
                KeySelection.sort($0.baseAddress!, count: count, rounds: 1, &sortSteps)
            }
            #expect(keys == sample.sorted(by: >))
        }
    }
}
