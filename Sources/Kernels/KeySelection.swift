/// Finds and orders the greatest of keys, which are below 2⁶³, so that the sign of a difference tells the greater one
/// and the processor need not guess.
public enum KeySelection {
    /// So few keys are ordered one by one.
    private static let few = 12

    /// Moves the `wanted` greatest of `count` keys to the front, in no order.
    ///
    /// Complexity: O(count) on average, O(count · log count) at worst.
    public static func moveGreatest(_ wanted: Int, of keys: UnsafeMutablePointer<UInt64>, count: Int) {
        var steps = 0
        moveGreatest(wanted, of: keys, count: count, &steps)
    }

    /// Orders keys, the greatest first. Complexity: O(count · log count).
    public static func sortDescending(_ keys: UnsafeMutablePointer<UInt64>, count: Int) {
        var steps = 0
        sort(keys, count: count, rounds: rounds(count), &steps)
    }

    /// Adds the keys looked at to `steps`.
    static func moveGreatest(
        _ wanted: Int, of keys: UnsafeMutablePointer<UInt64>, count: Int, _ steps: inout Int
    ) {
        var low = 0
        var high = count
        var rounds = rounds(count)
        // What is before `low` belongs to the front, what is from `high` on does not.
        while low < wanted, wanted < high {
            if high &- low <= few || rounds == 0 {
                return sort(keys + low, count: high &- low, rounds: rounds, &steps)
            }
            rounds &-= 1
            let middle = partition(keys, low, high, &steps)
            if middle &+ 1 <= wanted { low = middle &+ 1 } else { high = middle }
        }
    }

    /// Orders keys; by a heap once so many rounds did not part them well.
    static func sort(_ keys: UnsafeMutablePointer<UInt64>, count: Int, rounds: Int, _ steps: inout Int) {
        var keys = keys
        var count = count
        var rounds = rounds
        while count > few {
            if rounds == 0 { return heapSort(keys, count: count, &steps) }
            rounds &-= 1
            let middle = partition(keys, 0, count, &steps)
            let rest = count &- middle &- 1
            // The smaller part is left to a call, so that there are few of them.
            if middle < rest {
                sort(keys, count: middle, rounds: rounds, &steps)
                keys += middle &+ 1
                count = rest
            } else {
                sort(keys + middle + 1, count: rest, rounds: rounds, &steps)
                count = middle
            }
        }
        insertionSort(keys, count: count)
    }

    /// Rounds that part so many keys, unless most of them part badly.
    private static func rounds(_ count: Int) -> Int { 2 &* (Int.bitWidth &- count.leadingZeroBitCount) }

    /// Moves the keys that are greater than one of them before it; answers its place.
    private static func partition(
        _ keys: UnsafeMutablePointer<UInt64>, _ low: Int, _ high: Int, _ steps: inout Int
    ) -> Int {
        steps &+= high &- low
        // Those at the quarters: at the ends of what was parted before stand its greatest or least.
        let quarter = (high &- low) / 4
        let places = (low &+ quarter, (low &+ high) / 2, high &- 1 &- quarter)
        let (first, middle, last) = (keys[places.0], keys[places.1], keys[places.2])
        let pivot = max(min(first, middle), min(max(first, middle), last))
        let place = pivot == first ? places.0 : pivot == last ? places.2 : places.1
        keys[place] = keys[low]
        var end = low
        for i in (low &+ 1)..<high {
            // The place behind the greater ones is free; it moves on if this key is one of them.
            let key = keys[i]
            keys[i] = keys[end &+ 1]
            keys[end &+ 1] = key
            end &+= Int(truncatingIfNeeded: (pivot &- key) &>> 63)
        }
        keys[low] = keys[end]
        keys[end] = pivot
        return end
    }

    private static func insertionSort(_ keys: UnsafeMutablePointer<UInt64>, count: Int) {
        for i in 1..<max(count, 1) {
            let key = keys[i]
            var place = i
            while place > 0, keys[place &- 1] < key {
                keys[place] = keys[place &- 1]
                place &-= 1
            }
            keys[place] = key
        }
    }

    /// Orders keys by a heap with the least at its root. Complexity: O(count · log count).
    private static func heapSort(_ keys: UnsafeMutablePointer<UInt64>, count: Int, _ steps: inout Int) {
        func sift(_ start: Int, below end: Int) {
            let key = keys[start]
            var parent = start
            while 2 &* parent &+ 1 < end {
                var child = 2 &* parent &+ 1
                if child &+ 1 < end, keys[child &+ 1] < keys[child] { child &+= 1 }
                if key <= keys[child] { break }
                keys[parent] = keys[child]
                parent = child
                steps &+= 1
            }
            keys[parent] = key
        }
        for start in (0..<(count / 2)).reversed() { sift(start, below: count) }
        for end in (1..<max(count, 1)).reversed() {
            (keys[0], keys[end]) = (keys[end], keys[0])
            sift(0, below: end)
        }
    }
}
