import Analyzer
import TestSupport
import Testing

/// Properties that hold for every text.
@Suite struct AnalyzerPropertiesTests {
    /// The ideographic full stop: a separator that makes the analyzer leave the fast path for ASCII texts.
    private static let stop = Array("。".utf8)

    @Test func asciiPathMatchesTheGeneralPath() {
        var text = RandomText(seed: 1)
        for _ in 0..<3000 {
            let ascii = text.nextASCII(atMost: 60)
            let fast = Analysis(ascii)
            let slow = Analysis(ascii + Self.stop)
            #expect(fast.tokens == slow.tokens, "\(ascii)")
            #expect(fast.endPosition == slow.endPosition, "\(ascii)")
            var shifted = Analysis(Self.stop + ascii).tokens
            for i in shifted.indices {
                let range = shifted[i].source
                shifted[i].source = range.lowerBound - 3..<range.upperBound - 3
            }
            #expect(fast.tokens == shifted, "\(ascii)")
            #expect(fast.faults + slow.faults == [])
        }
    }

    /// In ASCII texts, the words of the analyzer `peers` are `[a-z0-9]+`, each with a position of its own and the range
    /// of its bytes.
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
    /// the previous token; positions never decrease; its hash is that of its term; and analyzing only the bytes of its
    /// range gives a token with the same term and kind. (`Analysis` checks all but the last property. These texts have
    /// no words of more than 255 bytes, whose later pieces need not recur when a range is analyzed alone.)
    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func everyRangeGivesItsTerm(seed: UInt64) {
        var text = RandomText(seed: seed)
        var tokenCount = 0
        for _ in 0..<1500 {
            let bytes = text.next(atMost: 24)
            let found = Analysis(bytes)
            #expect(found.faults == [], "\(described(bytes))")
            for token in found.tokens {
                let again = Analysis(Array(bytes[token.source]))
                let kinds = again.tokens.filter { $0.term == token.term }.map(\.kind)
                #expect(
                    kinds.contains(token.kind),
                    "\(token.text) at \(token.source) of \(described(bytes)) gives \(again.terms)")
                tokenCount += 1
            }
        }
        #expect(tokenCount > 5000)
    }

    /// The analyzer `peers` changes only ASCII capitals: a range holds exactly the term.
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

    /// Analysis is idempotent: analyzing a term gives the term.
    @Test func termsAreFixedPoints() {
        var text = RandomText(seed: 8)
        for _ in 0..<2000 {
            for token in Analysis(text.next(atMost: 30)).tokens {
                let termsAtStart = Analysis(token.term).tokens.filter { $0.position == 0 }.map(\.term)
                #expect(termsAtStart.contains(token.term), "\(described(token.term))")
            }
        }
    }

    /// A reused buffer gives the same tokens as a new one.
    @Test func reusedBuffersKeepNothing() {
        var text = RandomText(seed: 9)
        var buffer = TokenBuffer()
        for round in 0..<2000 {
            let bytes = round % 3 == 0 ? text.nextASCII(atMost: 300) : text.next(atMost: round % 50 == 1 ? 3000 : 30)
            let analyzer = TextAnalyzer.all[round % 2]
            let reused = Analysis(bytes, analyzer, reusing: &buffer)
            let fresh = Analysis(bytes, analyzer)
            #expect(reused.tokens == fresh.tokens)
            #expect(reused.endPosition == fresh.endPosition)
        }
    }

    /// Random runs whose tokens are known from their construction.
    @Test func constructedRunsGiveTheExpectedTokens() {
        var random = SplitMix64(seed: 10)
        for _ in 0..<1500 {
            var (text, terms, positions, position) = ("", [String](), [Int](), 0)
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
                    positions.append(position)
                } else {
                    terms += zip(run, run.dropFirst()).map { String([$0, $1]) }
                    positions += (0..<run.count - 1).map { position + $0 }
                }
                position += script == 0 ? 1 : run.count
            }
            let found = Analysis(text)
            #expect(found.terms == terms, "\(text)")
            #expect(found.positions == positions, "\(text)")
            #expect(found.endPosition == position, "\(text)")
        }
    }

    /// The bytes as escaped scalars, for use in a test.
    private func described(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self).unicodeScalars.map { $0.escaped(asASCII: true) }.joined()
    }
}
