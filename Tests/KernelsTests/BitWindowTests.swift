import Kernels
import OracleSupport
import Testing

/// Window operations against sets of numbers.
@Suite struct BitWindowTests {
    /// A window and the set it stands for.
    private final class Window {
        let bits = UnsafeMutablePointer<UInt64>.allocate(capacity: windowWords)

        init(_ slots: Set<Int>) {
            bits.initialize(repeating: 0, count: windowWords)
            for slot in slots { setBit(bits, slot) }
        }

        deinit { bits.deallocate() }

        /// The set bits, word by word from the definition.
        var slots: Set<Int> {
            Set((0..<windowSize).filter { bits[$0 / 64] & (UInt64(1) << UInt64($0 % 64)) != 0 })
        }
    }

    /// Sets from empty to full, with the edges of words.
    private static let samples: [Set<Int>] = {
        var random = SplitMix64(seed: 9)
        var sets: [Set<Int>] = [
            [], [0], [4095], [63, 64], [0, 63, 64, 127, 128, 4031, 4032, 4095], Set(0..<windowSize), Set(64..<128),
        ]
        for share in [2, 10, 100, 1000] as [UInt64] {
            sets.append(Set((0..<windowSize).filter { _ in random.next() % share == 0 }))
        }
        return sets
    }()

    @Test func sizesAgree() {
        #expect(windowSize == 4096)
        #expect(windowWords * 64 == windowSize)
    }

    @Test func everyBitIsSetAlone() {
        for slot in 0..<windowSize {
            let window = Window([])
            setBit(window.bits, slot)
            #expect(countWindow(window.bits) == 1)
            #expect(window.bits[slot / 64] == UInt64(1) << UInt64(slot % 64))
        }
    }

    @Test(arguments: samples)
    func oneWindow(set: Set<Int>) {
        let window = Window(set)
        #expect(countWindow(window.bits) == set.count)
        #expect((0..<windowSize).filter { hasBit(window.bits, $0) } == set.sorted())
        var seen: [Int] = []
        forEachBit(window.bits) { seen.append($0) }
        #expect(seen == set.sorted())
        #expect(window.slots == set, "reading must not change the window")
        for slot in set { setBit(window.bits, slot) }
        #expect(window.slots == set, "setting a set bit changes nothing")
        clearWindow(window.bits)
        #expect(window.slots.isEmpty && countWindow(window.bits) == 0)
    }

    @Test(arguments: samples, samples)
    func twoWindows(a: Set<Int>, b: Set<Int>) {
        let other = Window(b)

        let intersection = Window(a)
        let any = intersectWindow(intersection.bits, other.bits)
        #expect(intersection.slots == a.intersection(b))
        #expect(any == !a.isDisjoint(with: b))

        let union = Window(a)
        uniteWindow(union.bits, other.bits)
        #expect(union.slots == a.union(b))

        let difference = Window(a)
        subtractWindow(difference.bits, other.bits)
        #expect(difference.slots == a.subtracting(b))

        #expect(other.slots == b, "the second window is only read")
    }
}
