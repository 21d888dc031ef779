/// The phases of a search with their times in milliseconds, and what it had to search. Written as JSON it is part of a
/// line of the log of requests.
package struct SearchPhases: Sendable, Equatable {
    /// The time in which the query was understood: analysis, synonyms, spelling, rules.
    package var interpret = 0.0
    /// The time in which hits and facets were found.
    package var find = 0.0
    /// The time in which documents were read and highlighted.
    package var present = 0.0
    /// The number of segments that were searched.
    package var segments = 0
    /// The number of tiers that the query has.
    package var tiers = 0
    /// The number of hits.
    package var found = 0
    /// True if the time was over before everything was found.
    package var isPartial = false

    /// The sum of the times, to microseconds.
    var total: Double { (interpret + find + present).rounded(toPlaces: 3) }
}

extension SearchPhases: JSONWritable {
    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("find_ms", find)
            json.member("found", found)
            json.member("interpret_ms", interpret)
            json.member("partial", isPartial)
            json.member("present_ms", present)
            json.member("segments", segments)
            json.member("tiers", tiers)
        }
    }
}

/// A stopwatch of phases that follow each other.
struct PhaseClock {
    private var begin = ContinuousClock.now

    /// Returns the milliseconds since the last call, or since the beginning.
    mutating func lap() -> Double {
        let now = ContinuousClock.now
        defer { begin = now }
        return ((now - begin) / Duration.milliseconds(1)).rounded(toPlaces: 3)
    }
}
