/// Finds and orders the greatest of keys, which are below 2⁶³, so that the sign of a difference tells the greater one
/// and the processor need not guess.
public enum KeySelection {
    /// So few keys are ordered one by one.
    private static let few = 12

    /// Moves the `wanted` greatest of `count` keys to the front, in no order. Complexity: O(count) on average.
    public static func moveGreatest(_ wanted: Int, of keys: UnsafeMutablePointer<UInt64>, count: Int) {
        var low = 0
        var high = count
        // What is before `low` belongs to the front, what is from `high` on does not.
        while low < wanted, wanted < high {
            if high &- low <= few { return insertionSort(keys + low, count: high &- low) }
            let middle = partition(keys, low, high)
            if middle &+ 1 <= wanted { low = middle &+ 1 } else { high = middle }
        }
    }

    /// Orders keys, the greatest first. Complexity: O(count · log count) on average.
    public static func sortDescending(_ keys: UnsafeMutablePointer<UInt64>, count: Int) {
        var keys = keys
        var count = count
        while count > few {
            let middle = partition(keys, 0, count)
            let rest = count &- middle &- 1
            // The smaller part is left to a call, so that there are few of them.
            if middle < rest {
                sortDescending(keys, count: middle)
                keys += middle &+ 1
                count = rest
            } else {
                sortDescending(keys + middle + 1, count: rest)
                count = middle
            }
        }
        insertionSort(keys, count: count)
    }

    /// Moves the keys that are greater than one of them before it; answers its place.
    private static func partition(_ keys: UnsafeMutablePointer<UInt64>, _ low: Int, _ high: Int) -> Int {
        let (first, middle, last) = (keys[low], keys[(low &+ high) / 2], keys[high &- 1])
        let pivot = max(min(first, middle), min(max(first, middle), last))
        let place = pivot == first ? low : pivot == last ? high &- 1 : (low &+ high) / 2
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
}
