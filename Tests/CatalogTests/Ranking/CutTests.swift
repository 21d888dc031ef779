import Indexer
import Testing

@testable import Catalog

/// How many of a query's words a document must have.
@Suite struct CutTests {
    /// Forty titles of two common words, one with a rare one, one with nothing of the rest.
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
        return try searcher.search(request).hits.map(\.id)
    }

    /// Two common words of three are enough, and so is the one that says more than both; one common word is not.
    @Test func aRareWordIsWorthSeveralCommonOnes() throws {
        let (shelf, searcher) = try Self.made()
        let ids = try Self.ids("applied stochastic process", searcher)
        #expect(ids.count == 41 && ids.contains("rare") && !ids.contains("one0"))
        let all = try Self.ids("applied process", searcher)
        #expect(all.count == 40 && all.allSatisfy { $0.hasPrefix("common") })
        withExtendedLifetime(shelf) {}
    }

    /// A document that passes the cut in two ways scores its words once.
    @Test func wordsScoreOnce() throws {
        let (shelf, searcher) = try Self.made()
        let relaxed = try searcher.search(SearchRequest("applied nowhere process")).hits
        let plain = try searcher.search(SearchRequest("applied process")).hits
        #expect(relaxed.map(\.id) == plain.map(\.id))
        for (a, b) in zip(relaxed, plain) { #expect(a.score <= b.score) }
        withExtendedLifetime(shelf) {}
    }

    /// Quotes are an order in a few words and punctuation in a sentence.
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
        #expect(ids.contains("quoted") && ids.contains("rare") && ids.contains("one0"))
        withExtendedLifetime(shelf) {}
    }
}
