import Kernels
import OracleSupport
import Testing

/// The greatest keys, against a sorted list of all.
struct KeySelectionTests {
    /// Keys in orders that are hard for some ways of choosing.
    private static func samples(_ count: Int, _ random: inout SplitMix64) -> [[UInt64]] {
        let any = (0..<count).map { _ in random.next() >> 1 }
        let ascending = any.sorted()
        let places = 0..<count
        let upAndDown = places.filter { $0 % 2 == 0 } + places.filter { $0 % 2 == 1 }.reversed()
        let pipe = upAndDown.map { ascending[$0] }
        let few = (0..<count).map { _ in UInt64(random.below(3)) }
        return [any, ascending, ascending.reversed(), pipe, few, [UInt64](repeating: .max >> 1, count: count)]
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
}
