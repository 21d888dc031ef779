import TestSupport
import Testing

@testable import Searching

/// The narrowest assignments against an exhaustive search.
struct SpanSearchTests {
    @Test func assignmentsAreTheNarrowest() {
        var random = SplitMix64(seed: SplitMix64.varied(91))
        var total = 0
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
                search.starts[i] = groups[place.group].map { $0 - place.offset }
            }
            var spans: [Int: Int] = [:]
            search.forEach { span, chosen in
                let starts = chosen.enumerated().map { groups[places[$0].group][$1] - places[$0].offset }
                #expect((starts.max() ?? 0) - (starts.min() ?? 0) == span)
                spans[starts.min() ?? 0] = span
            }
            let expected = Self.narrowest(places, groups).filter { $0.value <= slop }
            total += expected.count
            #expect(spans == expected, "\(places) \(groups) slop \(slop)")
        }
        #expect(total > 2000)
    }

    /// Per first start the minimum span, found by trying all assignments.
    private static func narrowest(_ places: [SpanSearch.Place], _ groups: [[Int]]) -> [Int: Int] {
        var spans: [Int: Int] = [:]
        func choose(_ taken: [Int]) {
            if taken.count == places.count {
                let starts = zip(taken, places).map { $0 - $1.offset }
                guard let first = starts.min(), let last = starts.max() else { return }
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
