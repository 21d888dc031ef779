import Analyzer
import Searching
import Segments
import TestSupport
import Testing

@testable import Catalog

/// Corrections that drop texts early, against the same ones without that, on errors in titles of the bundled books.
@Suite struct CorrectionPruningTests {
    /// The titles of some bundled books.
    private static func titles(_ searcher: CatalogSearcher) throws -> [String] {
        var titles: [String] = []
        for document in stride(from: 0, to: searcher.reader.documents, by: 7) {
            if case .text(let title)? = try searcher.reader.document(document)["title"] { titles.append(title) }
        }
        return titles
    }

    private static func bundled() throws -> CatalogSearcher {
        try #require(try HandCheckedCasesTests.catalogs["bundled"]?.get().searcher)
    }

    /// A word with a letter replaced, left out, doubled, or swapped with the next one.
    private static func misspelled(_ word: String, _ random: inout SplitMix64) -> String {
        var letters = Array(word.utf8)
        let i = random.below(letters.count - 1)
        switch random.below(4) {
        case 0: letters[i] = UInt8(97 + random.below(26))
        case 1: letters.remove(at: i)
        case 2: letters.insert(letters[i], at: i)
        default: letters.swapAt(i, i + 1)
        }
        return String(decoding: letters, as: UTF8.self)
    }

    @Test func wordsAreCorrectedAsWithoutDropping() throws {
        let searcher = try Self.bundled()
        let context = searcher.context(Matching(), SearchLimits())
        var random = SplitMix64(seed: SplitMix64.varied(1))
        var corrected = 0
        for title in try Self.titles(searcher) {
            let words = title.lowercased().split { !($0.isASCII && $0.isLetter) }.map(String.init).filter {
                $0.count > 3
            }
            // With more words the limit of counted pairs decides, which are fewer where texts are dropped.
            guard words.count > 1 else { continue }
            let typed = [Self.misspelled(words[0], &random), words[1]].map {
                SpellingCorrection.Word(text: $0, isCorrectable: true)
            }
            let results = try [true, false].map { prunes in
                let vocabulary = SpellingVocabulary(
                    fields: context.groups.flatMap(\.unstemmedFields), context.reader, context.limits,
                    dropsStopWords: true)
                return try SpellingCorrection(vocabulary, prunes: prunes).corrected(typed)
            }
            #expect(results[0] == results[1], "\(typed.map(\.text))")
            corrected += results[0] == nil ? 0 : 1
        }
        #expect(corrected > 20)
    }

    @Test func charactersAreCorrectedAsWithoutDropping() throws {
        let searcher = try Self.bundled()
        let context = searcher.context(Matching(), SearchLimits())
        let fields = context.groups.flatMap(\.words).map(\.name)
        let characters = context.groups.flatMap(\.characters).flatMap(\.fields).prefix(1).map(\.name)
        var random = SplitMix64(seed: SplitMix64.varied(2))
        var corrected = 0
        for title in try Self.titles(searcher) {
            var run = Array(title.unicodeScalars.prefix { HomophoneCharacters.isChinese($0) }.prefix(8))
            guard run.count > 3 else { continue }
            let i = random.below(run.count - 1)
            let alike = HomophoneCharacters.of(run[i])
            if alike.isEmpty || random.chance(30) { run.swapAt(i, i + 1) } else { run[i] = random.pick(alike) }
            let results = try [true, false].map { prunes in
                try CharacterCorrection(
                    pairs: fields, characters: characters, context.reader, context.facts.homophones, context.limits,
                    prunes: prunes
                ).corrected(run)
            }
            #expect(results[0] == results[1], "\(run)")
            corrected += results[0] == nil ? 0 : 1
        }
        #expect(corrected > 20)
    }
}
