import TestSupport
import Testing

@testable import Searching
@testable import Segments

/// Scores multiplied by popularity, found without scoring every match.
@Suite struct PopularityTests {
    /// A catalog of 9,000 documents in three segments, and random queries of it.
    private static func made() throws -> (TemporaryIndex, RandomQueries, SplitMix64) {
        let corpus = RandomCorpus(seed: SplitMix64.varied(25), count: 9000, .ascii, vocabulary: 400)
        let naive = corpus.naive
        let queries = RandomQueries(
            naive, textFields: ["title", "plain", "body"], keywordFields: corpus.keywordFields,
            numberFields: corpus.numberFields, seed: SplitMix64.varied(26))
        let index = try TemporaryIndex(corpus, segments: 3, seed: 25)
        return (index, queries, SplitMix64(seed: SplitMix64.varied(27)))
    }

    /// The best ten are the first ten of all hits, none of which can be skipped.
    @Test func skippingLosesNoHit() throws {
        var (index, queries, random) = try Self.made()
        let reader = try index.reader()
        for _ in 0..<200 {
            let words = (0...random.below(4)).map { _ in queries.term() }
            let base = random.chance(30) ? Query.and(words) : .or(words)
            let query = Query.functionScore(base, by: [.popularity(queries.popularity())])
            let best = try reader.search(Search(query, limit: 10))
            let all = try reader.search(Search(query, limit: 9000))
            #expect(best.hits == Array(all.hits.prefix(10)))
            #expect(best.total == all.hits.count)
        }
    }

    @Test func theFactorStaysWithinItsBounds() throws {
        var (_, queries, random) = try Self.made()
        for _ in 0..<2000 {
            let popularity = queries.popularity()
            let factor = popularity.factor { _ in
                random.pick([nil, 0, -1, 1, 0.5, 7, 1999, 2024, 1e6, 1e12, .infinity, -.infinity])
            }
            #expect(factor >= 0)
            #expect(factor <= popularity.greatestFactor)
            #expect(popularity.factor { _ in nil } == 1)
        }
    }

    /// Documents with a stock each; those of some whole zones are sold out.
    private struct Stocks: IndexableCorpus {
        static let zones = [9, 0, 5, 0, 0, 7]
        var count: Int { Self.zones.count * NumberColumn.zoneSize - 100 }

        func indexSchema() throws -> Schema {
            try Schema(key: "id", fields: [Field("id", .keyword), Field("stock", .integer), Field("votes", .integer)])
        }

        func write(_ number: Int, into buffer: inout DocumentBuffer, _ members: Members) {
            buffer.reset()
            buffer.append(0, text: "\(number)")
            let most = Self.zones[number / NumberColumn.zoneSize]
            buffer.append(1, integer: Int64(number * 7919 % (most + 1)))
            if number % 3 > 0 { buffer.append(2, integer: Int64(number * 104_729 % 1000)) }
        }
    }

    /// The bound of a window is that of its zones, and low where all of it is sold out.
    @Test(arguments: [1, 2, 4]) func noDocumentOfAWindowExceedsItsBound(_ zones: Int) throws {
        let corpus = Stocks()
        let reader = try TemporaryIndex(corpus).reader()
        let popularity = Popularity([
            .init("votes", .count(perTenfold: 0.2, most: 1)), .init("stock", .soldOut(loss: 1)),
        ])
        let columns = try ["votes", "stock"].map { name in
            let (index, field) = try #require(reader.schema.field(name))
            return (try reader.column(0, .field(index)), try #require(NumberCodec(field)))
        }
        let bound = SegmentPopularity(popularity, columns)
        let scope = SegmentScope(documents: corpus.count)
        for start in stride(from: 0, to: corpus.count, by: zones * NumberColumn.zoneSize) {
            let window = start..<start + zones * NumberColumn.zoneSize
            let documents = window.prefix(corpus.count - start)
            let factors = Self.factors(bound, documents, scope)
            let oracle = documents.map { document in
                popularity.factor { signal in columns[signal].0.key(document).map(columns[signal].1.number) }
            }
            #expect(factors == oracle, "\(window)")
            let limit = bound.greatestFactor(window)
            #expect(factors.allSatisfy { $0 <= limit }, "\(window)")
            let first = start / NumberColumn.zoneSize
            let isSoldOut = Stocks.zones[first..<min(first + zones, Stocks.zones.count)].allSatisfy { $0 == 0 }
            #expect((limit < 0x1p-40) == isSoldOut, "\(window)")
        }
    }

    /// The factors of documents, as streams compute them.
    private static func factors(
        _ popularity: SegmentPopularity, _ documents: Range<Int>, _ scope: SegmentScope
    ) -> [Double] {
        scope.withList { list in
            for slot in 0..<documents.count { list.append(slot, 1) }
            popularity.multiply(documents.lowerBound, list, scope)
            return (0..<list.count).map { list.scores[$0] }
        }
    }

    @Test func aWrongParameterIsRefused() throws {
        let (index, _, _) = try Self.made()
        let reader = try index.reader()
        let wrong: [Popularity.Gain] = [
            .count(perTenfold: -1, most: 1), .count(perTenfold: 0.1, most: .infinity), .rank(perTenfold: 1, last: 0.5),
            .linear(best: 1, from: 5, to: 5), .recency(newest: 1, now: .nan, halfLife: 1), .soldOut(loss: 1.1),
        ]
        for gain in wrong {
            let query = Query.functionScore(.all, by: [.popularity(Popularity([.init("year", gain)]))])
            #expect(throws: IndexError.self) { try reader.search(Search(query, limit: 1)) }
        }
        let many = Popularity(Array(repeating: .init("year", .soldOut(loss: 1)), count: Popularity.maxSignals + 1))
        let query = Query.functionScore(.all, by: [.popularity(many)])
        #expect(throws: IndexError.self) { try reader.search(Search(query, limit: 1)) }
    }
}
