import Kernels
import TestSupport
import Testing

@Suite struct CRC32CTests {
    /// A reference implementation: the checksum bit by bit, from the reflected Castagnoli polynomial.
    private func twin(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var crc: UInt32 = ~0
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
        }
        return ~crc
    }

    /// The test vectors of RFC 3720, appendix B.4, and the usual check value.
    private static let vectors: [([UInt8], UInt32)] = [
        ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
        (Array(0...31), 0x46DD_794E),
        (Array((0...31).reversed()), 0x113F_DB5C),
        (Array("123456789".utf8), 0xE306_9283),
        ([], 0),
    ]

    @Test(arguments: vectors)
    func knownVectors(bytes: [UInt8], expected: UInt32) {
        #expect(bytes.withUnsafeBytes { CRC32C.checksum($0) } == expected)
    }

    @Test func matchesTheReferenceForEveryLengthAndAlignment() {
        var random = SplitMix64(seed: 3)
        let guarded = GuardedBytes(random.bytes(96))
        for start in 0..<16 {
            for end in start...96 {
                let piece = UnsafeRawBufferPointer(rebasing: guarded.raw[start..<end])
                #expect(CRC32C.checksum(piece) == twin(piece), "\(start)..<\(end)")
            }
        }
    }

    @Test func doesNotDependOnThePieces() {
        var random = SplitMix64(seed: 4)
        let bytes = random.bytes(4096)
        let whole = twin(bytes)
        for _ in 0..<200 {
            var crc = CRC32C()
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + Int(random.next() % 70))
                bytes[start..<end].withUnsafeBytes { crc.update($0) }
                start = end
            }
            #expect(crc.value == whole)
        }
    }

    @Test func readingTheValueDoesNotChangeTheState() {
        let text = Array("123456789".utf8)
        var crc = CRC32C()
        #expect(crc.value == 0)
        text.prefix(4).withUnsafeBytes { crc.update($0) }
        #expect(crc.value == twin(text.prefix(4)))
        crc.update(UnsafeRawBufferPointer(start: nil, count: 0))
        text.dropFirst(4).withUnsafeBytes { crc.update($0) }
        #expect(crc.value == 0xE306_9283)
    }

    @Test func everySingleBitFlipChangesTheChecksum() {
        var bytes = Array("The quick brown fox jumps over the lazy dog".utf8)
        let whole = bytes.withUnsafeBytes { CRC32C.checksum($0) }
        for bit in 0..<bytes.count * 8 {
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(bytes.withUnsafeBytes { CRC32C.checksum($0) } != whole)
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        }
    }
}
