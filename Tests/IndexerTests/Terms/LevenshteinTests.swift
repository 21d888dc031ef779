import OracleSupport
import Testing

@testable import Indexer

@Suite struct LevenshteinTests {
    /// Edits between two texts, with exchanges of neighbours: the textbook's table.
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

    private static func accepted(_ automaton: LevenshteinAutomaton, _ text: [UInt32]) -> Int? {
        var state = automaton.start
        for scalar in text {
            guard automaton.canMatch(state) else { return nil }
            state = automaton.step(state, scalar)
        }
        return automaton.distance(state)
    }

    /// All words and all texts of up to five letters of three.
    @Test(arguments: 0...2) func acceptsWhatTheTableAccepts(_ edits: Int) throws {
        var texts: [[UInt32]] = [[]]
        for length in 1...5 {
            texts += texts.filter { $0.count == length - 1 }.flatMap { text in (97...99).map { text + [$0] } }
        }
        let words = texts.filter { !$0.isEmpty && $0.allSatisfy { $0 < 100 } && $0.count > 2 || $0 == [97] }
        for word in words.enumerated().filter({ $0.offset % 5 == 0 }).map(\.element) {
            let text = String(String.UnicodeScalarView(word.compactMap(Unicode.Scalar.init)))
            let automaton = try #require(LevenshteinAutomaton(text, edits: edits))
            for other in texts {
                let wanted = Self.distance(word, other)
                let found = Self.accepted(automaton, other)
                if found != (wanted <= edits ? wanted : nil) {
                    Issue.record("\(word) \(other): \(String(describing: found)), not \(wanted)")
                    return
                }
            }
        }
    }

    @Test func longWordsAndOddEditsAreRefused() {
        #expect(LevenshteinAutomaton("", edits: 1) == nil)
        #expect(LevenshteinAutomaton("word", edits: 3) == nil)
        #expect(LevenshteinAutomaton(String(repeating: "a", count: 61), edits: 1) == nil)
        let longest = String(repeating: "a", count: 60)
        let automaton = LevenshteinAutomaton(longest, edits: 2)
        #expect(automaton.map { Self.accepted($0, Self.scalars(longest + "bb")) } == 2)
        #expect(automaton.map { Self.accepted($0, Self.scalars(longest + "bbb")) } == .some(nil))
    }

    /// Every word of a dictionary that the table accepts is found, whatever stands around it.
    @Test(arguments: [["a", "b", "c"], ["银", "行", "ab"], ["é", "e", "\u{10FFFF}"]], [1, 2])
    func dictionariesAreWalkedWithoutMissingOne(_ letters: [String], _ edits: Int) throws {
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
                var wanted: [String: Int] = [:]
                for other in words where other.utf8.starts(with: prefix.utf8) {
                    let distance = Self.distance(Self.scalars(word), Self.scalars(other))
                    if distance <= edits { wanted[other] = distance }
                }
                #expect(found == wanted, "\(word) from \(prefix)")
            }
        }
    }

    /// Terms that are no text, as damaged bytes may be, are found by none and do no harm to others.
    @Test func termsThatAreNoTextAreLeftOut() throws {
        var random = SplitMix64(seed: SplitMix64.varied(18))
        let parts: [[UInt8]] = [
            [0x61], [0x62], [0xE4], [0xB8, 0x80], [0xF0, 0x9F], [0x80], [0xFF], [0xC3, 0xA9], [0],
        ]
        for _ in 0..<20 {
            var all: Set<[UInt8]> = []
            while all.count < 400 { all.insert((0...random.below(6)).flatMap { _ in random.pick(parts) }) }
            let terms = all.sorted { $0.lexicographicallyPrecedes($1) }
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
                    let wanted = all.filter { term in
                        guard let text = String(validating: term, as: UTF8.self) else { return false }
                        return Self.distance(Self.scalars(word), Self.scalars(text)) <= 2
                    }
                    #expect(isIntact && found == wanted)
                }
            }
        }
    }

    @Test func similarTermsAreAddedUpOverSegments() throws {
        let home = try TemporaryFolder()
        let folder = IndexFolder(home.path + "/index")
        let schema = try Schema(key: "id", fields: [Field("id", .keyword), Field("t", .text), Field("n", .integer)])
        let texts = ["refrigerator", "refrigerators", "refrigerator door", "refigerator", "fridge", "efrigerator"]
        for (number, text) in texts.enumerated() {
            let writer = try IndexWriter(folder, number == 0 ? .empty(schema) : .current)
            var buffer = DocumentBuffer()
            for (member, value) in [("id", "\(number)"), ("t", text)] {
                buffer.append(try #require(writer.members.all.firstIndex { $0.name == member }), text: value)
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
