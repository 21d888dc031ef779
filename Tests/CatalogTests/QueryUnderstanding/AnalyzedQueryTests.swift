import Analyzer
import Searching
import Segments
import Testing

@testable import Catalog

/// The terms of codes, single characters and full-width words.
@Suite struct AnalyzedQueryTests {
    private static func made(
        _ analyzer: String, _ titles: [String], profile: String? = nil
    ) throws -> (BookShelf, CatalogSearcher) {
        let forms = ["characters", "whole", "pinyin"]
        let schema = try Schema(
            key: "id",
            fields: [Field("id", .keyword), Field("title", .text, analyzer: analyzer)]
                + forms.map { Field("title_\($0)", .text, from: "title", analyzer: $0) }
                + [Field("title_words", .vocabulary, from: "title")])
        let lines = titles.enumerated().map { #"{"id": "\#($0)", "title": "\#($1)"}"# }
        return try BookShelf.searcher(lines, schema, profile: profile)
    }

    private static func ids(_ query: String, _ searcher: CatalogSearcher) throws -> Set<String> {
        Set(try searcher.search(SearchRequest(query)).hits.map(\.id))
    }

    /// A long number in groups is one term, also in quotes and after a minus sign.
    @Test func longNumbersAreOneTerm() throws {
        let (shelf, searcher) = try Self.made(
            "english", ["call 010-9999-0000", "call 010-1234-5678", "call 01012345678"])
        #expect(try Self.ids("\"010-1234-5678\"", searcher) == ["1", "2"])
        #expect(try Self.ids("call -010-1234-5678", searcher) == ["0"])
        let phrase = AnalyzedQuery("call 010-1234-5678 now", .english).phrase.terms
        #expect(phrase.map(\.term) == ["call", "01012345678", "now"])
        #expect(phrase.map(\.position) == [0, 1, 4])
        withExtendedLifetime(shelf) {}
    }

    /// A single character is found inside of words: excluded, in quotes, and as a synonym.
    @Test func singleCharactersAreFoundInsideOfWords() throws {
        let profile = #"{"weights": {"title": 1}, "synonyms": [{"words": ["book", "书"]}]}"#
        let (shelf, searcher) = try Self.made("english", ["中国通史", "中国地理", "图书目录", "A Book"], profile: profile)
        #expect(try Self.ids("中国 -史", searcher) == ["1"])
        #expect(try Self.ids("中国 \"史\"", searcher) == ["0"])
        #expect(try Self.ids("book", searcher) == ["2", "3"])
        #expect(try Self.ids("書", searcher) == ["2", "3"])
        withExtendedLifetime(shelf) {}
    }

    /// The letters of a part number are not corrected.
    @Test func codesAreNotCorrected() throws {
        let (shelf, searcher) = try Self.made("english", ["Sensor KINGSA-240", "Kingsize Bed"])
        for query in ["KINGSB-240", "KINGSB240"] {
            let reply = try searcher.search(SearchRequest(query))
            #expect(reply.applied.typos.isEmpty, "\(query)")
            #expect(reply.applied.relaxed, "\(query)")
        }
        #expect(try searcher.search(SearchRequest("KINGSB")).applied.typos == ["kingsb"])
        #expect(try Self.ids("kingsa240", searcher) == ["0"])
        withExtendedLifetime(shelf) {}
    }

    /// The characters of a query are analyzed by the analyzer of the field of characters, not by that of the words.
    @Test(arguments: ["japanese", "default"])
    func siblingFieldsAnalyzeTheQueryThemselves(analyzer: String) throws {
        let (shelf, searcher) = try Self.made(analyzer, ["飛行機の本", "図書館"])
        #expect(try Self.ids("機", searcher) == ["0"])
        #expect(try Self.ids("館", searcher) == ["1"])
        #expect(try Self.ids("機械 -館", searcher).isSubset(of: ["0"]))
        withExtendedLifetime(shelf) {}
    }

    @Test func fullWidthLatinIsLatin() throws {
        let (shelf, searcher) = try Self.made("english", ["红楼梦", "The Refrigerator", "C Primer", "C++ Primer"])
        #expect(try Self.ids("ｈｏｎｇｌｏｕｍｅｎｇ", searcher) == ["0"])
        #expect(try searcher.search(SearchRequest("ＨＯＮＧＬＯＵＭＥＮＧ")).applied.pinyin == ["hongloumeng"])
        #expect(try Self.ids("ｒｅｆｒｉｇｉｒａｔｏｒ", searcher) == ["1"])
        #expect(try searcher.search(SearchRequest("ｃ")).hits.first?.id == "2")
        let terms = AnalyzedQuery.all("ｔｈｅ cat", [.english], dropsStopWords: true)[0].terms
        #expect(terms.map(\.text) == ["cat"])
        withExtendedLifetime(shelf) {}
    }

    /// Unknown terms of a query are read as pinyin and corrected side by side.
    @Test func unknownTermsAreRewrittenOneByOne() throws {
        let (shelf, searcher) = try Self.made("english", ["红楼梦", "中国人民银行", "资治通鉴", "refrigerator", "dictionary"])
        let few = try searcher.search(SearchRequest("zzzzzq hongloumeng refrigirator dictionery"))
        #expect(few.applied.pinyin == ["hongloumeng"])
        #expect(few.applied.typos == ["dictionery", "refrigirator"])
        #expect(few.correctedQuery == "zzzzzq hongloumeng refrigerator dictionary")
        withExtendedLifetime(shelf) {}
    }
}
