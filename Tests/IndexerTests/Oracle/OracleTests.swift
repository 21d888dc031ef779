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

        /// Whether the schema is a random one, too.
        var hasRandomSchema = false

        /// The documents.
        var corpus: RandomCorpus {
            let corpus = RandomCorpus(seed: seed, count: count, alphabet, vocabulary: count > 1000 ? 1500 : 90)
            return hasRandomSchema ? corpus.withRandomSchema(seed: seed &+ 300) : corpus
        }

        /// Random searches of an index of theirs.
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
            if random.chance(15) { search.after = place(search.order, &random) }
            if random.chance(30) { search.filters = (0...random.skewed(below: 3)).map { _ in queries.filter() } }
            if random.chance(40) {
                search.facets = (0...random.below(3)).map { _ in facet(corpus, filters: search.filters.count, &random) }
            }
            if random.chance(10) { search.collapse = random.pick(corpus.keywordFields) }
            if random.chance(20) { search.similarity = BM25(k1: 0.9, b: 0.4) }
            if random.chance(30) { search.countsMatches = false }
            return search
        }
    }

    /// A facet of any kind; with filters, often one that leaves one of them out.
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

    /// An order by a few fields, sometimes by one twice.
    private static func order(_ corpus: RandomCorpus, _ random: inout SplitMix64) -> Search.Order {
        .fields(
            (0..<(1 + random.skewed(below: SortField.most))).map { _ in
                if random.chance(15) { return .score }
                return SortField(
                    random.pick(corpus.numberFields + corpus.keywordFields), ascending: random.chance(50),
                    missingFirst: random.chance(30))
            })
    }

    /// A place in an order, whether or not there is a hit.
    private static func place(_ order: Search.Order, _ random: inout SplitMix64) -> SearchPlace {
        let document = random.below(300)
        guard case .fields(let fields) = order else {
            return SearchPlace([.score(random.pick([0, 0.5, 1, 2.5, 7]))], document: document)
        }
        return SearchPlace(
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
    ].map { one in
        var other = one
        other.seed = SplitMix64.varied(one.seed)
        return other
    }

    @Test(arguments: cases)
    func answersEqualTheNaiveIndex(_ one: Case) throws {
        let corpus = one.corpus
        let naive = corpus.naive
        try OracleComparison(one.searches(naive, corpus), naive).compareShapes(of: corpus, seed: one.seed)
    }

    /// How many of `should` have to match, from none to more than there are, alone and beside other clauses.
    @Test(arguments: [nil, 0, 1, 2, 3, 4] as [Int?])
    func someOfSeveralMustMatch(_ minimum: Int?) throws {
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

    /// Hundreds of clauses, the same ones again and again among them.
    @Test func wideQueries() throws {
        let corpus = RandomCorpus(seed: SplitMix64.varied(14), count: 700, vocabulary: 300)
        let naive = corpus.naive
        var queries = RandomQueries(
            naive, textFields: ["title", "body"], keywordFields: ["color"], seed: SplitMix64.varied(15))
        var searches: [Search] = []
        for count in [20, 100, 300] {
            let some = (0..<count).map { _ in queries.term() }
            searches.append(Search(.or(some), limit: 20))
            searches.append(Search(.or(some + some), limit: 700))
            for minimum in [2, 5, count] {
                searches.append(Search(.boolean(.init(should: some, minimumShould: minimum)), limit: 50))
            }
            searches.append(
                Search(.boolean(.init(must: [some[0]], should: some, mustNot: Array(some.suffix(9)))), limit: 50))
            searches.append(Search(.and(Array(repeating: some[0], count: count)), limit: 50))
        }
        try OracleComparison(searches, naive).compareShapes(of: corpus, seed: 16)
    }
}
