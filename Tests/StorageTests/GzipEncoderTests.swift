import TestSupport
import Testing

@testable import Storage

/// Compression, taken back by the decoder, which is tested with the work of others.
@Suite struct GzipEncoderTests {
    private func compressed(_ input: [UInt8], room: Int) -> [UInt8]? {
        var output = [UInt8](repeating: 0, count: room)
        let count = output.withUnsafeMutableBytes { output in
            input.withUnsafeBytes { GzipEncoder.compress($0, into: output) }
        }
        return count.map { Array(output[..<$0]) }
    }

    private func decompressed(_ input: [UInt8], room: Int) throws -> [UInt8] {
        let decoder = try GzipDecoder()
        var output = [UInt8](repeating: 0, count: room + 1)
        var total = 0
        try output.withUnsafeMutableBytes { output in
            try input.withUnsafeBytes { input in
                let step = try decoder.decode(input, into: output)
                #expect(step.consumed == input.count)
                total = step.produced
            }
        }
        #expect(!decoder.isInsideMember)
        return Array(output[..<total])
    }

    @Test func whatIsCompressedIsTakenBack() throws {
        var random = SplitMix64(seed: 7)
        for count in [0, 1, 2, 100, 1000, 8191, 8192, 8193, 20_000, 100_000] {
            for isRandom in [false, true] {
                let bytes = random.bytes(count).map { isRandom ? $0 : $0 & 3 }
                let packed = try #require(compressed(bytes, room: count + 1000))
                if !isRandom, count >= 1000 { #expect(packed.count < count * 2 / 3) }
                #expect(try decompressed(packed, room: count) == bytes)
            }
        }
    }

    @Test func whatDoesNotFitIsRefused() {
        var random = SplitMix64(seed: 8)
        let bytes = random.bytes(5000)
        #expect(compressed(bytes, room: 5000) == nil)
        #expect(compressed(bytes, room: 0) == nil)
        #expect(compressed([UInt8](repeating: 7, count: 5000), room: 100) != nil)
    }
}
