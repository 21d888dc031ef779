import OracleSupport
import Testing

@testable import Indexer

/// The best hits by score and by any rank, against a sorted list of all.
@Suite struct TopScoresTests {
    private static func scores(_ count: Int, kinds: Int, _ random: inout SplitMix64) -> [Float] {
        let some: [Float] = [0, .leastNonzeroMagnitude, 1, Float(1).nextUp, 1e30, 0.1, 12, .greatestFiniteMagnitude]
        return (0..<count).map { _ in
            kinds <= some.count ? some[random.below(kinds)] : Float(random.below(kinds)) / 16
        }
    }

    @Test(arguments: [1, 2, 3, 7, 100, 1000, 5000])
    func keepsTheBestInTheirOrder(_ limit: Int) {
        var random = SplitMix64(seed: UInt64(limit))
        for kinds in [1, 2, 8, 1000] {
            let scores = Self.scores(2000, kinds: kinds, &random)
            let expected = scores.enumerated().sorted { ($1.element, $0.offset) < ($0.element, $1.offset) }
                .prefix(limit)
            for isShuffled in [false, true] {
                var top = TopScores(limit: limit)
                // In any order: equal scores are told apart by their documents alone.
                for (document, score) in isShuffled
                    ? scores.enumerated().shuffled(using: &random) : Array(scores.enumerated())
                { top.offer(score, document) }
                let (isFull, found) = (top.isFull, top.takeSorted { (score: $0, document: $1) })
                #expect(found.map(\.document) == expected.map(\.offset))
                #expect(found.map(\.score) == expected.map(\.element))
                #expect(isFull == (limit <= 2000))
                if isFull { #expect(top.least == expected.last?.element) }
            }
        }
    }

    /// Hits that come by the block are the same as those that come one by one, wherever the blocks end.
    @Test(arguments: [1, 9, 10, 100, 3000])
    func takesBlocks(_ limit: Int) {
        var random = SplitMix64(seed: SplitMix64.varied(93))
        for kinds in [1, 2, 8, 1000] {
            let scores = Self.scores(2000, kinds: kinds, &random)
            var single = TopScores(limit: limit)
            var blocks = TopScores(limit: limit)
            for (document, score) in scores.enumerated() { single.offer(score, document + 5) }
            var start = 0
            while start < scores.count {
                let end = min(start + 1 + random.below(256), scores.count)
                let documents = (start..<end).map { UInt32($0) }
                blocks.offer(Array(scores[start..<end]), documents, count: end - start, first: 5)
                start = end
                // Nothing is refused that could still be among the best.
                let seen = scores[..<end].sorted(by: >)
                #expect(blocks.least <= (end < limit ? -.infinity : seen[limit - 1]))
                #expect(blocks.entry <= (end < limit ? -.infinity : seen[limit - 1].nextUp))
            }
            let wanted = single.takeSorted { (score: $0, document: $1) }
            let found = blocks.takeSorted { (score: $0, document: $1) }
            #expect(found.map(\.document) == wanted.map(\.document))
            #expect(found.map(\.score) == wanted.map(\.score))
        }
    }

    /// Whoever asks first whether a hit may enter loses nothing.
    @Test func refusesOnlyWhatCannotEnter() {
        var random = SplitMix64(seed: 61)
        for limit in [1, 10, 100] {
            for kinds in [2, 8, 1000] {
                let scores = Self.scores(3000, kinds: kinds, &random)
                let best = scores.sorted(by: >)
                for known in [nil, 0, best[limit - 1], best[2 * limit]] {
                    var all = TopScores(limit: limit)
                    var some = TopScores(limit: limit)
                    var refused = 0
                    if let known { some.raise(to: known) }
                    for (document, score) in scores.enumerated() {
                        all.offer(score, document)
                        let mayEnter = some.mayEnter(score)
                        #expect(mayEnter == (score >= some.entry))
                        if mayEnter { some.offer(score, document) } else { refused += 1 }
                    }
                    let (wanted, found) = (
                        all.takeSorted { (score: $0, document: $1) }, some.takeSorted { (score: $0, document: $1) }
                    )
                    #expect(wanted.map(\.document) == found.map(\.document))
                    #expect(kinds == 2 || refused > 1000)
                }
            }
        }
    }

    @Test func anyRankIsKept() {
        var random = SplitMix64(seed: 41)
        for limit in [1, 2, 7, 100, 5000] {
            for spread in [1, 3, 1 << 40] {
                let ranks = (0..<2000).map { _ in UInt64(random.below(spread)) &* (UInt64.max / UInt64(spread)) }
                var top = TopHits<UInt64>(limit: limit)
                for (document, rank) in ranks.enumerated() { top.offer(rank, document) }
                let expected = ranks.enumerated().sorted { ($1.element, $0.offset) < ($0.element, $1.offset) }
                #expect(top.sorted.map(\.document) == expected.prefix(limit).map(\.offset))
            }
        }
    }
}
