/// The order of hits with pins among them.
///
/// Pins stand on the first page, each in its place or, if that is taken or there are too few other hits, in the next
/// free one; if the page would be too short for the pins behind, a little before. The other hits keep their order.
///
/// ```swift
/// let order = PinnedPage(positions: [1, 3], perPage: 10)
/// order.merged(["p", "q"], with: ["a", "b", "c"], limit: 4)   // p, a, q, b
/// ```
struct PinnedPage {
    /// The ranks of the pins from 0, ascending; all on the first page.
    private let ranks: [Int]

    /// The order of pins with ascending positions; no more of them than a page has hits.
    init(positions: [Int], perPage: Int) {
        precondition(positions.count <= perPage)
        var ranks: [Int] = []
        for (i, position) in positions.enumerated() {
            let last = perPage - positions.count + i
            ranks.append(max(min(position - 1, last), (ranks.last ?? -1) + 1))
        }
        self.ranks = ranks
    }

    /// Returns the first `limit` hits of all, pins among the others.
    func merged<Element>(_ pins: [Element], with others: [Element], limit: Int) -> [Element] {
        var merged: [Element] = []
        var (pin, other) = (0, 0)
        while merged.count < limit, pin < pins.count || other < others.count {
            if pin < pins.count, ranks[pin] <= merged.count || other == others.count {
                merged.append(pins[pin])
                pin += 1
            } else {
                merged.append(others[other])
                other += 1
            }
        }
        return merged
    }
}
