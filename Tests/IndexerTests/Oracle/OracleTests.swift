import Indexer
import OracleSupport
import Testing

/// The engine against the naive index: hit for hit, score for score to the last bit, count for count.
@Suite struct OracleTests {
    /// A corpus and how it is searched.
    struct Case: Sendable, CustomTestStringConvertible {
        var seed: UInt64
        var count: Int
        var alphabet: Alphabet
        var queries: Int
        var testDescription: String { "\(count) documents, \(alphabet), seed \(seed)" }
    }

    static let cases: [Case] = [
        Case(seed: 1, count: 0, alphabet: .ascii, queries: 20),
        Case(seed: 2, count: 1, alphabet: .mixed, queries: 40),
        Case(seed: 3, count: 255, alphabet: .ascii, queries: 120),
        Case(seed: 4, count: 256, alphabet: .cjk, queries: 120),
        Case(seed: 5, count: 257, alphabet: .marks, queries: 120),
        Case(seed: 6, count: 4095, alphabet: .ascii, queries: 60),
        Case(seed: 7, count: 4096, alphabet: .mixed, queries: 60),
        Case(seed: 8, count: 4097, alphabet: .cjk, queries: 60),
        Case(seed: 9, count: 9000, alphabet: .ascii, queries: 60),
        Case(seed: 10, count: 37, alphabet: .marks, queries: 200),
    ].map { one in
        var other = one
        other.seed = SplitMix64.varied(one.seed)
        return other
    }

    @Test(arguments: cases)
    func answersEqualTheNaiveIndex(_ one: Case) throws {
        let corpus = RandomCorpus(
            seed: one.seed, count: one.count, one.alphabet, vocabulary: one.count > 1000 ? 1500 : 90)
        let naive = corpus.naive
        let searches = Self.searches(one, naive)
        let expected = searches.map { naive.search($0) }
        for segments in [1, 2, 7] {
            let index = try TemporaryIndex(corpus, segments: segments, seed: one.seed)
            try compare(index, searches, expected, "\(segments) segments")
            guard segments == 7 else { continue }
            try index.merge(to: 2)
            try compare(index, searches, expected, "7 segments merged to 2")
            try index.merge(to: 1)
            try compare(index, searches, expected, "merged to 1")
        }
    }

    private func compare(
        _ index: TemporaryIndex, _ searches: [Search], _ expected: [NaiveResult], _ shape: String
    ) throws {
        let reader = try index.reader()
        var differences = 0
        for (search, wanted) in zip(searches, expected) {
            let found = try reader.search(search)
            guard let difference = wanted.difference(from: found) else { continue }
            differences += 1
            if differences <= 2 {
                Issue.record(
                    "\(shape): \(difference) for \(search.query), limit \(search.limit), order \(search.order)")
            }
        }
        #expect(differences == 0, "\(differences) of \(searches.count) answers differ on \(shape)")
    }

    private static func searches(_ one: Case, _ naive: NaiveIndex) -> [Search] {
        var random = SplitMix64(seed: one.seed &+ 100)
        var queries = RandomQueries(
            naive, textFields: ["title", "plain", "body"], keywordFields: ["tags", "color", "id"], seed: one.seed &+ 200
        )
        return (0..<one.queries).map { number in
            let query = number % 6 == 0 ? queries.term() : number % 6 == 1 ? queries.phrase() : queries.next()
            var search = Search(query, limit: random.pick([0, 1, 10, 1000]))
            switch random.below(8) {
            case 0: search.order = .field("year", ascending: random.chance(50))
            case 1: search.order = .field("price", ascending: random.chance(50))
            default: break
            }
            if random.chance(40) {
                search.facets = [
                    FacetRequest(
                        "tags", size: random.pick([0, 1, 5, 1000]), including: ["red", "none such", "cafe\u{301}"]),
                    FacetRequest("color", size: random.pick([2, 10])),
                ]
            }
            if random.chance(20) { search.similarity = BM25(k1: 0.9, b: 0.4) }
            return search
        }
    }
}
