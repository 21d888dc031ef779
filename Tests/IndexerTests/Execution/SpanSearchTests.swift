import OracleSupport
import Testing

@testable import Indexer

/// The narrowest choices against all choices there are.
struct SpanSearchTests {
    @Test func choicesAreTheNarrowest() {
        var random = SplitMix64(seed: SplitMix64.varied(91))
        var found = 0
        for _ in 0..<4000 {
            let groups = (0..<1 + random.below(3)).map { _ in
                Set((0..<random.below(6)).map { _ in random.below(12) }).sorted()
            }
            let places = (0..<1 + random.below(4)).map { _ in
                SpanSearch.Place(offset: random.below(5), group: random.below(groups.count))
            }.sorted { $0.offset < $1.offset }
            let slop = random.below(6)
            var search = SpanSearch(places, slop: slop)
            for (i, place) in places.enumerated() {
                search.beginnings[i] = groups[place.group].map { $0 - place.offset }
            }
            var answered: [Int: Int] = [:]
            search.forEach { span, chosen in
                let beginnings = chosen.enumerated().map { groups[places[$0].group][$1] - places[$0].offset }
                #expect((beginnings.max() ?? 0) - (beginnings.min() ?? 0) == span)
                answered[beginnings.min() ?? 0] = span
            }
            let expected = Self.narrowest(places, groups).filter { $0.value <= slop }
            found += expected.count
            #expect(answered == expected, "\(places) \(groups) slop \(slop)")
        }
        #expect(found > 2000)
    }

    /// By where a choice begins first: the least span, all choices tried.
    private static func narrowest(_ places: [SpanSearch.Place], _ groups: [[Int]]) -> [Int: Int] {
        var spans: [Int: Int] = [:]
        func choose(_ taken: [Int]) {
            if taken.count == places.count {
                let beginnings = zip(taken, places).map { $0 - $1.offset }
                guard let first = beginnings.min(), let last = beginnings.max() else { return }
                spans[first] = min(spans[first] ?? .max, last - first)
                return
            }
            let place = places[taken.count]
            let earlier = zip(places, taken).filter { $0.0.group == place.group }.map(\.1).max() ?? -1
            for position in groups[place.group] where position > earlier { choose(taken + [position]) }
        }
        choose([])
        return spans
    }
}
