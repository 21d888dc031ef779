import Indexer
import Searching
import Segments
import Testing

@testable import Catalog

/// The minimum number of positions that a document must match (minimum should match).
@Suite struct CutTests {
    /// Forty titles with two common words, forty with one of them, one with a rare word, and one with neither.
    private static func made() throws -> (BookShelf, CatalogSearcher) {
        var lines = (0..<40).map { #"{"id": "common\#($0)", "title": "applied process volume\#($0)"}"# }
        lines += (0..<40).map { #"{"id": "one\#($0)", "title": "applied chemistry volume\#($0 + 40)"}"# }
        lines.append(#"{"id": "rare", "title": "stochastic methods"}"#)
        lines.append(#"{"id": "quoted", "title": "what you see"}"#)
        let shelf = BookShelf()
        let schema = #"{"key": "id", "fields": [{"name": "id", "type": "keyword"}, {"name": "title", "type": "text"}]}"#
        let file = try shelf.write("cut.jsonl", lines.joined(separator: "\n"))
        _ = try IndexJob(files: [file], schema: try Schema(json: Array(schema.utf8))).run("cut", in: shelf.folder)
        return (shelf, try shelf.folder.open("cut"))
    }

    private static func ids(_ query: String, _ searcher: CatalogSearcher) throws -> [String] {
        var request = SearchRequest(query)
        request.perPage = 100
        return try searcher.search(request).hits.filter { $0.tier == nil }.map(\.id)
    }

    /// Two common words of three are enough, and so is the rare one, which scores more than both. One common word is
    /// not enough.
    @Test func aRareWordIsWorthSeveralCommonOnes() throws {
        let (shelf, searcher) = try Self.made()
        let ids = try Self.ids("applied stochastic process", searcher)
        #expect(ids.count == 41)
        #expect(ids.contains("rare"))
        #expect(!ids.contains("one0"))
        let withBoth = try Self.ids("applied process", searcher)
        #expect(withBoth.count == 40)
        #expect(withBoth.allSatisfy { $0.hasPrefix("common") })
        withExtendedLifetime(shelf) {}
    }

    /// A document that is admitted in two ways, by enough words and by a decisive one, scores each word once.
    @Test func wordsScoreOnce() throws {
        let (shelf, searcher) = try Self.made()
        // Only the second query occurs as a phrase in the titles: without the boost for it, the scores are equal.
        var profile = searcher.profile
        profile.ranking.phrase = 0
        let unboosted = searcher.with(profile)
        let relaxed = try unboosted.search(SearchRequest("applied nowhere process")).hits
        let plain = try unboosted.search(SearchRequest("applied process")).hits
        #expect(plain.count == 20)
        #expect(relaxed.map(\.id) == plain.map(\.id))
        #expect(relaxed.map(\.score) == plain.map(\.score))
        withExtendedLifetime(shelf) {}
    }

    /// Quotes require a phrase in a short query, and are punctuation in a sentence.
    @Test func quotesInSentencesArePunctuation() throws {
        let (shelf, searcher) = try Self.made()
        #expect(try Self.ids("\"what you see\" volume1", searcher) == ["quoted"])
        let sentence =
            "books about typesetting systems such as \"what you see\" or applied chemistry and stochastic methods "
            + "which everyone could read without knowing much mathematics"
        #expect(try searcher.search(SearchRequest(sentence)).applied.quotes == ["what you see"])
        #expect(try searcher.search(SearchRequest("\"what you see\" volume1")).applied.quotes.isEmpty)
        let nowhere = try searcher.search(SearchRequest("\"process applied\"")).applied
        #expect(nowhere.quotes == ["process applied"])
        let ids = try Self.ids(sentence, searcher)
        #expect(ids.contains("quoted"))
        #expect(ids.contains("rare"))
        #expect(ids.contains("one0"))
        withExtendedLifetime(shelf) {}
    }
}
