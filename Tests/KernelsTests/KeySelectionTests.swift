import OracleSupport
import Testing

@testable import Kernels

/// The greatest keys, against a sorted list of all.
struct KeySelectionTests {
    /// Keys in orders that are hard for some ways of choosing.
    private static func samples(_ count: Int, _ random: inout SplitMix64) -> [[UInt64]] {
        let any = (0..<count).map { _ in random.next() >> 1 }
        let ascending = any.sorted()
        let places = 0..<count
        let upAndDown = places.filter { $0 % 2 == 0 } + places.filter { $0 % 2 == 1 }.reversed()
        let hill = upAndDown.map { ascending[$0] }
        let valley = upAndDown.map { ascending[count - 1 - $0] }
        let few = (0..<count).map { _ in UInt64(random.below(3)) }
        let same = [UInt64](repeating: .max >> 1, count: count)
        return [any, ascending, ascending.reversed(), hill, valley, Array(hill[(count / 3)...] + hill[..<(count / 3)])]
            + [few, same]
    }

    @Test func selectsAndOrders() {
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
                for wanted in Set([0, 1, count / 3, count - 1, count]) where (0...count).contains(wanted) {
                    var keys = sample
                    keys.withUnsafeMutableBufferPointer { keys in
                        guard let base = keys.baseAddress else { return }
                        KeySelection.moveGreatest(wanted, of: base, count: count)
                    }
                    #expect(keys[..<wanted].sorted(by: >) == Array(expected[..<wanted]), "\(wanted) of \(count)")
                    #expect(keys.sorted(by: >) == expected)
                }
            }
        }
    }

    /// No order of the keys makes it look at each of them again and again.
    @Test func noOrderIsHard() {
        var random = SplitMix64(seed: SplitMix64.varied(94))
        let count = 30_000
        for (number, sample) in Self.samples(count, &random).enumerated() {
            var (sorting, choosing) = (0, 0)
            var keys = sample
            keys.withUnsafeMutableBufferPointer {
                KeySelection.sort($0.baseAddress!, count: count, rounds: 30, &sorting)
            }
            #expect(keys == sample.sorted(by: >))
            keys = sample
            keys.withUnsafeMutableBufferPointer {
                KeySelection.moveGreatest(count / 3, of: $0.baseAddress!, count: count, &choosing)
            }
            // Sorting by halves takes 15 steps a key.
            #expect(sorting < 50 * count && choosing < 50 * count, "sample \(number): \(sorting), \(choosing)")
            // What did not part the keys well is not gone on with.
            keys = sample
            keys.withUnsafeMutableBufferPointer {
                KeySelection.sort($0.baseAddress!, count: count, rounds: 1, &sorting)
            }
            #expect(keys == sample.sorted(by: >))
        }
    }
}
