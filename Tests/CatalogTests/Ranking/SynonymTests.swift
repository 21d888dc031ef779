import Indexer
import Testing

@testable import Catalog

/// Synonyms of many words, and many of them: a query costs what it has.
@Suite struct SynonymTests {
    private static let titles =
        (0..<40).map { (id: "\($0)", title: "zebra\(letters($0))") } + [
            ("z", "word\(letters(0))"), ("y", "word\(letters(7))"),
        ]

    private static func made(_ synonyms: String) throws -> (BookShelf, CatalogSearcher) {
        let profile = #"{"weights": {"title": 1}, "synonyms": [\#(synonyms)]}"#
        return try BookShelf.searcher(titles: titles, profile: profile)
    }

    private static func list(_ words: some Sequence<String>) -> String {
        "[" + words.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
    }

    @Test func aLongListIsLookedUpWordByWord() throws {
        let words = Self.list((0..<200).map { "word\(Self.letters($0))" })
        let (shelf, searcher) = try Self.made(#"{"words": \#(words)}"#)
        let reply = try searcher.search(SearchRequest("wordaa"))
        #expect(reply.hits.map(\.id) == ["z", "y"] && reply.applied.synonyms == ["wordaa → wordah"])
        withExtendedLifetime(shelf) {}
    }

    /// Of many synonyms that all stand somewhere a few are enough.
    @Test func aWordHasAFewSynonyms() throws {
        let rules = (0..<40).map { #"{"from": ["zzzy\#(Self.letters($0))"], "to": ["zebra\#(Self.letters($0))"]}"# }
        let (shelf, searcher) = try Self.made(rules.joined(separator: ", "))
        // Fewer than three letters begin too many words.
        #expect(try searcher.search(SearchRequest("zz")).found == 0)
        let reply = try searcher.search(SearchRequest("zzz"))
        #expect(reply.found == 16 && reply.applied.synonyms.count == 16)
        withExtendedLifetime(shelf) {}
    }

    /// Two letters for a number.
    private static func letters(_ number: Int) -> String {
        String(UnicodeScalar(UInt8(97 + number / 26))) + String(UnicodeScalar(UInt8(97 + number % 26)))
    }

    /// Rules of a list share what may stand for their words.
    @Test func aTableIsAsLargeAsItsLists() throws {
        let words = (0..<256).map { "alpha\($0) beta\($0)" }
        let json = #"{"weights": {"title": 1}, "synonyms": [{"words": \#(Self.list(words))}]}"#
        let profile = try SearchProfile(json: Array(json.utf8), path: "p", schema: BookShelf.titleSchema)
        let table = SynonymTable(profile.synonyms, .standard)
        let matches = table.matches(in: QueryUnits("alpha3 beta3", .standard).phrase.terms, unfinished: false)
        #expect(matches.count == 1 && matches.first?.to.count == 256)
    }

    @Test func listsThatAreTooLongAreRefused() throws {
        let words = Self.list((0...256).map { "word\($0)" })
        let json = #"{"weights": {"title": 1}, "synonyms": [{"words": \#(words)}]}"#
        let error = #expect(throws: CatalogError.self) {
            try SearchProfile(json: Array(json.utf8), path: "p", schema: BookShelf.titleSchema)
        }
        #expect(error.map { "\($0)".contains("257 words; 256 are the most") } ?? false, "\(String(describing: error))")
    }
}
