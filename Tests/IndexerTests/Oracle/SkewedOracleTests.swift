import OracleSupport
import Testing

@testable import Indexer

/// Lists of many blocks, most of which cannot have a hit: skipping must not change an answer.
@Suite struct SkewedOracleTests {
    private static let words = [
        "most", "run", "tide", "burst", "seldom", "once", "w0", "w1", "w2", "w5", "w9", "w20", "w45", "w69",
    ]

    private static func term(_ word: String) -> Query { .term(field: "t", word) }

    /// Queries in which some clauses decide and others do not.
    private static func queries(_ naive: NaiveIndex, _ random: inout SplitMix64) -> [Query] {
        func some(_ count: Int) -> [Query] { (0..<count).map { _ in term(random.pick(words)) } }
        let color = Query.term(field: "k", "green")
        var all = words.map(term)
        for count in [2, 2, 2, 3, 3, 5, 9] {
            all.append(.or(some(count)))
            all.append(.or(some(count).map { .boosted($0, random.pick([0, 0.01, 1, 30])) }))
        }
        for count in [2, 2, 3] { all.append(.and(some(count))) }
        for minimum in [2, 3] { all.append(.boolean(.init(should: some(5), minimumShould: minimum))) }
        all += [
            .boolean(.init(must: [term("most")], should: some(3))), .boolean(.init(must: some(1), filter: [color])),
            .boolean(.init(must: [term("tide")], mustNot: [term("w0")])),
            .boolean(
                .init(must: [.or(some(3))], should: [term("run"), color], mustNot: some(1), filter: [.or(some(2))])),
            .or([.and([term("w0"), term("tide")]), .phrase(field: "t", [.init("w1", at: 0), .init("w0", at: 1)])]),
            .phrase(field: "t", [.init("w0", at: 0), .init("w1", at: 1)]),
            .phrase(field: "t", [.init("burst", at: 0), .init("burst", at: 1)]), .and([color, term("run")]), color,
            .or([color, term("w5")]), .all, .or([.all, term("w2")]),
        ]
        var others = RandomQueries(naive, textFields: ["t"], keywordFields: ["k"], seed: random.next())
        all += (0..<12).map { _ in others.next() }
        all += (0..<2).map { _ in others.nested(depth: 2) }
        return all
    }

    @Test(arguments: [1, 2] as [UInt64])
    func skippingChangesNothing(_ seed: UInt64) throws {
        let corpus = SkewedCorpus(seed: SplitMix64.varied(seed), count: seed == 1 ? 20_000 : 9000)
        let naive = corpus.naive
        var random = SplitMix64(seed: SplitMix64.varied(seed + 20))
        var searches: [Search] = []
        var scores: [[Int: Float]] = []
        for (number, query) in Self.queries(naive, &random).enumerated() {
            let similarity = number % 5 == 0 ? BM25(k1: 0.9, b: 0.4) : BM25()
            let found = naive.scores(query, similarity)
            for limit in [1, 10, 100, 1000] {
                searches.append(
                    Search(
                        query, limit: limit, facets: number % 7 == 0 ? [FacetRequest("k")] : [], similarity: similarity,
                        countsMatches: (number + limit) % 3 != 0))
                scores.append(found)
            }
        }
        try OracleComparison(searches, scores, naive, without: []).compareShapes(of: corpus, seed: seed)
    }

    /// The corpus is one in which there is something to skip.
    @Test func mostBlocksCannotHaveAHit() throws {
        let corpus = SkewedCorpus(seed: 1, count: 20_000)
        let reader = try TemporaryIndex(corpus).reader()
        let segment = reader.segments[0]
        for word in ["most", "tide", "run"] {
            let plan = try SearchPlan(Self.term(word), reader, BM25(), isScored: true)
            let scope = SegmentScope.sized(4096, documents: segment.documents)
            let stream = try plan.stream(0, scope)
            let term = try #require(stream as? TermStream)
            let list = term.cursor.pointee.list
            let weight = try #require(term.weight)
            var bounds = [Float](repeating: 0, count: list.blockCount)
            weight.bounds(try #require(list.impacts), blocks: list.blockCount, into: &bounds)
            let tenth = try #require(try reader.search(Search(Self.term(word))).hits.last).score
            let skipped = bounds.count { $0 < tenth }
            #expect(list.blockCount > 15 && skipped > list.blockCount / 3, "\(word): \(skipped) of \(list.blockCount)")
        }
    }
}
