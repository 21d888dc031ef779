import Kernels
import TestSupport
import Testing

/// `LaneBlock` against a reference implementation that goes bit by bit, for every width, inside guarded memory.
@Suite struct LaneBlockTests {
    /// The result of an unpacking kernel for packed bytes; nil if it depends on the addresses of input and output.
    private func unpacked(
        _ packed: [UInt8], _ kernel: (UnsafeRawPointer, UnsafeMutablePointer<UInt32>) -> Void
    ) -> [UInt32]? {
        var results: Set<[UInt32]> = []
        for edge in GuardedBytes.Edge.allCases {
            // Kernels accept any alignment, and the bytes around the packed ones must not matter.
            for offset in [0, 1, 2, 7] {
                let padding = [UInt8](repeating: 0xFF, count: offset)
                let source = GuardedBytes(edge == .behind ? packed + padding : padding + packed, edge)
                let out = GuardedBytes(numbers: [UInt32](repeating: 0xDEAD_BEEF, count: 256), edge)
                let numbers = out.numbers(UInt32.self)
                kernel(source.pointer + (edge == .behind ? 0 : offset), numbers.baseAddress!)
                results.insert(Array(numbers))
            }
        }
        return results.count == 1 ? results.first : nil
    }

    @Test func indicesRunDownTheLanes() {
        for index in 0..<256 {
            #expect(LaneBlock.slot(ofIndex: index) == LaneTwin.slot(index))
            #expect(LaneBlock.index(ofSlot: LaneTwin.slot(index)) == index)
        }
        #expect(LaneBlock.count == 256)
        #expect(LaneBlock.rows == 32)
    }

    @Test(arguments: 0...32)
    func packingMatchesTheReference(width: Int) {
        var random = SplitMix64(seed: UInt64(width))
        #expect(LaneBlock.byteCount(width: width) == width * 32)
        for values in LaneTwin.samples(width, &random) {
            for edge in GuardedBytes.Edge.allCases {
                let out = GuardedBytes([UInt8](repeating: 0xA5, count: width * 32), edge)
                LaneBlock.pack(values, width: width, to: out.pointer)
                #expect(out.bytes == LaneTwin.packed(values, width: width))
            }
        }
    }

    @Test(arguments: 0...32)
    func unpackingMatchesTheReferenceAndAdds(width: Int) {
        var random = SplitMix64(seed: UInt64(width + 100))
        for values in LaneTwin.samples(width, &random) {
            let packed = LaneTwin.packed(values, width: width)
            for plus in [0, 1, 77, UInt32.max] {
                let found = unpacked(packed) { LaneBlock.unpack($0, width: width, plus: plus, into: $1) }
                #expect(found == values.map { $0 &+ plus }, "plus \(plus)")
            }
        }
    }

    /// Bases as they occur: none before (-1), some document, one of the last documents. Sums may wrap.
    @Test(arguments: 0...32)
    func gapsAreAddedDownTheLanes(width: Int) {
        var random = SplitMix64(seed: UInt64(width + 200))
        for gaps in LaneTwin.samples(width, &random) {
            let slots = LaneTwin.inSlots(gaps)
            let packed = LaneTwin.packed(slots, width: width)
            for base in [UInt32.max, 0, 123_456, UInt32.max - 300] {
                let sums = LaneTwin.inSlots(LaneTwin.sums(gaps, base: base))
                let found = unpacked(packed) { LaneBlock.unpackAscending($0, width: width, base: base, into: $1) }
                #expect(found == sums, "base \(base)")
                let summed = unpacked([]) { _, out in
                    out.update(from: slots, count: 256)
                    LaneBlock.sumUp(out, base: base)
                }
                #expect(summed == sums, "base \(base)")
            }
        }
    }

    @Test(arguments: 1...32)
    func singleValuesEqualThoseOfTheBlock(width: Int) {
        var random = SplitMix64(seed: UInt64(width + 300))
        for values in LaneTwin.samples(width, &random) {
            let packed = LaneTwin.packed(values, width: width)
            for edge in GuardedBytes.Edge.allCases {
                let source = GuardedBytes(packed, edge)
                let found = (0..<256).map { LaneBlock.value(source.pointer, width: width, slot: $0) }
                #expect(found == values)
            }
        }
    }

    @Test func packedBlocksRoundTrip() {
        var random = SplitMix64(seed: 400)
        for width in 0...32 {
            for values in LaneTwin.samples(width, &random) {
                let packed = GuardedBytes([UInt8](repeating: 0, count: width * 32))
                LaneBlock.pack(values, width: width, to: packed.pointer)
                #expect(unpacked(packed.bytes) { LaneBlock.unpack($0, width: width, plus: 0, into: $1) } == values)
            }
        }
    }

    /// Ascending numbers: consecutive, spread out, in clusters, up to `UInt32.max`.
    private static let ascending: [[UInt32]] = {
        var random = SplitMix64(seed: 500)
        var blocks: [[UInt32]] = [
            Array(0..<256), Array(1000..<1256), (0..<256).map { $0 * 3 + 5 }, (0..<256).map { .max - 255 + $0 },
            (0..<256).map { $0 << 24 | 7 },
        ]
        for spread in [2, 40, 5000, 1 << 23] {
            var last: UInt32 = 0
            blocks.append(
                (0..<256).map { _ in
                    last += 1 + UInt32(random.chance(90) ? random.below(3) : random.below(spread))
                    return last
                })
        }
        return blocks
    }()

    @Test(arguments: ascending)
    func lowerBoundIsTheNumberOfSmallerValues(numbers: [UInt32]) {
        var targets: Set<UInt32> = [0, 1, .max, .max - 1, 1 << 31]
        for number in numbers { targets.formUnion([number, number &- 1, number &+ 1]) }
        for edge in GuardedBytes.Edge.allCases {
            let block = GuardedBytes(numbers: LaneTwin.inSlots(numbers), edge)
            let values = block.numbers(UInt32.self).baseAddress!
            var smallerCount = 0
            var mismatches = 0
            for target in targets.sorted() {
                while smallerCount < 256, numbers[smallerCount] < target { smallerCount += 1 }
                if LaneBlock.lowerBound(of: target, in: values) != smallerCount { mismatches += 1 }
            }
            #expect(mismatches == 0)
        }
    }
}
