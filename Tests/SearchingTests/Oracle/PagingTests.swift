import Searching
import Segments
import TestSupport
import Testing

/// Paging with search-after positions visits every hit once, in order.
@Suite struct PagingTests {
    private static let orders: [Search.Order] = [
        .score, .field("year", ascending: true), .field("tags", ascending: false),
        .fields([SortField("color", ascending: true, missingFirst: true), .score]),
        .fields([.score, SortField("price", ascending: false)]),
    ]

    @Test(arguments: [1, 5]) func pagesCoverAllHits(_ segments: Int) throws {
        let corpus = RandomCorpus(seed: SplitMix64.varied(91), count: 700, vocabulary: 40)
        let naive = corpus.naive
        let reader = try TemporaryIndex(corpus, segments: segments, seed: 92).reader()
        var queries = RandomQueries(naive, textFields: ["title", "body"], keywordFields: ["color"], seed: 93)
        for query in [.all] + (0..<6).map({ _ in queries.term() }) {
            for order in Self.orders {
                let complete = naive.search(Search(query, limit: 700, order: order))
                var search = Search(query, limit: 37, order: order)
                var visited: [SearchResult.Hit] = []
                while true {
                    let page = try reader.search(search)
                    #expect(page.total == complete.total)
                    visited += page.hits
                    guard let last = page.hits.last else { break }
                    search.after = SearchAfter(
                        order == .score ? [.score(last.score)] : last.sort, document: last.document)
                }
                #expect(visited.map(\.document) == complete.hits.map(\.document), "\(query) by \(order)")
            }
        }
    }

    @Test func positionsOfAnotherOrderAreRejected() throws {
        let corpus = RandomCorpus(seed: 94, count: 20)
        let reader = try TemporaryIndex(corpus, segments: 1, seed: 94).reader()
        let positions: [(Search.Order, [SortValue])] = [
            (.score, []), (.score, [.integer(3)]), (.field("year", ascending: true), [.float(3)]),
            (.field("year", ascending: true), [.integer(3), .integer(3)]), (.fields([.score]), [.missing]),
            (.field("tags", ascending: true), [.score(1)]),
        ]
        for (order, values) in positions {
            #expect(throws: IndexError.self) {
                try reader.search(Search(.all, order: order, after: SearchAfter(values, document: 3)))
            }
        }
        #expect(throws: IndexError.self) { try reader.search(Search(.all, order: .fields([]))) }
        let tooMany = Array(repeating: SortField("year", ascending: true), count: SortField.maxFields + 1)
        #expect(throws: IndexError.self) { try reader.search(Search(.all, order: .fields(tooMany))) }
    }
}
