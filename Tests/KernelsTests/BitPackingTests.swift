import Kernels
import TestSupport
import Testing

/// Packing against a reference implementation that sets bit after bit.
@Suite struct BitPackingTests {
    /// The value of the bytes after the room that packing may use.
    private static let canary: UInt8 = 0xA5

    /// The packed bytes of `values`, written bit by bit. (Plain loops, because tests are not optimized.)
    private func twin(_ values: [UInt64], width: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: (values.count * width + 7) / 8)
        bytes.withUnsafeMutableBufferPointer { out in
            guard let p = out.baseAddress else { return }
            var bit = 0
            for value in values {
                var remaining = value
                let end = bit + width
                while bit < end {
                    p[bit >> 3] |= UInt8(truncatingIfNeeded: remaining & 1) &<< UInt8(truncatingIfNeeded: bit & 7)
                    remaining >>= 1
                    bit += 1
                }
            }
        }
        return bytes
    }

    private func twin(_ values: ArraySlice<UInt32>, width: Int) -> [UInt8] {
        twin(values.map(UInt64.init), width: width)
    }

    /// Random values below 2^`width`, including the minimum and the maximum.
    private func values32(_ count: Int, width: Int, seed: UInt64) -> [UInt32] {
        var random = SplitMix64(seed: seed)
        let maximum = width == 32 ? UInt32.max : UInt32(1) << UInt32(width) - 1
        var values = (0..<count).map { _ in UInt32(truncatingIfNeeded: random.next()) & maximum }
        for i in stride(from: 1, to: count, by: 7) { values[i] = i & 1 == 0 ? 0 : maximum }
        return values
    }

    private func values64(_ count: Int, width: Int, seed: UInt64) -> [UInt64] {
        var random = SplitMix64(seed: seed)
        let maximum = width == 64 ? UInt64.max : UInt64(1) << UInt64(width) - 1
        var values = (0..<count).map { _ in random.next() & maximum }
        if count > 2 { (values[count / 2], values[count - 1]) = (0, maximum) }
        return values
    }

    @Test(arguments: 0...32)
    func packingMatchesTheReferenceForEveryCount(width: Int) {
        let allValues = values32(300, width: width, seed: UInt64(width))
        for count in 0...300 {
            let values = allValues.prefix(count)
            let expected = twin(values, width: width)
            var packed = [UInt8](repeating: Self.canary, count: expected.count + 8 + 16)
            let written = values.withUnsafeBufferPointer { source in
                packed.withUnsafeMutableBufferPointer { out in
                    withUnsafePointer(to: UInt32(0)) { none in
                        pack32(source.baseAddress ?? none, count: count, width: width, to: out.baseAddress!)
                    }
                }
            }
            #expect(written == packedByteCount(count, width: width))
            #expect(Array(packed.prefix(written)) == expected, "count \(count)")
            #expect(packed.suffix(16).allSatisfy { $0 == Self.canary }, "wrote beyond its room, count \(count)")
        }
    }

    @Test(arguments: 0...32)
    func unpackingMatchesTheReferenceForEveryCount(width: Int) {
        let allValues = values32(300, width: width, seed: UInt64(width + 100))
        for count in 0...300 {
            let expected = allValues.prefix(count)
            // The bytes after the packed ones must not matter.
            let bytes = GuardedBytes(twin(expected, width: width) + [UInt8](repeating: 0xFF, count: 8))
            var unpacked = [UInt32](repeating: 0xDEAD_BEEF, count: count + 4)
            unpacked.withUnsafeMutableBufferPointer { out in
                unpack32(bytes.pointer, count: count, width: width, into: out.baseAddress!)
            }
            #expect(unpacked.prefix(count) == expected, "count \(count)")
            #expect(unpacked.suffix(4).allSatisfy { $0 == 0xDEAD_BEEF }, "wrote too many values, count \(count)")

            var sums = [UInt32](repeating: 0xDEAD_BEEF, count: count + 4)
            sums.withUnsafeMutableBufferPointer { out in
                unpackAscending32(
                    bytes.pointer, count: count, width: width, base: 0xFFFF_FFFF, into: out.baseAddress!)
            }
            var last: UInt32 = 0xFFFF_FFFF
            let ascending = expected.map { gap in
                last = last &+ gap &+ 1
                return last
            }
            #expect(sums.prefix(count) == ascending[...], "count \(count)")
            #expect(sums.suffix(4).allSatisfy { $0 == 0xDEAD_BEEF }, "added too many values, count \(count)")
        }
    }

    @Test(arguments: Array(0...56) + [64])
    func wideValuesRoundTripWithRandomAccess(width: Int) {
        for count in [0, 1, 2, 3, 7, 8, 9, 63, 64, 65, 127, 128, 129, 300] {
            let values = values64(count, width: width, seed: UInt64(width * 31 + count))
            var out = GrowableBuffer<UInt8>(capacity: 1)
            out.append(contentsOf: [1, 2, 3])
            values.withUnsafeBufferPointer { source in
                withUnsafePointer(to: UInt64(0)) { none in
                    pack64(source.baseAddress ?? none, count: count, width: width, to: &out)
                }
            }
            let bytes = Array(out.elements)
            #expect(bytes == [1, 2, 3] + twin(values, width: width), "count \(count)")

            let guarded = GuardedBytes(Array(bytes.dropFirst(3)) + [UInt8](repeating: 0xFF, count: 8))
            var order = Array(0..<count)
            var random = SplitMix64(seed: 5)
            order.shuffle(using: &random)
            for i in order { #expect(unpack64(guarded.pointer, index: i, width: width) == values[i]) }
        }
    }

    @Test func widthIsTheSmallestThatHoldsTheValue() {
        #expect(bitWidth(of: 0) == 0)
        for bits in 1...64 {
            let minimum = UInt64(1) << UInt64(bits - 1)
            #expect(bitWidth(of: minimum) == bits)
            #expect(bitWidth(of: minimum | (minimum - 1)) == bits)
        }
    }

    @Test func widthsThatCouldSpanNineBytesBecomeSixtyFour() {
        #expect(packedWidth64(for: 0) == 0)
        for bits in 1...64 {
            let maximum = UInt64.max >> UInt64(64 - bits)
            #expect(packedWidth64(for: maximum) == (bits <= 56 ? bits : 64))
        }
    }

    @Test func packedBytesAreRoundedUp() {
        for width in 0...64 {
            for count in 0...100 {
                let bits = width * count
                #expect(packedByteCount(count, width: width) == bits / 8 + (bits % 8 == 0 ? 0 : 1))
            }
        }
    }
}

extension GrowableBuffer where Element == UInt8 {
    /// Appends an array's bytes.
    mutating func append(contentsOf bytes: [UInt8]) {
        bytes.withUnsafeBytes { append(contentsOf: $0) }
    }
}
