import TestSupport
import Testing

@testable import Segments

@Suite struct LengthCodeTests {
    /// Values of Lucene's `SmallFloat.byte4ToInt`, by norm code.
    @Test func decodesLikeLucene() {
        let lengths = [
            0: 0, 1: 1, 23: 23, 24: 24, 39: 39, 40: 40, 41: 42, 42: 44, 47: 54, 48: 56, 49: 60, 56: 88, 64: 152,
            72: 280,
            80: 536, 96: 2072, 255: 2_013_265_944,
        ]
        for (code, length) in lengths { #expect(LengthCode.decode(UInt8(code)) == length, "code \(code)") }
    }

    @Test func lengthsUpToFortyAreExactAndCodesAscend() {
        for length in 0...40 { #expect(LengthCode.decode(LengthCode.encode(length)) == length) }
        #expect(LengthCode.encode(41) == LengthCode.encode(40))
        for code in 1...255 { #expect(LengthCode.decode(UInt8(code)) > LengthCode.decode(UInt8(code - 1))) }
        for code in 0...255 { #expect(LengthCode.encode(LengthCode.decode(UInt8(code))) == UInt8(code)) }
    }

    @Test func lengthsAreRoundedDownByLessThanAnEighth() {
        var random = SplitMix64(seed: 1)
        for length in (0..<20_000).map({ $0 }) + (0..<2000).map({ _ in random.below(Int(Int32.max)) }) + [
            Int(Int32.max)
        ] {
            let code = LengthCode.encode(length)
            let low = LengthCode.decode(code)
            #expect(low <= length)
            #expect(code == 255 || LengthCode.decode(code + 1) > length)
            #expect(Double(length - low) <= Double(length) / 8)
        }
    }

    @Test func negativeLengthsHaveTheCodeOfZero() { #expect(LengthCode.encode(-1) == 0) }
}
