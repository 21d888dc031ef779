import Indexer
import Searching
import TestSupport
import Testing

@testable import Segments

/// An index with patched numbers finds what an index finds that was written with them.
@Suite struct PatchedOracleTests {
    /// Documents with two words and a number, which some of them lack.
    private struct Numbers: IndexableCorpus {
        var values: [Int64?]
        var count: Int { values.count }

        func indexSchema() throws -> Schema {
            try Schema(
                key: "id",
                fields: [Field("id", .keyword), Field("word", .keyword, multiple: true), Field("n", .integer)])
        }

        func write(_ number: Int, into buffer: inout DocumentBuffer, _ members: Members) {
            buffer.reset()
            buffer.append(0, text: "\(number)")
            buffer.append(1, text: "w\(number % 3)")
            buffer.append(1, text: "v\(number * 7919 % 40)")
            if let value = values[number] { buffer.append(2, integer: value) }
        }
    }

    /// A number near those of the documents around it, as a year or a price of one shelf is, or one far from them.
    private static func value(near document: Int, _ random: inout SplitMix64) -> Int64? {
        if random.chance(10) { return nil }
        return Int64(random.chance(5) ? random.below(2000) : document / 20 + random.below(40))
    }

    private static func searches(_ random: inout SplitMix64) -> [Search] {
        let signals: [Popularity.Gain] = [
            .count(perTenfold: 0.3, most: 2), .rank(perTenfold: 0.3, last: 900), .linear(best: 1, from: 100, to: 600),
            .soldOut(loss: 0.5),
        ]
        return (0..<60).map { _ in
            let word = Query.term(field: "word", random.chance(50) ? "w\(random.below(3))" : "v\(random.below(40))")
            let from = Int64(random.below(700))
            let between = ValueRange(lower: .init(.integer(from)), upper: .init(.integer(from + 100)))
            var search = Search(random.chance(20) ? .all : word, limit: [1, 10, 50][random.below(3)])
            switch random.below(3) {
            case 0:
                let popularity = Popularity([.init("n", random.pick(signals))])
                search.query = .functionScore(search.query, by: [.popularity(popularity)])
            case 1:
                search.order = .fields([SortField("n", ascending: random.chance(50), missingFirst: random.chance(50))])
            default:
                search.facets = [
                    FacetRequest("n", .histogram(width: Double(1 + random.below(200)))), FacetRequest("n", .statistics),
                ]
            }
            if random.chance(30) { search.filters = [.range(field: "n", between)] }
            return search
        }
    }

    @Test(arguments: [1, 3]) func patchedNumbersAreThoseOfTheDocuments(_ segments: Int) throws {
        var random = SplitMix64(seed: SplitMix64.varied(28))
        var corpus = Numbers(values: (0..<9500).map { Self.value(near: $0, &random) })
        let index = try TemporaryIndex(corpus, segments: segments, seed: 29)
        for share in [1, 20, 80] {
            let writer = try IndexWriter(index.folder, .current)
            let changed = (0..<corpus.count).shuffled(using: &random).prefix(corpus.count * share / 100)
            var batch = WriteBatch()
            for document in changed {
                corpus.values[document] = Self.value(near: document, &random)
                let value = corpus.values[document].map { StoredValue.integer($0) }
                try batch.patch(key: "\(document)", [("n", value)], writer.members)
            }
            #expect(try writer.write(batch).allSatisfy { $0 == .patched })
            try writer.commit()
            let patched = try index.reader()
            let written = try TemporaryIndex(corpus, segments: segments, seed: 29).reader()
            for search in Self.searches(&random) {
                let (found, expected) = (try patched.search(search), try written.search(search))
                #expect(found.total == expected.total, "\(search)")
                #expect(found.hits == expected.hits, "\(search)")
                #expect(found.facets == expected.facets, "\(search)")
            }
        }
    }
}
