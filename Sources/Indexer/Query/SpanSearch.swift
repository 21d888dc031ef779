/// Chooses a token for every place of a phrase so that they stand as near as can be, as `LoosePhrase` tells it.
struct SpanSearch: Sendable {
    /// A place of the phrase.
    struct Place: Sendable, Equatable {
        /// Where, relative to the phrase's beginning.
        let offset: Int
        /// Places with the same number have the same terms.
        let group: Int
    }

    /// By their offsets, so that of places with the same terms the first comes first.
    let places: [Place]
    private let slop: Int
    /// Where the phrase would begin by each place's tokens, ascending; filled by the caller.
    var beginnings: [[Int]]
    /// By place: which of its beginnings the last choice took.
    private var chosen: [Int]
    /// By group: the last position that was taken.
    private var taken: [Int]

    /// `places` are ordered by their offsets.
    init(_ places: [Place], slop: Int) {
        self.places = places
        self.slop = slop
        beginnings = Array(repeating: [], count: places.count)
        chosen = Array(repeating: 0, count: places.count)
        taken = Array(repeating: 0, count: (places.map(\.group).max() ?? 0) + 1)
    }

    /// Calls with the span of the narrowest choice for each beginning that has one, and with what was chosen: by place
    /// the number of one of its beginnings.
    ///
    /// Complexity: O(beginnings · places · log beginnings).
    mutating func forEach(_ body: (_ span: Int, _ chosen: [Int]) -> Void) {
        if beginnings.contains(where: \.isEmpty) { return }
        var last: Int?
        for first in beginnings.joined().sorted() where first != last {
            last = first
            if let span = choose(from: first) { body(span, chosen) }
        }
    }

    /// The span of the narrowest choice that begins just here; nil when there is none that is narrow enough.
    private mutating func choose(from first: Int) -> Int? {
        for group in taken.indices { taken[group] = -1 }
        var least = Int.max
        var greatest = Int.min
        for (i, place) in places.enumerated() {
            // A token that an earlier place with these terms has taken is not there any more.
            let start = max(first, taken[place.group] + 1 - place.offset)
            let own = firstBeginning(i, from: start)
            guard own < beginnings[i].count, beginnings[i][own] - first <= slop else { return nil }
            let beginning = beginnings[i][own]
            chosen[i] = own
            taken[place.group] = beginning + place.offset
            least = min(least, beginning)
            greatest = max(greatest, beginning)
        }
        return least == first ? greatest - first : nil
    }

    /// The first of a place's beginnings that is not before `start`.
    private func firstBeginning(_ place: Int, from start: Int) -> Int {
        var low = 0
        var high = beginnings[place].count
        while low < high {
            let middle = (low + high) / 2
            if beginnings[place][middle] < start { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
