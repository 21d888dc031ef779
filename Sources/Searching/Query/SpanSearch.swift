/// A search for the narrowest assignments of tokens to the places of a sloppy phrase, see `SloppyPhrase`.
///
/// The caller fills `starts` for one document and calls `forEach`; the arrays are reused from document to document.
struct SpanSearch: Sendable {
    /// A place of the phrase.
    struct Place: Sendable, Equatable {
        /// The position relative to the start of the phrase.
        let offset: Int
        /// The index of the set of terms that can fill the place; equal for places with the same terms.
        let group: Int
    }

    /// The places by ascending offset, so that places with the same terms are filled from left to right.
    let places: [Place]
    private let slop: Int
    /// Per place, the starts of the phrase that its tokens imply (position minus offset), ascending; filled by the
    /// caller.
    var starts: [[Int]]
    /// Per place, the index of the start that the last assignment uses.
    private var chosen: [Int]
    /// Per group, the last token position in use; -1 for none.
    private var usedPositions: [Int]

    /// A search over places that are ordered by their offsets.
    init(_ places: [Place], slop: Int) {
        self.places = places
        self.slop = slop
        starts = Array(repeating: [], count: places.count)
        chosen = Array(repeating: 0, count: places.count)
        usedPositions = Array(repeating: 0, count: (places.map(\.group).max() ?? 0) + 1)
    }

    /// Calls `body` for each distinct start, ascending, that is the first of some assignment within the slop: with the
    /// span of the narrowest such assignment and, per place, the index of the start it uses.
    ///
    /// Complexity: O(starts · places · log starts).
    mutating func forEach(_ body: (_ span: Int, _ chosen: [Int]) -> Void) {
        if starts.contains(where: \.isEmpty) { return }
        var last: Int?
        for start in starts.joined().sorted() where start != last {
            last = start
            if let span = choose(from: start) { body(span, chosen) }
        }
    }

    /// The span of the narrowest assignment whose first start is `first`; nil when none is within the slop.
    private mutating func choose(from first: Int) -> Int? {
        for group in usedPositions.indices { usedPositions[group] = -1 }
        var minimum = Int.max
        var maximum = Int.min
        for (i, place) in places.enumerated() {
            // Tokens that an earlier place with the same terms uses are no longer available.
            let from = max(first, usedPositions[place.group] + 1 - place.offset)
            let index = firstStart(i, from: from)
            guard index < starts[i].count, starts[i][index] - first <= slop else { return nil }
            let start = starts[i][index]
            chosen[i] = index
            usedPositions[place.group] = start + place.offset
            minimum = min(minimum, start)
            maximum = max(maximum, start)
        }
        return minimum == first ? maximum - first : nil
    }

    /// The index of a place's first start that is not before `start`. Complexity: O(log starts).
    private func firstStart(_ place: Int, from start: Int) -> Int {
        var low = 0
        var high = starts[place].count
        while low < high {
            let middle = (low + high) / 2
            if starts[place][middle] < start { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
