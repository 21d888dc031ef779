import Indexer
import OracleSupport
import Testing

/// A search that comes to an end of its limits says so, and answers nothing that is wrong.
@Suite struct SearchLimitsTests {
    private let reader: IndexReader
    private let naive: NaiveIndex
    private let index: TemporaryIndex

    init() throws {
        let corpus = RandomCorpus(seed: 77, count: 3000, vocabulary: 300)
        naive = corpus.naive
        index = try TemporaryIndex(corpus, segments: 3, seed: 77)
        reader = try index.reader()
    }

    @Test func withoutTimeNothingIsFound() throws {
        var search = Search(
            .all, filters: [.exists(field: "year")], limit: 10, facets: [FacetRequest("tags", without: 0)])
        let whole = try reader.search(search)
        #expect(!whole.isPartial && whole.total ?? 0 > 0)
        search.limits.deadline = .now
        let late = try reader.search(search)
        #expect(late.isPartial && late.total == 0 && late.hits.isEmpty)
        for order in [Search.Order.score, .field("year", ascending: true), .fields([.score])] {
            search.order = order
            search.facets = []
            #expect(try reader.search(search).isPartial)
        }
        search.limits.deadline = .now + .seconds(3600)
        #expect(try !reader.search(search).isPartial)
    }

    @Test func someTermsOfAPattern() throws {
        let query = Query.pattern(field: "title", .prefix(""))
        let whole = try reader.search(Search(query, limit: 0))
        #expect(!whole.isPartial && whole.total == naive.search(Search(query, limit: 0)).total)
        var search = Search(query, limit: 3000)
        for expansions in [0, 1, 20] {
            search.limits.expansions = expansions
            let some = try reader.search(search)
            #expect(some.isPartial && some.total ?? .max < whole.total ?? 0)
            #expect((some.total == 0) == (expansions == 0))
        }
    }

    @Test func clausesAreCounted() throws {
        var search = Search(.or(Array(repeating: .term(field: "title", "a"), count: 20)))
        search.limits.clauses = 21
        _ = try reader.search(search)
        search.filters = [.all]
        #expect(throws: IndexError.self) { try reader.search(search) }
    }
}
