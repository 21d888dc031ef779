import TestSupport
import Testing

@testable import Searching

/// The best hits by score and by any sort key, against a sorted list of all.
@Suite struct TopScoresTests {
    private static func scores(_ count: Int, kinds: Int, _ random: inout SplitMix64) -> [Float] {
        let values: [Float] = [0, .leastNonzeroMagnitude, 1, Float(1).nextUp, 1e30, 0.1, 12, .greatestFiniteMagnitude]
        return (0..<count).map { _ in
            kinds <= values.count ? values[random.below(kinds)] : Float(random.below(kinds)) / 16
        }
    }

    @Test(arguments: [1, 2, 3, 7, 100, 1000, 5000])
    func theBestHitsAreKeptInOrder(_ limit: Int) {
        var random = SplitMix64(seed: UInt64(limit))
        for kinds in [1, 2, 8, 1000] {
            let scores = Self.scores(2000, kinds: kinds, &random)
            let expected = scores.enumerated().sorted { ($1.element, $0.offset) < ($0.element, $1.offset) }
                .prefix(limit)
            for isShuffled in [false, true] {
                var top = TopScores(limit: limit)
                // The order of arrival must not matter: of equal scores the lower document id wins.
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

    /// Offering hits in blocks is equivalent to offering them one by one, whatever the block sizes.
    @Test(arguments: [1, 9, 10, 100, 3000])
    func blocksOfHitsAreEquivalentToSingleHits(_ limit: Int) {
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
                // The thresholds never reject a hit that could still be among the best.
                let seen = scores[..<end].sorted(by: >)
                #expect(blocks.least <= (end < limit ? -.infinity : seen[limit - 1]))
                #expect(blocks.entry <= (end < limit ? -.infinity : seen[limit - 1].nextUp))
            }
            let expected = single.takeSorted { (score: $0, document: $1) }
            let found = blocks.takeSorted { (score: $0, document: $1) }
            #expect(found.map(\.document) == expected.map(\.document))
            #expect(found.map(\.score) == expected.map(\.score))
        }
    }

    /// Skipping hits for which `mayEnter` is false does not change the result.
    @Test func onlyHitsThatCannotEnterAreRejected() {
        var random = SplitMix64(seed: 61)
        for limit in [1, 10, 100] {
            for kinds in [2, 8, 1000] {
                let scores = Self.scores(3000, kinds: kinds, &random)
                let best = scores.sorted(by: >)
                for threshold in [nil, 0, best[limit - 1], best[2 * limit]] {
                    var complete = TopScores(limit: limit)
                    var filtered = TopScores(limit: limit)
                    var rejected = 0
                    if let threshold { filtered.raise(to: threshold) }
                    for (document, score) in scores.enumerated() {
                        complete.offer(score, document)
                        let mayEnter = filtered.mayEnter(score)
                        #expect(mayEnter == (score >= filtered.entry))
                        if mayEnter { filtered.offer(score, document) } else { rejected += 1 }
                    }
                    let (expected, found) = (
                        complete.takeSorted { (score: $0, document: $1) },
                        filtered.takeSorted { (score: $0, document: $1) }
                    )
                    #expect(expected.map(\.document) == found.map(\.document))
                    #expect(kinds == 2 || rejected > 1000)
                }
            }
        }
    }

    @Test func theBestSortKeysAreKept() {
        var random = SplitMix64(seed: 41)
        for limit in [1, 2, 7, 100, 5000] {
            for spread in [1, 3, 1 << 40] {
                let keys = (0..<2000).map { _ in UInt64(random.below(spread)) &* (UInt64.max / UInt64(spread)) }
                var top = BoundedHeap<Ranked<UInt64>>(limit: limit)
                for (document, key) in keys.enumerated() { top.offer(Ranked(key, document)) }
                let expected = keys.enumerated().sorted { ($1.element, $0.offset) < ($0.element, $1.offset) }
                #expect(top.sorted.map(\.number) == expected.prefix(limit).map(\.offset))
            }
        }
    }
}
