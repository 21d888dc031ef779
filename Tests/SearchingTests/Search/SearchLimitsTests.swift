import Searching
import Segments
import TestSupport
import Testing

/// A search that reaches a limit reports it, and its partial result contains no errors.
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

    @Test func expiredDeadlinesFindNothing() throws {
        var search = Search(
            .all, filters: [.exists(field: "year")], limit: 10, facets: [FacetRequest("tags", without: 0)])
        let complete = try reader.search(search)
        #expect(!complete.isPartial)
        #expect(complete.total ?? 0 > 0)
        search.limits.deadline = .now
        let late = try reader.search(search)
        #expect(late.isPartial)
        #expect(late.total == 0)
        #expect(late.hits.isEmpty)
        for order in [Search.Order.score, .field("year", ascending: true), .fields([.score])] {
            search.order = order
            search.facets = []
            #expect(try reader.search(search).isPartial)
        }
        search.limits.deadline = .now + .seconds(3600)
        #expect(try !reader.search(search).isPartial)
    }

    @Test func cancelledSearchesStop() throws {
        var search = Search(
            .all, filters: [.exists(field: "year")], limit: 10, facets: [FacetRequest("tags", without: 0)])
        let cancellation = SearchCancellation()
        search.limits = SearchLimits(deadline: .now + .seconds(3600), cancellation: cancellation)
        let complete = try reader.search(search)
        #expect(!complete.isPartial)
        #expect(complete.total ?? 0 > 0)
        cancellation.cancel()
        for deadline in [search.limits.deadline, nil] {
            search.limits.deadline = deadline
            let cancelled = try reader.search(search)
            #expect(cancelled.isLate)
            #expect(cancelled.hits.isEmpty)
        }
    }

    /// Words are looked up in dictionaries before anything is searched.
    @Test func queriesThatLookWordsUpStopAtTheDeadline() throws {
        let word = String(decoding: try #require(naive.terms("title").first), as: UTF8.self)
        for query in [
            Query.fuzzy(field: "title", FuzzyTerm(word, prefix: 0)),
            .pattern(field: "title", .prefix(String(word.prefix(1)))),
        ] {
            var search = Search(query)
            #expect(try !reader.search(search).hits.isEmpty)
            search.limits.deadline = .now
            let late = try reader.search(search)
            #expect(late.isLate)
            #expect(late.hits.isEmpty)
        }
    }

    @Test func lookUpsStopAtTheDeadline() throws {
        let ample = SearchLimits(deadline: .now + .seconds(3600))
        let late = SearchLimits(deadline: .now)
        let term = try #require(naive.terms("title").first)
        let word = String(decoding: term, as: UTF8.self)
        func similar(_ limits: SearchLimits) throws -> [SimilarTerm] {
            try reader.similarTerms("title", to: word, edits: 2, prefix: 0, limits: limits)
        }
        #expect(try !similar(ample).isEmpty)
        #expect(try similar(late).isEmpty)
        #expect(try !reader.completions("title", of: "", limits: ample).isEmpty)
        #expect(try reader.completions("title", of: "", limits: late).isEmpty)
        let query = Query.term(field: "title", word)
        let document = try #require(try reader.search(Search(query)).hits.first).document
        #expect(try reader.explain(query, document: document, limits: ample)?.matches == true)
        #expect(try reader.explain(query, document: document, limits: late) == nil)
    }

    @Test func patternsExpandToALimitedNumberOfTerms() throws {
        let query = Query.pattern(field: "title", .prefix(""))
        let complete = try reader.search(Search(query, limit: 0))
        #expect(!complete.isPartial)
        #expect(complete.total == naive.search(Search(query, limit: 0)).total)
        var search = Search(query, limit: 3000)
        for expansions in [0, 1, 20] {
            search.limits.expansions = expansions
            let partial = try reader.search(search)
            #expect(partial.isPartial)
            #expect(partial.total ?? .max < complete.total ?? 0)
            #expect((partial.total == 0) == (expansions == 0))
        }
    }

    /// A distant deadline does not drop what the limited expansion found.
    @Test func limitedExpansionsWorkWithADeadline() throws {
        var search = Search(.pattern(field: "title", .prefix("")), filters: [.exists(field: "year")], limit: 3000)
        search.limits.deadline = .now + .seconds(3600)
        search.limits.expansions = 20
        let partial = try reader.search(search)
        #expect(partial.isPartial)
        #expect(partial.total ?? 0 > 0)
        // Drill-sideways expands the same terms again, but has a budget of its own.
        search.limits.expansions = 1_000_000
        let complete = try reader.search(search)
        search.facets = [FacetRequest("tags", without: 0)]
        search.limits.expansions = naive.terms("title").count * 3
        let withDrillSideways = try reader.search(search)
        #expect(!complete.isPartial)
        #expect(!withDrillSideways.isPartial)
        #expect(withDrillSideways.total == complete.total)
    }

    /// Excluded patterns must be expanded completely, or documents would be let in.
    @Test func tooManyExcludedTermsAreRejected() throws {
        let pattern = Query.pattern(field: "title", .prefix(""))
        for query in [
            Query.boolean(.init(mustNot: [pattern], filter: [.all])), .functionScore(.all, by: [.weight(0.5, pattern)]),
            .boolean(.init(must: [.all], mustNot: [.constant(.or([pattern, .none]), 1)])),
        ] {
            var search = Search(query)
            #expect(throws: Never.self) { try reader.search(search) }
            search.limits.expansions = 20
            #expect { try reader.search(search) } throws: { "\($0)".contains("too many values") }
        }
    }

    @Test func collapsingStopsAtTheDeadline() throws {
        var search = Search(.all, limit: 10)
        search.collapse = "tags"
        #expect(try !reader.search(search).isPartial)
        search.limits.deadline = .now
        #expect(try reader.search(search).isPartial)
    }

    /// Excessive queries are rejected before they cost anything.
    @Test func deepAndWideQueriesAreRejected() throws {
        var deep = Query.all
        for _ in 0..<200 { deep = .constant(deep, 1) }
        #expect { try reader.search(Search(deep)) } throws: { "\($0)".contains("levels deep") }
        let fuzzy = Query.fuzzy(field: "title", FuzzyTerm("word", limit: 1000))
        #expect { try reader.search(Search(.or(Array(repeating: fuzzy, count: 20)))) } throws: {
            "\($0)".contains("clauses")
        }
        let weighted = Query.functionScore(.all, by: [.weight(2, .or(Array(repeating: .all, count: 20_000)))])
        #expect { try reader.search(Search(weighted)) } throws: { "\($0)".contains("clauses") }
        var grown = Query.boosted(.all, 1e29)
        for _ in 0..<3 { grown = .functionScore(grown, by: [.weight(1e6, .all)]) }
        #expect { try reader.search(Search(grown)) } throws: { "\($0)".contains("below") }
    }

    /// A negative zero counts as zero, although its bits are above those of all scores.
    @Test func negativeZerosDoNotRankFirst() throws {
        let low = Query.functionScore(.all, by: [.weight(-0.0, .exists(field: "year"))])
        let hits = try reader.search(Search(low, limit: 3000)).hits
        #expect(hits.first?.score == 1)
        #expect(hits.last?.score == 0)
        let constant = Query.or([
            .constant(.exists(field: "year"), -0.0), .boolean(.init(must: [.all], mustNot: [.exists(field: "year")])),
        ])
        #expect(try reader.search(Search(constant, limit: 3000)).hits.first?.score == 1)
    }

    @Test func negativeLimitsFindNothing() throws {
        #expect(try reader.similarTerms("title", to: "word", edits: 1, prefix: -1, limit: -1).isEmpty)
        #expect(try reader.completions("title", of: "", limit: -1).isEmpty)
        #expect(try reader.moreLikeThis(0, fields: ["title"], terms: -1) == .none)
    }

    @Test func filtersCountAsClauses() throws {
        var search = Search(.or(Array(repeating: .term(field: "title", "a"), count: 20)))
        search.limits.clauses = 21
        _ = try reader.search(search)
        search.filters = [.all]
        #expect(throws: IndexError.self) { try reader.search(search) }
    }
}
