import Kernels
import TestSupport
import Testing

@testable import Segments

/// Packed runs of small numbers, with and without exceptions.
@Suite struct PackedRunTests {
    /// The distribution of the numbers of a run.
    enum Shape: CaseIterable, Sendable {
        case zero, one, small, outliers, manyOutliers, hugeOutlier, any, descending
    }

    private static func values(_ count: Int, _ shape: Shape, _ random: inout SplitMix64) -> [UInt32] {
        let bits = random.below(25)
        func below(_ width: Int) -> UInt32 {
            width == 0 ? 0 : UInt32(truncatingIfNeeded: random.next()) >> UInt32(32 - width)
        }
        return (0..<count).map { i in
            switch shape {
            case .zero: 0
            case .one: 1
            case .small: below(3)
            case .outliers: random.chance(3) ? below(bits + 7) : below(bits)
            case .manyOutliers: random.chance(40) ? below(bits + 4) : below(bits)
            case .hugeOutlier: i == count / 2 ? .max : below(bits)
            case .any: below(32)
            case .descending: .max >> UInt32(i % 32)
            }
        }
    }

    private static func written(_ values: [UInt32], flags: UInt8 = 0, worth: Int = 1) -> [UInt8] {
        var out = GrowableBuffer<UInt8>(capacity: 1)
        PackedRunWriter.append(values, count: values.count, flags: flags, worth: worth, to: &out)
        return Array(out.elements)
    }

    /// Calls `body` with a run that is followed by the eight readable bytes that a file guarantees, then by an
    /// unreadable page. Returns false if the run is refused.
    private static func reading(
        _ bytes: [UInt8], count: Int, _ body: (PackedRun) -> Void
    ) -> Bool {
        let guarded = GuardedBytes(bytes + [UInt8](repeating: 0xFF, count: 8))
        let start = UnsafeRawPointer(guarded.pointer)
        guard let run = PackedRun(start, end: start + bytes.count, count: count) else { return false }
        body(run)
        return true
    }

    private static func decoded(_ run: PackedRun, _ decode: (UnsafeMutablePointer<UInt32>) -> Void) -> [UInt32] {
        let out = GuardedBytes(numbers: [UInt32](repeating: 7, count: 256))
        let numbers = out.numbers(UInt32.self)
        decode(numbers.baseAddress!)
        return Array(numbers.prefix(run.count))
    }

    @Test(arguments: Shape.allCases)
    func runsOfEveryCountRoundTrip(_ shape: Shape) {
        var random = SplitMix64(seed: 31)
        for count in 1...256 {
            let values = Self.values(count, shape, &random)
            let flags: UInt8 = random.chance(50) ? 0x80 : 0
            let bytes = Self.written(values, flags: flags, worth: random.pick([1, 16]))
            #expect(bytes[0] & 0x80 == flags)
            let isRead = Self.reading(bytes, count: count) { run in
                #expect(run.byteCount == bytes.count)
                #expect(run.count == count)
                #expect(Self.decoded(run) { run.decode(plus: 0, into: $0) } == values, "\(count) values")
                #expect(Self.decoded(run) { run.decode(plus: 1, into: $0) } == values.map { $0 &+ 1 })
                #expect((0..<count).map { run.value($0) } == values, "\(count) values, one by one")
            }
            #expect(isRead)
        }
    }

    /// Sums are computed down the lanes in a full run, in order in a shorter one.
    @Test(arguments: Shape.allCases)
    func gapsBecomeAscendingNumbers(_ shape: Shape) {
        var random = SplitMix64(seed: 32)
        for count in Array(1...20) + [100, 254, 255, 256] {
            let gaps = Self.values(count, shape, &random)
            for base in [UInt32.max, 0, 5_000_000] {
                var last = base
                let sums = gaps.map { gap in
                    last = last &+ gap &+ 1
                    return last
                }
                let order = (0..<count).map { count == 256 ? LaneBlock.index(ofSlot: $0) : $0 }
                let bytes = Self.written(order.map { gaps[$0] }, worth: random.pick([1, 16]))
                let isRead = Self.reading(bytes, count: count) { run in
                    let found = Self.decoded(run) { run.decodeAscending(base: base, into: $0) }
                    #expect(found == order.map { sums[$0] }, "\(count) gaps from \(base)")
                }
                #expect(isRead)
            }
        }
    }

    /// No width, with exceptions or without, makes a run smaller than the chosen one.
    @Test func theSmallestEncodingIsChosen() {
        var random = SplitMix64(seed: 33)
        for shape in Shape.allCases {
            for count in [1, 2, 10, 77, 255, 256] {
                let values = Self.values(count, shape, &random)
                let bodies = (0...32).map { count == 256 ? $0 * 32 : (count * $0 + 7) / 8 }
                let sizes = (0...32).compactMap { width -> Int? in
                    let wide = values.filter { UInt64($0) >> UInt64(width) > 0 }
                    guard wide.count <= 255, wide.allSatisfy({ UInt64($0) >> UInt64(width) < 256 }) else { return nil }
                    return wide.isEmpty ? 1 + bodies[width] : 2 + 2 * wide.count + bodies[width]
                }
                #expect(Self.written(values).count == sizes.min(), "\(count) values, \(shape)")
            }
        }
    }

    @Test func exceptionsAreUsedIfTheySaveEnoughBytes() {
        var values = [UInt32](repeating: 3, count: 256)
        values[100] = 4
        // Width 3 takes 97 bytes, width 2 with one exception 68.
        #expect(Self.written(values, worth: 1).count == 68)
        #expect(Self.written(values, worth: 29).count == 68)
        #expect(Self.written(values, worth: 30).count == 97)
    }

    /// A run that does not end in its section is refused; corrupt bytes decode to some numbers within guarded memory.
    @Test func corruptRunsAreReadWithinTheirBounds() {
        var random = SplitMix64(seed: 34)
        for count in [1, 2, 31, 255, 256] {
            for shape in Shape.allCases {
                let bytes = Self.written(Self.values(count, shape, &random))
                for length in 0..<bytes.count where length < 80 || length % 37 == 0 {
                    #expect(!Self.reading(Array(bytes.prefix(length)), count: count) { _ in })
                }
                for _ in 0..<20 {
                    var corrupt = bytes
                    for _ in 0..<(1 + random.below(4)) {
                        corrupt[random.below(min(corrupt.count, 8))] = UInt8(random.below(256))
                    }
                    _ = Self.reading(corrupt, count: count) { run in
                        _ = Self.decoded(run) { run.decode(plus: 1, into: $0) }
                        _ = Self.decoded(run) { run.decodeAscending(base: 0, into: $0) }
                        for slot in 0..<count { _ = run.value(slot) }
                    }
                }
            }
        }
        for head in UInt8.min...UInt8.max {
            _ = Self.reading([head], count: 256) { run in #expect(run.width == 0) }
        }
    }
}
