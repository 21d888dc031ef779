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

    /// The bound of a window is that of its zones, also where all of it is sold out.
    @Test func noDocumentOfAWindowExceedsItsBound() throws {
        var (index, queries, _) = try Self.made()
        let reader = try index.reader()
        var tightened = 0
        for _ in 0..<60 {
            let popularity = queries.popularity()
            for (segmentIndex, segment) in reader.segments.enumerated() {
                let columns = try popularity.signals.map { signal in
                    let (field, schemaField) = try #require(reader.schema.field(signal.field))
                    return (try reader.column(segmentIndex, .field(field)), try #require(NumberCodec(schemaField)))
                }
                let bound = SegmentPopularity(popularity, columns)
                for start in stride(from: 0, to: segment.documents, by: 1024) {
                    let window = start..<start + 1024
                    let greatest = window.prefix(segment.documents - start).map(bound.factor).max() ?? 0
                    let limit = bound.greatestFactor(window)
                    #expect(greatest <= limit, "\(popularity), \(window)")
                    tightened += limit < bound.greatestFactor ? 1 : 0
                }
            }
        }
        #expect(tightened > 0)
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
