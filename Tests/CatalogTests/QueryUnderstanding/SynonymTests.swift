import Searching
import Testing

@testable import Catalog

/// Long lists and many rules of synonyms: the cost depends on the query.
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

    @Test func longListsAreSearchedWordByWord() throws {
        let words = Self.list((0..<200).map { "word\(Self.letters($0))" })
        let (shelf, searcher) = try Self.made(#"{"words": \#(words)}"#)
        let reply = try searcher.search(SearchRequest("wordaa"))
        #expect(reply.hits.map(\.id) == ["z", "y"])
        #expect(reply.applied.synonyms == ["wordaa → wordah"])
        withExtendedLifetime(shelf) {}
    }

    /// At most 16 synonyms of a position are searched.
    @Test func theNumberOfSynonymsIsLimited() throws {
        let rules = (0..<40).map { #"{"from": ["zzzy\#(Self.letters($0))"], "to": ["zebra\#(Self.letters($0))"]}"# }
        let (shelf, searcher) = try Self.made(rules.joined(separator: ", "))
        // A prefix of fewer than three letters has no synonyms.
        #expect(try searcher.search(SearchRequest("zz")).found == 0)
        let reply = try searcher.search(SearchRequest("zzz"))
        #expect(reply.found == 16)
        #expect(reply.applied.synonyms.count == 16)
        withExtendedLifetime(shelf) {}
    }

    /// Returns two letters for a number.
    private static func letters(_ number: Int) -> String {
        String(UnicodeScalar(UInt8(97 + number / 26))) + String(UnicodeScalar(UInt8(97 + number % 26)))
    }

    /// The rules of a list share their replacements.
    @Test func replacementsAreShared() throws {
        let words = (0..<256).map { "alpha\($0) beta\($0)" }
        let json = #"{"weights": {"title": 1}, "synonyms": [{"words": \#(Self.list(words))}]}"#
        let profile = try SearchProfile(json: Array(json.utf8), path: "p", schema: BookShelf.titleSchema)
        let table = SynonymTable(profile.synonyms, .standard)
        let matches = table.matches(in: AnalyzedQuery("alpha3 beta3", .standard).phrase.terms, unfinished: false)
        #expect(matches.count == 1)
        #expect(matches.first?.to.count == 256)
    }

    @Test func listsThatAreTooLongAreRefused() throws {
        let words = Self.list((0...256).map { "word\($0)" })
        let json = #"{"weights": {"title": 1}, "synonyms": [{"words": \#(words)}]}"#
        let error = #expect(throws: CatalogError.self) {
            try SearchProfile(json: Array(json.utf8), path: "p", schema: BookShelf.titleSchema)
        }
        #expect(error.map { "\($0)".contains("257 entries; use at most 256") } ?? false, "\(String(describing: error))")
    }
}
