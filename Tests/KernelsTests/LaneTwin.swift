import OracleSupport

/// A block of 256 values by the letter of its description, bit after bit. (Plain loops: tests are not optimised.)
enum LaneTwin {
    /// Where the value of a rank stands: lane l holds the ranks 32l ..< 32l + 32, row after row.
    static func slot(_ rank: Int) -> Int { rank % 32 * 8 + rank / 32 }

    /// Values given by rank, in the order of slots.
    static func inSlots(_ byRank: [UInt32]) -> [UInt32] {
        var slots = [UInt32](repeating: 0, count: 256)
        for rank in 0..<256 { slots[slot(rank)] = byRank[rank] }
        return slots
    }

    /// The packed bytes: each lane's 32 values one behind the other in words of 32 bits, word k of lane l at 32k + 4l.
    static func packed(_ slots: [UInt32], width: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: width * 32)
        bytes.withUnsafeMutableBufferPointer { bytes in
            for lane in 0..<8 {
                for row in 0..<32 {
                    let value = slots[row * 8 + lane]
                    for bit in 0..<width where value >> UInt32(bit) & 1 == 1 {
                        let place = row * width + bit
                        let word = place / 32
                        let inWord = place % 32
                        bytes[word * 32 + lane * 4 + inWord / 8] |= 1 << UInt8(inWord % 8)
                    }
                }
            }
        }
        return bytes
    }

    /// The numbers that gaps, each less one, lead to from `base`; all by rank.
    static func sums(_ gaps: [UInt32], base: UInt32) -> [UInt32] {
        var last = base
        return gaps.map { gap in
            last = last &+ gap &+ 1
            return last
        }
    }

    /// The greatest value of a width.
    static func greatest(_ width: Int) -> UInt32 { width == 0 ? 0 : UInt32.max >> UInt32(32 - width) }

    /// Blocks of values below 2^`width`: random ones, the least, the greatest, both by turns, one alone, small ones.
    static func samples(_ width: Int, _ random: inout SplitMix64) -> [[UInt32]] {
        let most = greatest(width)
        let any = (0..<256).map { _ in UInt32(truncatingIfNeeded: random.next()) & most }
        var alone = [UInt32](repeating: 0, count: 256)
        alone[random.below(256)] = most
        return [
            any, [UInt32](repeating: 0, count: 256), [UInt32](repeating: most, count: 256),
            (0..<256).map { $0 % 2 == 0 ? most : 0 }, (0..<256).map { $0 / 32 % 2 == 0 ? 0 : most }, alone,
            any.map { $0 & 3 },
        ]
    }
}
