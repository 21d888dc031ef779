import Searching
import TestSupport
import Testing

/// Explanations against the scores of the search.
@Suite struct ExplanationTests {
    /// The value of the root is the hit's score, and that of a sum is the sum of its parts.
    @Test func explanationsAddUp() throws {
        let corpus = RandomCorpus(seed: SplitMix64.varied(61), count: 400, vocabulary: 60)
        let naive = corpus.naive
        let reader = try TemporaryIndex(corpus, segments: 3, seed: 62).reader()
        var random = SplitMix64(seed: SplitMix64.varied(63))
        var queries = RandomQueries(
            naive, textFields: ["title", "plain", "body"], keywordFields: RandomCorpus.keywordFields,
            numberFields: RandomCorpus.numberFields, seed: random.next())
        var explained = 0
        for _ in 0..<150 {
            let query = queries.next()
            let scores = naive.scores(query)
            for document in [random.below(400), random.below(400)] + scores.keys.sorted().prefix(2) {
                let explanation = try #require(try reader.explain(query, document: document))
                #expect(explanation.matches == (scores[document] != nil), "\(query) and \(document)")
                #expect(explanation.value == scores[document] ?? 0, "\(query) and \(document): \(explanation.text)")
                explained += explanation.matches ? 1 : 0
                guard case .boolean(let boolean) = query, explanation.matches else { continue }
                let scored = explanation.details.prefix(boolean.must.count + boolean.should.count)
                let sum = scored.reduce(0.0) { $0 + ($1.matches ? Double($1.value) : 0) }
                #expect(abs(sum - Double(explanation.value)) <= 1e-5 * max(sum, 1), "\(explanation.text)")
            }
        }
        #expect(explained > 100)
    }

    @Test func termsListTheirFactors() throws {
        let corpus = RandomCorpus(seed: 64, count: 50, vocabulary: 10)
        let reader = try TemporaryIndex(corpus, segments: 2, seed: 64).reader()
        let title = try #require(corpus.naive.terms("title").first)
        let query = Query.boosted(.term(field: "title", String(decoding: title, as: UTF8.self)), 2)
        let hit = try #require(try reader.search(Search(query)).hits.first)
        let explanation = try #require(try reader.explain(query, document: hit.document))
        #expect(explanation.value == hit.score)
        #expect(explanation.details.count == 3)
        #expect(explanation.details[0].value == 2)
        #expect(explanation.text.contains("idf"))
        let fields = [Query.WeightedField("title", weight: 3), .init("body", weight: 1)]
        let inBoth = Query.combined(fields: fields, String(decoding: title, as: UTF8.self))
        let combined = try #require(try reader.explain(inBoth, document: hit.document))
        #expect(combined.text.contains("occurrences in title, each counting 3.0"))
        #expect(combined.text.contains("idf"))
        let byYear = Popularity([.init("year", .linear(best: 1, from: 0, to: 4000))])
        let weighted = Query.functionScore(query, by: [.weight(0.5, .all), .popularity(byYear)])
        let scored = try #require(try reader.explain(weighted, document: hit.document))
        #expect(scored.details.count == 3)
        #expect(scored.details[1].value == 0.5)
        #expect(scored.text.contains("year"))
    }
}
