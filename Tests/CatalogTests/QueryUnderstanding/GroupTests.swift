import Analyzer
import Searching
import Segments
import Testing

@testable import Catalog

/// Queries in groups of fields with different analyzers.
@Suite struct GroupTests {
    private static func made(
        _ fields: [Field], _ lines: [String], analyzers: [String: AnalyzerOptions] = [:], profile: String? = nil
    ) throws -> (BookShelf, CatalogSearcher) {
        let schema = try Schema(key: "id", fields: [Field("id", .keyword)] + fields, analyzers: analyzers)
        return try BookShelf.searcher(lines, schema, profile: profile)
    }

    private static let english = [Field("title", .text, analyzer: "english"), Field("author", .text)]

    private static func ids(_ query: String, _ searcher: CatalogSearcher) throws -> [String] {
        try searcher.search(SearchRequest(query)).hits.map(\.id)
    }

    /// A term is unknown only if it occurs in no field of any group.
    @Test func termsThatOccurInOneFieldAreNotCorrected() throws {
        let (shelf, searcher) = try Self.made(
            Self.english + [
                Field("title_words", .vocabulary, from: "title"),
                Field("title_pinyin", .text, from: "title", analyzer: "pinyin"),
            ],
            [
                #"{"id": "potter", "title": "Harry Potter", "author": "rowling"}"#,
                #"{"id": "stones", "title": "Rolling Stones", "author": "jagger"}"#,
                #"{"id": "city", "title": "北京", "author": "x"}"#,
                #"{"id": "name", "title": "Poems", "author": "beijing"}"#,
            ])
        #expect(try Self.ids("rowling", searcher) == ["potter"])
        #expect(try Self.ids("beijing", searcher) == ["name"])
        let reply = try searcher.search(SearchRequest("rowling beijing")).applied
        #expect(reply.typos.isEmpty)
        #expect(reply.pinyin.isEmpty)
        // A term that occurs in no field is corrected by the terms of all of them.
        #expect(try Self.ids("jaggar", searcher) == ["stones"])
        #expect(try Self.ids("rollling", searcher) == ["stones"])
        withExtendedLifetime(shelf) {}
    }

    /// Two words that are one term of one analyzer are two positions if the other analyzer distinguishes them.
    @Test func positionsAlignTheTermsOfAllAnalyzers() throws {
        let (shelf, searcher) = try Self.made(
            Self.english,
            [
                #"{"id": "a", "title": "Running", "author": "x"}"#, #"{"id": "b", "title": "x", "author": "running"}"#,
                #"{"id": "c", "title": "x", "author": "y"}"#,
            ])
        let reply = try searcher.search(SearchRequest("run running"))
        #expect(reply.hits.first?.id == "a")
        let words = AnalyzedQuery.all("run running", [.english, .standard], dropsStopWords: true)
        #expect(QueryPosition.all(words).map { $0.members.map(\.term) } == [[0, 0], [0, 1]])
        let repeated = AnalyzedQuery.all("run running run", [.english], dropsStopWords: true)
        #expect(QueryPosition.all(repeated).map(\.count) == [3])
        withExtendedLifetime(shelf) {}
    }

    /// A word that only one analyzer divides is two positions, both of which have the undivided term of the other.
    @Test func anUndividedTermIsAlignedWithAllParts() {
        let positions = QueryPosition.all(AnalyzedQuery.all("iphone15 x", [.standard, .peers], dropsStopWords: true))
        #expect(positions.map { $0.members.map(\.term) } == [[0, 0], [1, 0], [2, 1]])
    }

    /// A stop word of one group is not required in the other groups either.
    @Test func stopWordsOfOneFieldAreRequiredInNone() throws {
        let (shelf, searcher) = try Self.made(
            [Field("title", .text, analyzer: "english"), Field("titel", .text, analyzer: "deutsch")],
            [
                #"{"id": "berg", "title": "The Magic Mountain", "titel": "Der Zauberberg"}"#,
                #"{"id": "der", "title": "Der", "titel": "x"}"#,
            ], analyzers: ["deutsch": AnalyzerOptions(stemmer: .german, stopWords: .german)])
        let reply = try searcher.search(SearchRequest("der zauberberg"))
        #expect(reply.hits.map(\.id) == ["berg"])
        #expect(!reply.applied.relaxed)
        #expect(try Self.ids("der", searcher) == ["der"])
        withExtendedLifetime(shelf) {}
    }

    @Test func queriesOfStopWordsKeepThem() {
        let words = AnalyzedQuery.all("to be or not to be", [.english], dropsStopWords: true)
        #expect(words[0].terms.map(\.text) == ["to", "be", "or", "not"])
        #expect(words[0].terms.map(\.count) == [2, 2, 1, 1])
    }
}
