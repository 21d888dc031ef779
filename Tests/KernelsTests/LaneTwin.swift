import TestSupport

/// A reference implementation of `LaneBlock`, literally after its description and bit by bit. (Plain loops, because
/// tests are not optimized.)
enum LaneTwin {
    /// The slot of the value at an index: lane l holds the indices 32l ..< 32l + 32, row after row.
    static func slot(_ index: Int) -> Int { index % 32 * 8 + index / 32 }

    /// Rearranges values from the order of indices to the order of slots.
    static func inSlots(_ values: [UInt32]) -> [UInt32] {
        var slots = [UInt32](repeating: 0, count: 256)
        for index in 0..<256 { slots[slot(index)] = values[index] }
        return slots
    }

    /// The packed bytes: the 32 values of each lane back to back in words of 32 bits, word k of lane l at 32k + 4l.
    static func packed(_ slots: [UInt32], width: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: width * 32)
        bytes.withUnsafeMutableBufferPointer { bytes in
            for lane in 0..<8 {
                for row in 0..<32 {
                    let value = slots[row * 8 + lane]
                    for bit in 0..<width where value >> UInt32(bit) & 1 == 1 {
                        let laneBit = row * width + bit
                        let word = laneBit / 32
                        let bitInWord = laneBit % 32
                        bytes[word * 32 + lane * 4 + bitInWord / 8] |= 1 << UInt8(bitInWord % 8)
                    }
                }
            }
        }
        return bytes
    }

    /// The ascending numbers that gaps, each minus one, separate from `base` on; both in the order of indices.
    static func sums(_ gaps: [UInt32], base: UInt32) -> [UInt32] {
        var last = base
        return gaps.map { gap in
            last = last &+ gap &+ 1
            return last
        }
    }

    /// The maximum value of a width.
    static func maximum(_ width: Int) -> UInt32 { width == 0 ? 0 : UInt32.max >> UInt32(32 - width) }

    /// Blocks of values below 2^`width`: random ones, the minimum, the maximum, both alternating, a single nonzero one,
    /// small ones.
    static func samples(_ width: Int, _ random: inout SplitMix64) -> [[UInt32]] {
        let maximum = maximum(width)
        let noise = (0..<256).map { _ in UInt32(truncatingIfNeeded: random.next()) & maximum }
        var single = [UInt32](repeating: 0, count: 256)
        single[random.below(256)] = maximum
        return [
            noise, [UInt32](repeating: 0, count: 256), [UInt32](repeating: maximum, count: 256),
            (0..<256).map { $0 % 2 == 0 ? maximum : 0 }, (0..<256).map { $0 / 32 % 2 == 0 ? 0 : maximum }, single,
            noise.map { $0 & 3 },
        ]
    }
}
