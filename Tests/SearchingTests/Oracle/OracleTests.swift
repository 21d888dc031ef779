import Searching
import Segments
import TestSupport
import Testing

/// The engine against the naive index: equal hits, scores to the last bit, and counts.
@Suite struct OracleTests {
    /// A random corpus with random searches.
    struct Case: Sendable, CustomTestStringConvertible {
        var seed: UInt64
        var count: Int
        var alphabet: Alphabet
        var queries: Int
        var testDescription: String { "\(count) documents, \(alphabet), seed \(seed)" }

        /// True if the schema is random as well.
        var hasRandomSchema = false

        /// The documents.
        var corpus: RandomCorpus {
            let corpus = RandomCorpus(seed: seed, count: count, alphabet, vocabulary: count > 1000 ? 1500 : 90)
            return hasRandomSchema ? corpus.withRandomSchema(seed: seed &+ 300) : corpus
        }

        /// Random searches of the corpus.
        func searches(_ naive: NaiveIndex, _ corpus: RandomCorpus) -> [Search] {
            var random = SplitMix64(seed: seed &+ 100)
            var queries = RandomQueries(
                naive, textFields: ["title", "plain", "body"], keywordFields: corpus.keywordFields + ["id"],
                numberFields: corpus.numberFields, seed: seed &+ 200)
            return (0..<self.queries).map { number in
                let query =
                    switch number % 10 {
                    case 0, 6: queries.term()
                    case 1, 7: queries.phrase()
                    case 3: queries.nested(depth: count > 1000 ? 2 : 3)
                    case 4: queries.range()
                    case 5: queries.pattern()
                    case 8: queries.fuzzy()
                    default: queries.next()
                    }
                return Self.search(query, corpus, &queries, &random)
            }
        }

        private static func search(
            _ query: Query, _ corpus: RandomCorpus, _ queries: inout RandomQueries, _ random: inout SplitMix64
        ) -> Search {
            var search = Search(query, limit: random.pick([0, 1, 10, 1000]))
            if random.chance(30) { search.order = order(corpus, &random) }
            if random.chance(15) { search.after = position(search.order, &random) }
            if random.chance(30) { search.filters = (0...random.skewed(below: 3)).map { _ in queries.filter() } }
            if random.chance(40) {
                search.facets = (0...random.below(3)).map { _ in facet(corpus, filters: search.filters.count, &random) }
            }
            if random.chance(10) { search.collapse = random.pick(corpus.keywordFields) }
            if random.chance(15) { search.beyond = queries.filter() }
            if random.chance(20) { search.similarity = BM25(k1: 0.9, b: 0.4) }
            if random.chance(30) { search.countsMatches = false }
            return search
        }
    }

    /// A random facet of any kind; with filters, it often omits one of them.
    private static func facet(_ corpus: RandomCorpus, filters: Int, _ random: inout SplitMix64) -> FacetRequest {
        let values = random.pick(corpus.keywordFields)
        let numbers = random.pick(corpus.numberFields)
        var facet: FacetRequest
        switch random.below(10) {
        case 9 where corpus.numberFields.contains("added"):
            facet = FacetRequest("added", .calendar(random.pick(CalendarUnit.allCases)))
        case 0: facet = FacetRequest(values, .distinct)
        case 1: facet = FacetRequest(numbers, .statistics)
        case 2: facet = FacetRequest(numbers, .histogram(width: random.pick([1, 10, 0.5, 0.1, 0.3, 2.5, 0.07, 1e18])))
        case 3:
            let ends: [ValueRange.Bound?] =
                numbers == "added"
                ? [nil, .init(.text("2015")), .init(.text("2019-02"), isIncluded: false)]
                : [nil, .init(.integer(2000)), .init(.float(50.5), isIncluded: false)]
            facet = FacetRequest(
                numbers,
                .ranges(
                    (0..<random.below(4)).map { _ in ValueRange(lower: random.pick(ends), upper: random.pick(ends)) }))
        case 4:
            facet = FacetRequest(
                values,
                .values(
                    .init(
                        size: random.pick([3, 1000]), including: ["red", "tag1"], order: random.pick([.count, .value]),
                        prefix: random.pick(["", "tag", "caf", "none"]), separator: random.pick([nil, "1", "e", "2"]))))
        default:
            facet = FacetRequest(
                values, size: random.pick([0, 1, 5, 1000]), including: ["red", "none such", "cafe\u{301}"])
        }
        if filters > 0, random.chance(60) { facet.without = random.below(filters) }
        return facet
    }

    /// A random order by a few fields, sometimes with one twice.
    private static func order(_ corpus: RandomCorpus, _ random: inout SplitMix64) -> Search.Order {
        .fields(
            (0..<(1 + random.skewed(below: SortField.maxFields))).map { _ in
                if random.chance(15) { return .score }
                return SortField(
                    random.pick(corpus.numberFields + corpus.keywordFields), ascending: random.chance(50),
                    missingFirst: random.chance(30))
            })
    }

    /// A random search-after position of an order; there may be no hit at it.
    private static func position(_ order: Search.Order, _ random: inout SplitMix64) -> SearchAfter {
        let document = random.below(300)
        guard case .fields(let fields) = order else {
            return SearchAfter([.score(random.pick([0, 0.5, 1, 2.5, 7]))], document: document)
        }
        return SearchAfter(
            fields.map { field in
                switch field.origin {
                case .score: return .score(random.pick([0, 1, 2.5]))
                case .field where random.chance(20): return .missing
                case .field("year"): return .integer(1990 + Int64(random.below(40)))
                case .field("price"): return .float(Double(random.below(500)) + random.pick([0, 0.99]))
                case .field("available"): return .integer(Int64(random.below(2)))
                case .field("added"): return .integer(1_200_000_000_000 + Int64(random.below(1000)) * 86_400_000)
                case .field("cost"): return .integer(Int64(random.below(20_000)))
                case .field: return .text(Array(random.pick(["", "red", "blu", "épi", "tag7", "zz", "a"]).utf8))
                }
            }, document: document)
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
    ].map { testCase in
        var varied = testCase
        varied.seed = SplitMix64.varied(testCase.seed)
        return varied
    }

    @Test(arguments: cases)
    func resultsEqualTheNaiveIndex(_ testCase: Case) throws {
        let corpus = testCase.corpus
        let naive = corpus.naive
        try OracleComparison(testCase.searches(naive, corpus), naive).compareShapes(of: corpus, seed: testCase.seed)
    }

    /// `minimumShould` from 0 to more than the number of clauses, alone and with other clauses.
    @Test(arguments: [nil, 0, 1, 2, 3, 4] as [Int?])
    func minimumShouldIsRespected(_ minimum: Int?) throws {
        let corpus = RandomCorpus(seed: SplitMix64.varied(11), count: 1500, vocabulary: 40)
        let naive = corpus.naive
        var queries = RandomQueries(
            naive, textFields: ["title", "body"], keywordFields: ["color"], seed: SplitMix64.varied(12))
        var searches: [Search] = []
        for round in 0..<12 {
            let should = [queries.term(), queries.term(), queries.term()]
            for var boolean in [
                Query.Boolean(should: should), .init(must: [queries.term()], should: should),
                .init(should: should, filter: [queries.term()]), .init(should: should, mustNot: [queries.term()]),
                .init(must: [queries.term(), queries.term()], should: Array(should.prefix(round % 3))),
            ] {
                boolean.minimumShould = minimum
                searches.append(Search(.boolean(boolean), limit: [1, 10, 2000][round % 3]))
                searches.append(Search(.boolean(.init(must: [.all], filter: [.boolean(boolean)])), limit: 10))
            }
        }
        try OracleComparison(searches, naive).compareShapes(of: corpus, seed: 13)
    }

    /// Queries of hundreds of clauses, many of them repeated.
    @Test func wideQueriesEqualTheNaiveIndex() throws {
        let corpus = RandomCorpus(seed: SplitMix64.varied(14), count: 700, vocabulary: 300)
        let naive = corpus.naive
        var queries = RandomQueries(
            naive, textFields: ["title", "body"], keywordFields: ["color"], seed: SplitMix64.varied(15))
        var searches: [Search] = []
        for count in [20, 100, 300] {
            let clauses = (0..<count).map { _ in queries.term() }
            searches.append(Search(.or(clauses), limit: 20))
            searches.append(Search(.or(clauses + clauses), limit: 700))
            for minimum in [2, 5, count] {
                searches.append(Search(.boolean(.init(should: clauses, minimumShould: minimum)), limit: 50))
            }
            let boolean = Query.Boolean(must: [clauses[0]], should: clauses, mustNot: Array(clauses.suffix(9)))
            searches.append(Search(.boolean(boolean), limit: 50))
            searches.append(Search(.and(Array(repeating: clauses[0], count: count)), limit: 50))
        }
        try OracleComparison(searches, naive).compareShapes(of: corpus, seed: 16)
    }
}
