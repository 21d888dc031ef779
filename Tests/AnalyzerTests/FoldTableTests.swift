import TestSupport
import Testing

@testable import Analyzer

/// Folding with the table against folding with ICU alone.
@Suite struct FoldTableTests {
    /// The folded form of a text, and the term and range of each of its tokens.
    private static func tokens(
        _ bytes: [UInt8], _ fold: (inout TokenBuffer, UnsafeBufferPointer<UInt8>) -> Void
    ) -> (text: [UInt8], tokens: [String]) {
        var buffer = TokenBuffer()
        buffer.reset()
        bytes.withUnsafeBufferPointer { fold(&buffer, $0) }
        let text = Array(buffer.text.elements)
        Segmenter(classes: .shared, isFine: true).segment(&buffer)
        return (
            text,
            (0..<buffer.count).map {
                "\(String(decoding: buffer.term($0), as: UTF8.self)) \(buffer.sourceRange(of: $0))"
            }
        )
    }

    private static func foldByICU(_ buffer: inout TokenBuffer, _ bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress else { return }
        buffer.foldByICU(start, from: 0, to: bytes.count)
        buffer.textLength = buffer.text.count
        buffer.text.reserve(8)
        (buffer.text.base + buffer.text.count).update(repeating: 0, count: 8)
    }

    private static func hasSigns(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in bytes.baseAddress.map { nextSign($0, from: 0, bytes.count) != nil } }
            ?? false
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>) func randomTextsFoldAsWithICU(_ seed: UInt64) {
        var text = RandomText(seed: seed)
        var compared = 0
        for _ in 0..<4000 {
            let bytes = text.next(atMost: 30)
            if bytes.isEmpty || Self.hasSigns(bytes) { continue }
            let fast = Self.tokens(bytes) { $0.fold($1, .compatibilityCaseFold) }
            let slow = Self.tokens(bytes, Self.foldByICU)
            let described = String(decoding: bytes, as: UTF8.self).unicodeScalars.map { $0.escaped(asASCII: true) }
            #expect(fast.text == slow.text, "\(described.joined())")
            #expect(fast.tokens == slow.tokens, "\(described.joined())")
            compared += 1
        }
        #expect(compared > 2000)
    }

    /// Every character of the basic plane: alone, between letters, before a combining mark, twice, and between kana and
    /// a voicing mark.
    @Test func everyCharacterFoldsAsWithICU() {
        for value in UInt32(0x80)..<0x10000 {
            guard let scalar = Unicode.Scalar(value) else { continue }
            for text in ["\(scalar)", "a\(scalar)b", "\(scalar)\u{301}", "\(scalar)\(scalar)", "か\(scalar)\u{3099}"] {
                let bytes = Array(text.utf8)
                if Self.hasSigns(bytes) { continue }
                let fast = Self.tokens(bytes) { $0.fold($1, .compatibilityCaseFold) }
                let slow = Self.tokens(bytes, Self.foldByICU)
                if fast != slow { Issue.record("U+\(String(value, radix: 16)) in \(text): \(fast), by ICU \(slow)") }
            }
        }
    }
}
