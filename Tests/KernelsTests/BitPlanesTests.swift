import Kernels
import TestSupport
import Testing

/// Bit planes against counts of each bit.
@Suite struct BitPlanesTests {
    @Test(arguments: [0, 1, 2, 3, 7, 8, 12, 40], [0, 1, 3, 64])
    func numbersAreThoseOfTheWindows(windows: Int, words: Int) {
        var random = SplitMix64(seed: UInt64(windows * 100 + words))
        let planeCount = Int.bitWidth - windows.leadingZeroBitCount
        var planes = [UInt64](repeating: 0, count: planeCount * words)
        var numbers = [Int](repeating: 0, count: words * 64)
        for _ in 0..<windows {
            let share = 1 + random.below(9)
            var bits = [UInt64](repeating: 0, count: words)
            for slot in numbers.indices where random.below(share) == 0 {
                bits[slot / 64] |= 1 << UInt64(slot % 64)
                numbers[slot] += 1
            }
            planes.withUnsafeMutableBufferPointer { planes in
                guard let planes = planes.baseAddress else { return }
                bits.withUnsafeBufferPointer { addBits($0.baseAddress!, toPlanes: planes, words: words) }
            }
        }
        for slot in numbers.indices {
            let number = (0..<planeCount).reduce(0) { sum, plane in
                sum + Int(planes[plane * words + slot / 64] >> UInt64(slot % 64) & 1) << plane
            }
            #expect(number == numbers[slot])
        }
        let mask = (0..<words).map { _ in random.chance(20) ? 0 : random.next() }
        var counts = [Int](repeating: 1, count: windows + 1)
        var expected = counts
        for (slot, number) in numbers.enumerated() where number > 0 && mask[slot / 64] >> UInt64(slot % 64) & 1 == 1 {
            expected[number] += 1
        }
        guard words > 0, planeCount > 0 else { return }
        countPlanes(planes, planeCount, among: mask, words: words, into: &counts)
        #expect(counts == expected)
        for minimum in 1...windows + 2 {
            var bits = mask
            uniteBits(&bits, withPlanes: planes, planeCount, atLeast: minimum, words: words)
            for (slot, number) in numbers.enumerated() {
                let isSet = bits[slot / 64] >> UInt64(slot % 64) & 1 == 1
                #expect(isSet == (number >= minimum || mask[slot / 64] >> UInt64(slot % 64) & 1 == 1))
            }
        }
    }
}
