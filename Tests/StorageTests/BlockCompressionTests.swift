import Kernels
import Storage
import TestSupport
import Testing

@Suite struct BlockCompressionTests {
    private static let canary: UInt8 = 0x5A

    private func compress(_ raw: [UInt8], after lead: [UInt8] = []) -> [UInt8] {
        var out = GrowableBuffer<UInt8>(capacity: 1)
        for byte in lead { out.append(byte) }
        let n = raw.withUnsafeBytes { compressBlock($0, to: &out) }
        let bytes = Array(out.elements)
        #expect(bytes.count == lead.count + n)
        #expect(bytes.starts(with: lead))
        return Array(bytes.dropFirst(lead.count))
    }

    /// The decompressed bytes, or nil for a corrupt block; checks that nothing is written after them.
    private func decompress(_ block: [UInt8], rawCount: Int) -> [UInt8]? {
        var out = [UInt8](repeating: Self.canary, count: rawCount + 32)
        let isValid = block.withUnsafeBytes { block in
            out.withUnsafeMutableBytes { decompressBlock(block, into: $0.baseAddress!, rawCount: rawCount) }
        }
        #expect(out.suffix(32).allSatisfy { $0 == Self.canary }, "wrote beyond the block")
        return isValid ? Array(out.prefix(rawCount)) : nil
    }

    /// Random, repetitive and mixed bytes.
    private func samples(_ size: Int) -> [[UInt8]] {
        var random = SplitMix64(seed: UInt64(size))
        let text = (0..<size).map { UInt8(truncatingIfNeeded: $0 * $0 % 31 + 60) }
        let mixed = (0..<size).map { $0 % 100 < 70 ? UInt8(32) : UInt8(truncatingIfNeeded: random.next()) }
        return [random.bytes(size), [UInt8](repeating: 7, count: size), text, mixed]
    }

    @Test(arguments: [0, 1, 2, 11, 12, 13, 64, 1000, 16_384, 70_000])
    func roundTrip(size: Int) {
        for raw in samples(size) {
            let block = compress(raw, after: [1, 2, 3])
            let isWhole = areSame(decompress(block, rawCount: size), raw)
            #expect(isWhole)
        }
    }

    @Test(arguments: [13, 64, 1000, 16_384, 70_000])
    func theBeginningAlone(size: Int) {
        for raw in samples(size) {
            let block = compress(raw)
            for count in [0, 1, size / 3, size - 1, size] {
                var out = [UInt8](repeating: Self.canary, count: size + 32)
                let isValid = block.withUnsafeBytes { block in
                    out.withUnsafeMutableBytes {
                        decompressBlock(block, into: $0.baseAddress!, rawCount: size, first: count)
                    }
                }
                #expect(isValid)
                let isSame = areSame(Array(out.prefix(count)), Array(raw.prefix(count)))
                #expect(isSame, "the first \(count) of \(size) bytes")
                #expect(out.suffix(32).allSatisfy { $0 == Self.canary }, "wrote beyond the block")
            }
            let cut = Array(block.prefix(block.count / 2))
            let isWhole = cut.withUnsafeBytes { block in
                var out = [UInt8](repeating: 0, count: size)
                return out.withUnsafeMutableBytes {
                    decompressBlock(block, into: $0.baseAddress!, rawCount: size, first: size - 1)
                }
            }
            #expect(!isWhole)
        }
    }

    @Test func repetitionsShrinkAndNoiseGrowsLittle() {
        let samples = samples(16_384)
        #expect(compress(samples[0]).count <= 16_384 + 16_384 / 255 + 16)
        #expect(compress(samples[1]).count < 100)
    }

    @Test func blocksBackToBack() {
        var out = GrowableBuffer<UInt8>(capacity: 1)
        var ends = [0]
        let pieces = samples(500) + samples(3000)
        for piece in pieces {
            _ = piece.withUnsafeBytes { compressBlock($0, to: &out) }
            ends.append(out.count)
        }
        let bytes = Array(out.elements)
        for (i, piece) in pieces.enumerated() {
            let isWhole = areSame(decompress(Array(bytes[ends[i]..<ends[i + 1]]), rawCount: piece.count), piece)
            #expect(isWhole, "block \(i)")
        }
    }

    @Test func aWrongLengthIsRejected() {
        for raw in samples(1000) {
            let block = compress(raw)
            for wrong in [0, 1, 500, 999, 1001, 1016, 5000] {
                let isRejected = decompress(block, rawCount: wrong) == nil
                #expect(isRejected, "\(wrong) bytes")
            }
        }
        #expect(decompress([], rawCount: 0) == nil)
        #expect(decompress([], rawCount: 10) == nil)
    }

    @Test func everyTruncationIsRejected() {
        for raw in samples(300) {
            let block = compress(raw)
            for length in 0..<block.count {
                #expect(decompress(Array(block.prefix(length)), rawCount: 300) == nil, "cut at \(length)")
            }
        }
    }

    /// LZ4 has no checksum, so that corrupt bytes may decode to other bytes, but never outside the buffers.
    @Test func corruptBlocksNeverLeaveTheBuffers() {
        var random = SplitMix64(seed: 99)
        let blocks = samples(300).map { compress($0) }
        var rejectedCount = 0
        for round in 0..<4000 {
            var block = round % 2 == 0 ? blocks[round / 2 % 4] : random.bytes(Int(random.next() % 64))
            if round % 2 == 0 {
                for _ in 0...random.next() % 3 {
                    block[Int(random.next() % UInt64(block.count))] = UInt8(truncatingIfNeeded: random.next())
                }
            }
            if decompress(block, rawCount: 300) == nil { rejectedCount += 1 }
        }
        #expect(rejectedCount > 1000)
    }
}
