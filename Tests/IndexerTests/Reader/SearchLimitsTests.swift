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

    /// With a deadline far away, too: what was found stays found.
    @Test func someTermsAreFoundInTime() throws {
        var search = Search(.pattern(field: "title", .prefix("")), filters: [.exists(field: "year")], limit: 3000)
        search.limits.deadline = .now + .seconds(3600)
        search.limits.expansions = 20
        let some = try reader.search(search)
        #expect(some.isPartial && some.total ?? 0 > 0)
        // Looking at the same terms for a facet of its own does not use them up.
        search.limits.expansions = 1_000_000
        let whole = try reader.search(search)
        search.facets = [FacetRequest("tags", without: 0)]
        search.limits.expansions = naive.terms("title").count * 3
        let sideways = try reader.search(search)
        #expect(!whole.isPartial && !sideways.isPartial && sideways.total == whole.total)
    }

    /// What is excluded must be known whole.
    @Test func tooManyExcludedTermsAreRefused() throws {
        let all = Query.pattern(field: "title", .prefix(""))
        for query in [
            Query.boolean(.init(mustNot: [all], filter: [.all])), .scored(.all, by: [.weight(0.5, all)]),
            .boolean(.init(must: [.all], mustNot: [.constant(.or([all, .none]), 1)])),
        ] {
            var search = Search(query)
            #expect(throws: Never.self) { try reader.search(search) }
            search.limits.expansions = 20
            #expect { try reader.search(search) } throws: { "\($0)".contains("too many values") }
        }
    }

    @Test func groupsAreGivenUpInTime() throws {
        var search = Search(.all, limit: 10)
        search.collapse = "tags"
        #expect(try !reader.search(search).isPartial)
        search.limits.deadline = .now
        #expect(try reader.search(search).isPartial)
    }

    /// Queries that nobody writes are refused before they cost anything.
    @Test func deepAndWideQueriesAreRefused() throws {
        var deep = Query.all
        for _ in 0..<200 { deep = .constant(deep, 1) }
        #expect { try reader.search(Search(deep)) } throws: { "\($0)".contains("levels deep") }
        let fuzzy = Query.fuzzy(field: "title", FuzzyTerm("word", limit: 1000))
        #expect { try reader.search(Search(.or(Array(repeating: fuzzy, count: 20)))) } throws: {
            "\($0)".contains("clauses")
        }
        let weighed = Query.scored(.all, by: [.weight(2, .or(Array(repeating: .all, count: 20_000)))])
        #expect { try reader.search(Search(weighed)) } throws: { "\($0)".contains("clauses") }
        var grown = Query.boosted(.all, 1e29)
        for _ in 0..<3 { grown = .scored(grown, by: [.weight(1e6, .all)]) }
        #expect { try reader.search(Search(grown)) } throws: { "\($0)".contains("below") }
    }

    /// A weight of nothing is nothing, whatever its sign.
    @Test func negativeZerosDoNotRankFirst() throws {
        let low = Query.scored(.all, by: [.weight(-0.0, .exists(field: "year"))])
        let hits = try reader.search(Search(low, limit: 3000)).hits
        #expect(hits.first?.score == 1 && hits.last?.score == 0)
        let constant = Query.or([
            .constant(.exists(field: "year"), -0.0), .boolean(.init(must: [.all], mustNot: [.exists(field: "year")])),
        ])
        #expect(try reader.search(Search(constant, limit: 3000)).hits.first?.score == 1)
    }

    @Test func negativeLimitsFindNothing() throws {
        #expect(try reader.similarTerms("title", to: "word", edits: 1, prefix: -1, limit: -1).isEmpty)
        #expect(try reader.completions("title", of: "", limit: -1).isEmpty)
        #expect(try reader.like(0, fields: ["title"], terms: -1) == .none)
    }

    @Test func clausesAreCounted() throws {
        var search = Search(.or(Array(repeating: .term(field: "title", "a"), count: 20)))
        search.limits.clauses = 21
        _ = try reader.search(search)
        search.filters = [.all]
        #expect(throws: IndexError.self) { try reader.search(search) }
    }
}
