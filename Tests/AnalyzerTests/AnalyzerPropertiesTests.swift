import Analyzer
import OracleSupport
import Testing

/// What holds for every text.
@Suite struct AnalyzerPropertiesTests {
    /// The ideographic full stop: it separates, and it takes the whole text off the path of ASCII.
    private static let stop = Array("。".utf8)

    @Test func asciiPathEqualsThatOfAllTexts() {
        var text = RandomText(seed: 1)
        for _ in 0..<3000 {
            let ascii = text.nextASCII(atMost: 60)
            let fast = Analysis(ascii)
            let slow = Analysis(ascii + Self.stop)
            #expect(fast.tokens == slow.tokens && fast.endPosition == slow.endPosition, "\(ascii)")
            var shifted = Analysis(Self.stop + ascii).tokens
            for i in shifted.indices {
                let range = shifted[i].source
                shifted[i].source = range.lowerBound - 3..<range.upperBound - 3
            }
            #expect(fast.tokens == shifted, "\(ascii)")
            #expect(fast.faults + slow.faults == [])
        }
    }

    /// On ASCII words of the analyzer `peers` are `[a-z0-9]+`, one a position, at the bytes they came from.
    @Test func asciiWordsAreRunsOfLettersAndDigits() {
        var text = RandomText(seed: 2)
        for _ in 0..<2000 {
            let ascii = text.nextASCII(atMost: 60)
            let words = ascii.indices.split {
                !(48...57).contains(ascii[$0]) && !(65...90).contains(ascii[$0]) && !(97...122).contains(ascii[$0])
            }
            let found = Analysis(ascii, .peers)
            #expect(found.tokens.map(\.source) == words.map { $0.startIndex..<$0.endIndex })
            #expect(found.terms == words.map { String(decoding: ascii[$0], as: UTF8.self).lowercased() })
            #expect(found.positions == Array(0..<words.count))
        }
    }

    /// For every token of any text: its range lies in the text, on boundaries of characters, and never before that of
    /// the token before; positions never decrease; its hash is that of its term; and analyzing only the bytes of its
    /// range gives a token with the same term and kind. (`Analysis` checks all but the last. Words over 255 bytes are
    /// not among these texts: their later pieces need not come again when a range is cut out.)
    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func everyRangeGivesItsTerm(seed: UInt64) {
        var text = RandomText(seed: seed)
        var tokens = 0
        for _ in 0..<1500 {
            let bytes = text.next(atMost: 24)
            let found = Analysis(bytes)
            #expect(found.faults == [], "\(described(bytes))")
            for token in found.tokens {
                let again = Analysis(Array(bytes[token.source]))
                #expect(
                    again.tokens.contains { $0.term == token.term && $0.kind == token.kind },
                    "\(token.text) at \(token.source) of \(described(bytes)) gives \(again.terms)")
                tokens += 1
            }
        }
        #expect(tokens > 5000)
    }

    /// The `peers` analyzer changes no byte but ASCII capitals: a range holds exactly the term.
    @Test func peersRangesAreTheTerms() {
        var text = RandomText(seed: 7)
        for _ in 0..<2000 {
            let bytes = text.next(atMost: 40)
            let found = Analysis(bytes, .peers)
            #expect(found.faults == [])
            for token in found.tokens {
                let folded = bytes[token.source].map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
                #expect(token.term == folded)
            }
            #expect(found.positions == Array(0..<found.tokens.count))
            #expect(found.endPosition == found.tokens.count)
        }
    }

    /// Folded text folds to itself: the terms of a text joined by blanks give the same terms, pair by pair.
    @Test func termsAreFixedPoints() {
        var text = RandomText(seed: 8)
        for _ in 0..<2000 {
            for token in Analysis(text.next(atMost: 30)).tokens {
                let again = Analysis(token.term).tokens
                #expect(again.contains { $0.term == token.term && $0.position == 0 }, "\(described(token.term))")
            }
        }
    }

    /// A batch is filled anew each time, whatever was in it.
    @Test func aUsedBatchGivesWhatAFreshOneGives() {
        var text = RandomText(seed: 9)
        var buffer = TokenBuffer()
        for round in 0..<2000 {
            let bytes = round % 3 == 0 ? text.nextASCII(atMost: 300) : text.next(atMost: round % 50 == 1 ? 3000 : 30)
            let analyzer = TextAnalyzer.all[round % 2]
            let reused = Analysis(bytes, analyzer, reusing: &buffer)
            let fresh = Analysis(bytes, analyzer)
            #expect(reused.tokens == fresh.tokens && reused.endPosition == fresh.endPosition)
        }
    }

    /// Random runs of which the tokens are known beforehand.
    @Test func runsGiveTheTokensTheyWereMadeFor() {
        var random = SplitMix64(seed: 10)
        for _ in 0..<1500 {
            var (text, terms, positions, place) = ("", [String](), [Int](), 0)
            var last = -1
            for _ in 0..<random.below(12) {
                let script = random.below(3)
                if script == last || random.below(3) == 0 { text += ["。", " ", ", ", "§", "・"][random.below(5)] }
                last = script
                let pool: [Character] = [Array("abcxyzжא"), Array("的一是カナー々"), Array("한국어말")][script]
                let run = (0...random.below(5)).map { _ in pool[random.below(pool.count)] }
                text += String(run)
                if script == 0 || run.count == 1 {
                    terms.append(String(run))
                    positions.append(place)
                } else {
                    terms += zip(run, run.dropFirst()).map { String([$0, $1]) }
                    positions += (0..<run.count - 1).map { place + $0 }
                }
                place += script == 0 ? 1 : run.count
            }
            let found = Analysis(text)
            #expect(found.terms == terms, "\(text)")
            #expect(found.positions == positions, "\(text)")
            #expect(found.endPosition == place, "\(text)")
        }
    }

    /// The bytes as escaped scalars, to be pasted into a test.
    private func described(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self).unicodeScalars.map { $0.escaped(asASCII: true) }.joined()
    }
}
