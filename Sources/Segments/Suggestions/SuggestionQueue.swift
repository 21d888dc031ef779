/// The keys and nodes that a search for the best suggestions has reached. The one with the greatest score is next; of
/// equal scores, the one that begins with the first key.
struct SuggestionQueue {
    /// A key (level 0), or a node of the tree of maxima by its first key. A score has 16 bits, as in the section; a
    /// section has fewer than 2⁴⁴ keys, and therefore at most eight levels.
    struct Item {
        var score: Int
        var firstKey: Int
        var level: Int
    }

    /// A binary heap, the greatest first. An item is one number: its score, the complement of its first key, its level.
    private var heap: [UInt64] = []

    private static let levelBits = 4
    private static let keyBits = 44
    private static let keyMask = UInt64(1) << keyBits - 1

    /// Adds an item. Complexity: O(log items); O(1) for most, whose scores are not among the greatest.
    mutating func add(_ item: Item) {
        assert(item.score >> 16 == 0 && item.firstKey >> Self.keyBits == 0 && item.level >> Self.levelBits == 0)
        let key = Self.keyMask &- UInt64(truncatingIfNeeded: item.firstKey)
        let rank = UInt64(truncatingIfNeeded: item.score) << Self.keyBits | key
        let number = rank << Self.levelBits | UInt64(truncatingIfNeeded: item.level)
        heap.append(number)
        var place = heap.count - 1
        while place > 0 {
            let parent = (place - 1) >> 1
            if heap[parent] >= number { break }
            heap[place] = heap[parent]
            place = parent
        }
        heap[place] = number
    }

    /// Removes the next item; nil if there is none. Complexity: O(log items).
    mutating func next() -> Item? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty { sink(last) }
        let rank = first >> Self.levelBits
        return Item(
            score: Int(rank >> Self.keyBits), firstKey: Int(Self.keyMask - rank & Self.keyMask),
            level: Int(first & (1 << Self.levelBits - 1)))
    }

    /// Puts a number in the place of the first one, and moves it down to where it belongs.
    private mutating func sink(_ number: UInt64) {
        var place = 0
        while true {
            var child = 2 * place + 1
            if child >= heap.count { break }
            if child + 1 < heap.count, heap[child + 1] > heap[child] { child += 1 }
            if heap[child] <= number { break }
            heap[place] = heap[child]
            place = child
        }
        heap[place] = number
    }
}
