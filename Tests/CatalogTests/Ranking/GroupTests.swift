import Analyzer
import Indexer
import Testing

@testable import Catalog

/// Fields with different analyzers, searched as one catalog.
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

    /// A word is unknown only if it stands in no field at all.
    @Test func whatStandsInOneFieldIsNotCorrected() throws {
        let (shelf, searcher) = try Self.made(
            Self.english + [Field("title_pinyin", .text, from: "title", analyzer: "pinyin")],
            [
                #"{"id": "potter", "title": "Harry Potter", "author": "rowling"}"#,
                #"{"id": "stones", "title": "Rolling Stones", "author": "jagger"}"#,
                #"{"id": "city", "title": "北京", "author": "x"}"#,
                #"{"id": "name", "title": "Poems", "author": "beijing"}"#,
            ])
        #expect(try Self.ids("rowling", searcher) == ["potter"])
        #expect(try Self.ids("beijing", searcher) == ["name"])
        let reply = try searcher.search(SearchRequest("rowling beijing")).applied
        #expect(reply.typos.isEmpty && reply.pinyin.isEmpty)
        // What stands in none is read by all of them.
        #expect(try Self.ids("jaggar", searcher) == ["stones"])
        #expect(try Self.ids("rollling", searcher) == ["stones"])
        withExtendedLifetime(shelf) {}
    }

    /// What one analyzer makes one term of is still two words to the other, and each is looked for in both.
    @Test func aUnitIsAPlaceOfTheQuery() throws {
        let (shelf, searcher) = try Self.made(
            Self.english,
            [
                #"{"id": "a", "title": "Running", "author": "x"}"#, #"{"id": "b", "title": "x", "author": "running"}"#,
                #"{"id": "c", "title": "x", "author": "y"}"#,
            ])
        let reply = try searcher.search(SearchRequest("run running"))
        #expect(reply.hits.first?.id == "a")
        let words = QueryUnits.all("run running", [.english, .standard], dropsStopWords: true)
        let units = SharedUnit.all(words)
        #expect(units.map { $0.members.map(\.unit) } == [[0, 0], [0, 1]])
        #expect(SharedUnit.all(QueryUnits.all("run running run", [.english], dropsStopWords: true)).map(\.count) == [3])
        withExtendedLifetime(shelf) {}
    }

    /// A word cut in two by one analyzer and not by the other is two units, which the other has at once.
    @Test func aLongerTermStandsForItsParts() {
        let units = SharedUnit.all(QueryUnits.all("iphone15 x", [.standard, .peers], dropsStopWords: true))
        #expect(units.map { $0.members.map(\.unit) } == [[0, 0], [1, 0], [2, 1]])
    }

    /// A stop word of one group is not asked for in the others either.
    @Test func stopWordsOfOneFieldAreRequiredInNone() throws {
        let (shelf, searcher) = try Self.made(
            [Field("title", .text, analyzer: "english"), Field("titel", .text, analyzer: "deutsch")],
            [
                #"{"id": "berg", "title": "The Magic Mountain", "titel": "Der Zauberberg"}"#,
                #"{"id": "der", "title": "Der", "titel": "x"}"#,
            ], analyzers: ["deutsch": AnalyzerOptions(stemmer: .german, stopWords: .german)])
        let reply = try searcher.search(SearchRequest("der zauberberg"))
        #expect(reply.hits.map(\.id) == ["berg"] && !reply.applied.relaxed)
        #expect(try Self.ids("der", searcher) == ["der"])
        withExtendedLifetime(shelf) {}
    }

    @Test func stopWordsAloneAreCountedOnce() {
        let words = QueryUnits.all("to be or not to be", [.english], dropsStopWords: true)
        #expect(words[0].units.map(\.term) == ["to", "be", "or", "not"])
        #expect(words[0].units.map(\.count) == [2, 2, 1, 1])
    }
}
