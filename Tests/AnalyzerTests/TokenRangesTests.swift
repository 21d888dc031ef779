import Analyzer
import TestSupport
import Testing

/// The ranges of tokens in the original text, determined by hand.
@Suite struct TokenRangesTests {
    /// The parts of the original text that the tokens stand for.
    private func pieces(_ text: String, _ analyzer: TextAnalyzer = .standard) -> [String] {
        let bytes = Array(text.utf8)
        let found = Analysis(bytes, analyzer)
        #expect(found.faults == [])
        return found.tokens.map { String(decoding: bytes[$0.source], as: UTF8.self) }
    }

    /// Compares bytes: strings are compared by canonical equivalence, which would hide a wrong range.
    private func expectPieces(_ text: String, _ expected: [String], at location: SourceLocation = #_sourceLocation) {
        let found = pieces(text).map { Array($0.utf8) }
        #expect(found == expected.map { Array($0.utf8) }, sourceLocation: location)
    }

    @Test func wordsAfterChangesOfLength() {
        expectPieces("Straße am Fluß. Ende", ["Straße", "am", "Fluß", "Ende"])
        expectPieces("Cafe\u{301} au lait", ["Cafe\u{301}", "au", "lait"])
        expectPieces("\u{FDFA} Ende", ["\u{FDFA}", "\u{FDFA}", "\u{FDFA}", "\u{FDFA}", "Ende"])
        expectPieces("①②, ½ kg", ["①②", "½", "½", "kg"])
        expectPieces("GROSSE ÄPFEL", ["GROSSE", "ÄPFEL"])
    }

    @Test func ignorableCharactersBelongToTheirWord() {
        expectPieces("a soft\u{AD}hyphen z", ["a", "soft\u{AD}hyphen", "z"])
        expectPieces("中\u{200D}文 z", ["中\u{200D}文", "z"])
    }

    @Test func bigramsCoverTheirTwoCharacters() {
        expectPieces("Python 數據庫!", ["Python", "數據", "據庫"])
        expectPieces("한국어", ["한국", "국어"])
        expectPieces("中文，標點", ["中文", "標點"])
    }

    @Test func peersRangesAreBytes() {
        #expect(pieces("Ab 數據庫 Café", .peers) == ["Ab", "數據", "據庫", "Caf"])
    }

    /// A half-width kana with its voicing mark is one character of the folded text.
    @Test func aReplacedRangeIsIncludedAsAWhole() {
        expectPieces("x ｶﾞ y", ["x", "ｶﾞ", "y"])
        expectPieces("x \u{1112}\u{1161}\u{11AB} y", ["x", "\u{1112}\u{1161}\u{11AB}", "y"])
    }

    @Test func textNextToAReplacedRangeIsExcluded() {
        expectPieces("中文ＡＢ漢字", ["中文", "ＡＢ", "漢字"])
        expectPieces("「Ｘ」y", ["Ｘ", "y"])
    }

    /// Each character is folded by itself, so that adjacent folded characters are not part of the range of a token.
    @Test func adjacentFoldedCharactersAreExcluded() {
        expectPieces("ＡＢＣ　ＤＥＦ", ["ＡＢＣ", "ＤＥＦ"])
        expectPieces("ﾄｳｷｮｳ", ["ﾄｳ", "ｳｷ", "ｷｮ", "ｮｳ"])
        expectPieces("①，②", ["①", "②"])
    }
}

/// Words longer than a term, and texts longer than the initial capacity of a buffer.
@Suite struct LongTextTests {
    @Test(arguments: [254, 255, 256, 509, 510, 511, 1020, 5000])
    func longWordsAreCutIntoPieces(length: Int) {
        let bytes = (0..<length).map { UInt8(0x61 + $0 % 26) }
        for analyzer in [TextAnalyzer.standard, .peers] {
            let found = Analysis(bytes, analyzer)
            #expect(found.faults == [])
            let isWhole = found.tokens.flatMap(\.term) == bytes
            #expect(isWhole)
            #expect(found.tokens.dropLast().allSatisfy { $0.term.count == 255 })
            #expect(found.tokens.count == (length + 254) / 255)
            #expect(found.positions == Array(0..<found.tokens.count))
            #expect(found.endPosition == found.tokens.count)
        }
    }

    @Test(arguments: ["ø", "ж", "𝼀", "𞤢"], [0, 1, 2, 3])
    func longWordsAreCutBetweenCharacters(character: String, lead: Int) {
        let text = String(repeating: "a", count: lead) + String(repeating: character, count: 300)
        let found = Analysis(text)
        #expect(found.faults == [])
        let isWhole = found.tokens.flatMap(\.term) == Array(text.utf8)
        #expect(isWhole)
        let size = character.utf8.count
        #expect(found.tokens.dropLast().allSatisfy { $0.term.count > 255 - size })
        #expect(found.tokens.count >= 2)
    }

    /// The pieces of a long word that folding has replaced keep their ranges.
    @Test func aLongFoldedWord() {
        let found = Analysis("bb" + String(repeating: "Ａ", count: 600) + " z")
        #expect(found.faults == [])
        #expect(found.tokens.map(\.term.count) == [255, 255, 92, 1])
        #expect(found.tokens.last?.source == 1803..<1804)
    }

    @Test func aLongRunOfIdeographs() {
        let text = String(repeating: "數據庫系統", count: 5000)
        for analyzer in [TextAnalyzer.standard, .peers] {
            let found = Analysis(text, analyzer)
            #expect(found.faults == [])
            #expect(found.tokens.count == 24_999)
            let isConsecutive = found.positions == Array(0..<24_999)
            #expect(isConsecutive)
            #expect(found.endPosition == (analyzer == .standard ? 25_000 : 24_999))
            let isExact = found.tokens.enumerated().allSatisfy { $1.source == 3 * $0..<3 * $0 + 6 }
            #expect(isExact)
        }
    }

    /// Folding may multiply the number of bytes (by eleven for U+FDFA) and of edits.
    @Test func textThatGrowsWhenFolded() {
        let found = Analysis(String(repeating: "\u{FDFA} Ａb ", count: 2000))
        #expect(found.faults == [])
        #expect(found.tokens.count == 2000 * 5)
        #expect(found.tokens[4].text == "ab")
        #expect(found.tokens.last?.source == 2000 * 9 - 5..<2000 * 9 - 1)
    }

    @Test func nothingAfterTheTextIsRead() {
        var random = RandomText(seed: 21)
        for round in 0..<300 {
            let bytes = round % 2 == 0 ? random.nextASCII(atMost: 40) : random.next(atMost: 20)
            let guarded = GuardedBytes(bytes)
            for analyzer in TextAnalyzer.all {
                var buffer = TokenBuffer()
                analyzer.analyze(UnsafeBufferPointer(start: guarded.pointer, count: guarded.count), into: &buffer)
                let count = buffer.count
                #expect(count == Analysis(bytes, analyzer).tokens.count)
            }
        }
        var buffer = TokenBuffer()
        TextAnalyzer.standard.analyze("something", into: &buffer)
        TextAnalyzer.standard.analyze(UnsafeBufferPointer(start: nil, count: 0), into: &buffer)
        let (count, end) = (buffer.count, buffer.endPosition)
        #expect(count == 0)
        #expect(end == 0)
    }
}
