import TestSupport
import Testing

@testable import Indexer
@testable import Searching
@testable import Segments

@Suite struct LevenshteinTests {
    /// Returns the optimal string alignment distance of two texts, by the textbook's table.
    private static func distance(_ a: [UInt32], _ b: [UInt32]) -> Int {
        var table = (0...a.count).map { row in (0...b.count).map { row == 0 ? $0 : $0 == 0 ? row : 0 } }
        for i in a.indices {
            for j in b.indices {
                table[i + 1][j + 1] = min(
                    table[i][j] + (a[i] == b[j] ? 0 : 1), table[i][j + 1] + 1, table[i + 1][j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    table[i + 1][j + 1] = min(table[i + 1][j + 1], table[i - 1][j - 1] + 1)
                }
            }
        }
        return table[a.count][b.count]
    }

    private static func scalars(_ text: String) -> [UInt32] { text.unicodeScalars.map(\.value) }

    /// Returns the distance that an automaton reports for a text; nil if it does not accept it.
    private static func accepted(_ automaton: LevenshteinAutomaton, _ text: [UInt32]) -> Int? {
        var state = automaton.start
        for scalar in text {
            guard automaton.canMatch(state) else { return nil }
            state = automaton.step(state, scalar)
        }
        return automaton.distance(state)
    }

    /// Words and all texts of up to five letters of an alphabet of three.
    @Test(arguments: 0...2) func distancesEqualThoseOfTheTable(_ edits: Int) throws {
        var texts: [[UInt32]] = [[]]
        for length in 1...5 {
            texts += texts.filter { $0.count == length - 1 }.flatMap { text in (97...99).map { text + [$0] } }
        }
        let words = texts.filter { !$0.isEmpty && $0.allSatisfy { $0 < 100 } && $0.count > 2 || $0 == [97] }
        for word in words.enumerated().filter({ $0.offset % 5 == 0 }).map(\.element) {
            let text = String(String.UnicodeScalarView(word.compactMap(Unicode.Scalar.init)))
            let automaton = try #require(LevenshteinAutomaton(text, edits: edits))
            for candidate in texts {
                let expected = Self.distance(word, candidate)
                let distance = Self.accepted(automaton, candidate)
                if distance != (expected <= edits ? expected : nil) {
                    Issue.record("\(word) \(candidate): \(String(describing: distance)), not \(expected)")
                    return
                }
            }
        }
    }

    @Test func longWordsAndInvalidEditsAreRefused() {
        #expect(LevenshteinAutomaton("", edits: 1) == nil)
        #expect(LevenshteinAutomaton("word", edits: 3) == nil)
        #expect(LevenshteinAutomaton(String(repeating: "a", count: 61), edits: 1) == nil)
        let longest = String(repeating: "a", count: 60)
        let automaton = LevenshteinAutomaton(longest, edits: 2)
        #expect(automaton.map { Self.accepted($0, Self.scalars(longest + "bb")) } == 2)
        #expect(automaton.map { Self.accepted($0, Self.scalars(longest + "bbb")) } == .some(nil))
    }

    /// Every word of a dictionary that is within the distance is found, whatever its neighbors are.
    @Test(arguments: [["a", "b", "c"], ["银", "行", "ab"], ["é", "e", "\u{10FFFF}"]], [1, 2])
    func allSimilarTermsOfADictionaryAreFound(_ letters: [String], _ edits: Int) throws {
        var random = SplitMix64(seed: SplitMix64.varied(17))
        var words: Set<String> = []
        while words.count < 900 { words.insert((0...random.below(7)).map { _ in random.pick(letters) }.joined()) }
        let terms = words.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
        let infos = TermSamples.infos(terms.count, hasPositions: true, &random)
        try TermSamples.written(terms, infos, hasPositions: true).with(.termIndex, .termBlocks) { index, blocks in
            let dictionary = try #require(TermDictionary(index: index, blocks: blocks, hasPositions: true))
            for _ in 0..<40 {
                let word = (0...random.below(7)).map { _ in random.pick(letters) }.joined()
                let prefix = String(String.UnicodeScalarView(word.unicodeScalars.prefix(random.below(3))))
                let automaton = try #require(LevenshteinAutomaton(word, edits: edits))
                var found: [String: Int] = [:]
                let isIntact = dictionary.forEachTerm(automaton, beginning: Array(prefix.utf8)) { term, state, _, _ in
                    found[String(decoding: term, as: UTF8.self)] = automaton.distance(state)
                    return true
                }
                #expect(isIntact)
                var expected: [String: Int] = [:]
                for candidate in words where candidate.utf8.starts(with: prefix.utf8) {
                    let distance = Self.distance(Self.scalars(word), Self.scalars(candidate))
                    if distance <= edits { expected[candidate] = distance }
                }
                #expect(found == expected, "\(word) from \(prefix)")
            }
        }
    }

    /// Terms that are not UTF-8, as in corrupt bytes, match nothing and do not affect other terms.
    @Test func termsThatAreNotUTF8AreNotMatched() throws {
        var random = SplitMix64(seed: SplitMix64.varied(18))
        let parts: [[UInt8]] = [
            [0x61], [0x62], [0xE4], [0xB8, 0x80], [0xF0, 0x9F], [0x80], [0xFF], [0xC3, 0xA9], [0],
        ]
        for _ in 0..<20 {
            var allTerms: Set<[UInt8]> = []
            while allTerms.count < 400 { allTerms.insert((0...random.below(6)).flatMap { _ in random.pick(parts) }) }
            let terms = allTerms.sorted { $0.lexicographicallyPrecedes($1) }
            let infos = TermSamples.infos(terms.count, hasPositions: true, &random)
            try TermSamples.written(terms, infos, hasPositions: true).with(.termIndex, .termBlocks) { index, blocks in
                let dictionary = try #require(TermDictionary(index: index, blocks: blocks, hasPositions: true))
                for word in ["ab", "éa", "a\u{4E00}b", "b"] {
                    let automaton = try #require(LevenshteinAutomaton(word, edits: 2))
                    var found: Set<[UInt8]> = []
                    let isIntact = dictionary.forEachTerm(automaton, beginning: []) { term, _, _, _ in
                        found.insert(Array(term))
                        return true
                    }
                    let expected = allTerms.filter { term in
                        guard let text = String(validating: term, as: UTF8.self) else { return false }
                        return Self.distance(Self.scalars(word), Self.scalars(text)) <= 2
                    }
                    #expect(isIntact)
                    #expect(found == expected)
                }
            }
        }
    }

    @Test func frequenciesOfSimilarTermsAreSummedOverSegments() throws {
        let home = try TemporaryFolder()
        let folder = IndexFolder(home.path + "/index")
        let schema = try Schema(key: "id", fields: [Field("id", .keyword), Field("t", .text), Field("n", .integer)])
        let texts = ["refrigerator", "refrigerators", "refrigerator door", "refigerator", "fridge", "efrigerator"]
        for (index, text) in texts.enumerated() {
            let writer = try IndexWriter(folder, index == 0 ? .empty(schema) : .current)
            var buffer = DocumentBuffer()
            for (member, value) in [("id", "\(index)"), ("t", text)] {
                buffer.append(try #require(writer.members.number(of: member)), text: value)
            }
            try writer.add(buffer)
            try writer.commit()
        }
        let reader = try IndexReader(folder)
        let found = try reader.similarTerms("t", to: "refrigirator", edits: 2)
        #expect(
            found == [
                SimilarTerm(term: "refrigerator", edits: 1, documentFrequency: 2),
                SimilarTerm(term: "refigerator", edits: 2, documentFrequency: 1),
                SimilarTerm(term: "refrigerators", edits: 2, documentFrequency: 1),
            ])
        #expect(try reader.similarTerms("t", to: "refrigirator", edits: 2, limit: 1).count == 1)
        #expect(
            try reader.similarTerms("t", to: "efrigerator", edits: 1, prefix: 0).map(\.term).contains("refrigerator"))
        #expect(try !reader.similarTerms("t", to: "efrigerator", edits: 1).map(\.term).contains("refrigerator"))
        #expect(throws: IndexError.self) { try reader.similarTerms("n", to: "one", edits: 1) }
        #expect(throws: IndexError.self) { try reader.similarTerms("none", to: "one", edits: 1) }
    }
}
