import Foundation
import Segments
import Testing

@testable import Catalog

/// Popularity decides between documents that match alike.
@Suite struct PopularityTests {
    private static let books = [
        #"{"id": "first", "title": "Kite Runner", "votes": 10, "stock": 5}"#,
        #"{"id": "known", "title": "Kite Runner", "votes": 90000, "stock": 5}"#,
        #"{"id": "sold", "title": "Kite Runner", "votes": 100000, "stock": 0}"#,
        #"{"id": "bare", "title": "Kite Runner"}"#,
        #"{"id": "other", "title": "A Runner's Kite Book", "votes": 9000000, "stock": 1}"#,
    ]

    /// A catalog of these books with a profile.
    private static func catalog(_ popularity: String? = nil) throws -> (shelf: BookShelf, searcher: CatalogSearcher) {
        let schema = """
            {"key": "id", "fields": [{"name": "id", "type": "keyword"}, {"name": "title", "type": "text"},
             {"name": "title_whole", "type": "text", "from": "title", "analyzer": "whole"},
             {"name": "title_suggestions", "type": "suggestion", "from": "title", "kind": "title"},
             {"name": "votes", "type": "integer"}, {"name": "stock", "type": "integer"}]}
            """
        let shelf = BookShelf()
        let file = try shelf.write("kites.jsonl", books.joined(separator: "\n"))
        var job = IndexJob(files: [file], schema: try Schema(json: Array(schema.utf8)))
        let more = popularity.map { #", "popularity": \#($0)"# } ?? ""
        job.profile = (Array(#"{"weights": {"title": 3}\#(more)}"#.utf8), "profile.json")
        _ = try job.run("kites", in: shelf.folder)
        return (shelf, try shelf.folder.open("kites"))
    }

    private static func hits(
        _ catalog: (shelf: BookShelf, searcher: CatalogSearcher), sort: String = "", isUnfinished: Bool = false
    ) throws -> [String] {
        var request = SearchRequest("kite runner")
        request.matching.isUnfinished = isUnfinished
        if !sort.isEmpty { request.sort = [.init(sort, ascending: false)] }
        return try catalog.searcher.search(request).hits.map(\.id)
    }

    @Test func theMostVotedComesFirstAndWhatIsSoldOutLast() throws {
        #expect(try Self.hits(Self.catalog()) == ["known", "first", "bare", "other", "sold"])
    }

    @Test func whatIsSoldOutIsLastWhileSomebodyTypes() throws {
        #expect(try Self.hits(Self.catalog(), isUnfinished: true).last == "sold")
    }

    @Test func aProfileSaysHowMuchWhatIsSoldOutLoses() throws {
        let half = try Self.catalog(#"[{"field": "stock", "kind": "stock", "gain": 0.5}]"#)
        #expect(try Self.hits(half) == ["first", "known", "bare", "sold", "other"])
    }

    @Test func aProfileCanSwitchItOff() throws {
        #expect(try Self.hits(Self.catalog("[]")) == ["first", "known", "sold", "bare", "other"])
    }

    @Test func aProfileChoosesTheNumbersAndTheirGains() throws {
        let votes = try Self.catalog(#"[{"field": "votes", "kind": "count", "gain": 0.01}]"#)
        #expect(try Self.hits(votes) == ["sold", "known", "first", "bare", "other"])
        let rank = try Self.catalog(#"[{"field": "votes", "kind": "rank", "scale": 100}]"#)
        #expect(try Self.hits(rank) == ["first", "known", "sold", "bare", "other"])
    }

    @Test func sortsIgnoreIt() throws {
        #expect(try Self.hits(Self.catalog(), sort: "stock").prefix(2) == ["first", "known"])
    }

    @Test(arguments: [
        #"[{"field": "title", "kind": "count"}]"#, #"[{"field": "votes", "kind": "many"}]"#,
        #"[{"field": "votes", "kind": "count", "gain": 2}]"#, #"[{"field": "votes", "kind": "rank", "scale": 0}]"#,
        #"[{"field": "votes", "kind": "count", "weight": 1}]"#, #"[{"field": "no", "kind": "count"}]"#,
    ])
    func aWrongSignalIsRefused(popularity: String) {
        #expect(throws: CatalogError.self) { try Self.catalog(popularity) }
    }

    @Test func theReasonSaysWhatVotesAdd() throws {
        let catalog = try Self.catalog()
        var request = SearchRequest("kite runner")
        request.explain = true
        let hits = try catalog.searcher.search(request).hits
        #expect(hits[0].reason == "matches 'kite runner' in the title; +74 % for votes")
        let sold = try #require(hits.first { $0.id == "sold" })
        #expect(sold.reason == "matches 'kite runner' in the title; +75 % for votes, last because it is sold out")
        #expect(hits.first { $0.id == "bare" }?.reason == "matches 'kite runner' in the title")
        #expect(hits[0].explain?.value == hits[0].score)
        #expect(hits[0].explain?.text.contains("gain of votes: it is 90000.0") ?? false)
    }

    /// A search that popularity does not rank does not claim that it does.
    @Test func theReasonOfAnExclusionHasNoVotes() throws {
        let catalog = try Self.catalog()
        var request = SearchRequest("-dune")
        request.explain = true
        let hits = try catalog.searcher.search(request).hits
        #expect(hits.count == Self.books.count)
        #expect(Set(hits.map(\.reason)) == ["matches the query"])
    }

    @Test func signalsFollowFromTheNamesOfFields() throws {
        let schema = try Schema(
            json: Array(
                """
                {"key": "id", "fields": [{"name": "id", "type": "keyword"}, {"name": "title", "type": "text"},
                 {"name": "sales", "type": "integer"}, {"name": "rating_count", "type": "integer"},
                 {"name": "rating", "type": "float"}, {"name": "average_rating", "type": "float"},
                 {"name": "rank", "type": "integer"}, {"name": "in_stock", "type": "boolean"},
                 {"name": "year", "type": "integer"}, {"name": "views", "type": "keyword"}]}
                """.utf8))
        let signals = PopularitySignal.inferred(schema).map { "\($0.field) \($0.kind.rawValue)" }
        #expect(signals == ["sales count", "rating_count count", "rating rating", "rank rank", "in_stock stock"])
    }
}
