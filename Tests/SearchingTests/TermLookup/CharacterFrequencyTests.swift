import Analyzer
import TestSupport
import Testing

@testable import Indexer
@testable import Searching
@testable import Segments

@Suite struct CharacterFrequencyTests {
    /// Characters of two to four bytes, ideographs of both planes and kana; the last ones are in no document.
    private static let characters = Array("编程成语言三体口图a7é〇々ひ𠮷𠀀德工匠".unicodeScalars)
    private static let used = characters.dropLast(3)

    /// Random titles in several commits.
    private static func reader(_ folder: borrowing TemporaryFolder, seed: UInt64) throws -> IndexReader {
        let schema = try Schema(
            key: "id",
            fields: [
                Field("id", .keyword), Field("title", .text),
                Field("characters", .text, from: "title", analyzer: "characters"), Field("series", .text),
            ])
        let writer = try IndexWriter(IndexFolder(folder.path + "/index"), .empty(schema))
        var random = SplitMix64(seed: seed)
        func text() -> String {
            var text = String.UnicodeScalarView()
            for _ in 0...random.below(9) { text.append(random.chance(10) ? " " : random.pick(Array(used))) }
            return String(text)
        }
        for number in 0..<300 {
            var document = DocumentBuffer()
            document.append(0, text: "\(number)")
            document.append(1, text: text())
            document.append(2, text: text())
            try writer.add(document)
            if random.chance(3) { try writer.commit() }
        }
        try writer.commit()
        return try IndexReader(IndexFolder(folder.path + "/index"))
    }

    @Test(arguments: 1...5)
    func frequenciesAreThoseOfTheTerms(seed: Int) throws {
        let home = try TemporaryFolder()
        let reader = try Self.reader(home, seed: UInt64(seed))
        #expect(reader.segments.count > 1)
        let fields = ["title", "series"]
        var frequencies = try CharacterFrequencies(reader, pairs: fields, characters: ["characters"])
        var occurring = 0
        for a in Self.characters where a.value >= 0x2E80 {
            #expect(frequencies.of(a) == (try reader.documentFrequency("characters", String(a))), "\(a)")
            for b in Self.characters {
                let pair = String(a) + String(b)
                let expected = try fields.reduce(0) { try $0 + reader.documentFrequency($1, pair) }
                #expect(try frequencies.of(a, b) == expected, "\(pair)")
                // It is the same again once it is remembered.
                #expect(try frequencies.of(a, b) == expected, "\(pair)")
                occurring += expected > 0 ? 1 : 0
            }
        }
        #expect(occurring > 50)
    }

    @Test func mostPairsThatDoNotOccurAreExcludedByTheFilter() throws {
        let home = try TemporaryFolder()
        let reader = try Self.reader(home, seed: 7)
        let segment = reader.segments[0]
        let terms = try #require(try segment.characterTerms(1))
        let others = (0x4E00..<0x5200).compactMap(Unicode.Scalar.init)
        let possible = others.filter { terms.mayHavePair(CharacterTerms.hash("德", $0)) }
        #expect(possible.count < others.count / 10)
    }

    @Test func onlyFieldsWithTermsAreAccepted() throws {
        let home = try TemporaryFolder()
        let reader = try Self.reader(home, seed: 1)
        #expect(throws: IndexError.self) { _ = try CharacterFrequencies(reader, pairs: ["none"], characters: []) }
    }
}
