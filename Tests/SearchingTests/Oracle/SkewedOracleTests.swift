import TestSupport
import Testing

@testable import Searching
@testable import Segments

/// Postings lists of many blocks, most of which cannot contain a hit: skipping must not change a result.
@Suite struct SkewedOracleTests {
    private static let words = [
        "most", "run", "tide", "burst", "seldom", "once", "w0", "w1", "w2", "w5", "w9", "w20", "w45", "w69",
    ]

    private static func term(_ word: String) -> Query { .term(field: "t", word) }

    /// Queries in which some clauses are essential and randomQueries are not.
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
            .boolean(
                .init(
                    must: [.or(some(3))],
                    should: [.constant(term("burst"), 9), .constant(term("once"), 3), .or(some(2))], mustNot: some(1))),
            .boolean(
                .init(
                    should: some(3) + [.constant(term("seldom"), 5)],
                    filter: [.or([.boolean(.init(should: some(4), minimumShould: 2)), term("burst")])])),
            .or([.and([term("w0"), term("tide")]), .phrase(field: "t", [.init("w1", at: 0), .init("w0", at: 1)])]),
            .phrase(field: "t", [.init("w0", at: 0), .init("w1", at: 1)]),
            .phrase(field: "t", [.init("burst", at: 0), .init("burst", at: 1)]), .and([color, term("run")]), color,
            .or([color, term("w5")]), .all, .or([.all, term("w2")]),
        ]
        var randomQueries = RandomQueries(naive, textFields: ["t"], keywordFields: ["k"], seed: random.next())
        all += (0..<12).map { _ in randomQueries.next() }
        all += (0..<2).map { _ in randomQueries.nested(depth: 2) }
        return all
    }

    @Test(arguments: [1, 2] as [UInt64])
    func skippingDoesNotChangeResults(_ seed: UInt64) throws {
        let corpus = SkewedCorpus(seed: SplitMix64.varied(seed), count: seed == 1 ? 20_000 : 9000)
        let naive = corpus.naive
        var random = SplitMix64(seed: SplitMix64.varied(seed + 20))
        var searches: [Search] = []
        var scores: [[Int: Float]] = []
        for (number, query) in Self.queries(naive, &random).enumerated() {
            let similarity = number % 5 == 0 ? BM25(k1: 0.9, b: 0.4) : BM25()
            let matches = naive.scores(query, similarity)
            for limit in [1, 10, 100, 1000] {
                searches.append(
                    Search(
                        query, limit: limit, facets: number % 7 == 0 ? [FacetRequest("k")] : [], similarity: similarity,
                        countsMatches: (number + limit) % 3 != 0))
                scores.append(matches)
            }
        }
        try OracleComparison(searches, scores, naive, without: []).compareShapes(of: corpus, seed: seed)
    }

    /// The corpus really has blocks to skip.
    @Test func manyBlocksCannotContainAHit() throws {
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
            let tenthScore = try #require(try reader.search(Search(Self.term(word))).hits.last).score
            let skipped = bounds.count { $0 < tenthScore }
            #expect(list.blockCount > 15, "\(word)")
            #expect(skipped > list.blockCount / 3, "\(word): \(skipped) of \(list.blockCount)")
        }
    }
}
