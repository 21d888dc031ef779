/// Selection and sorting of the greatest keys of an array, in place.
///
/// All keys must be below 2⁶³: the sign bit of the difference of two keys then tells which is greater, which keeps the
/// partition free of branches that the processor would have to predict.
///
/// ```swift
/// KeySelection.moveGreatest(10, of: keys.base, count: keys.count)  // keys[0..<10] are the top ten, in any order
/// KeySelection.sortDescending(keys.base, count: min(keys.count, 10))
/// ```
///
/// Algorithms: introselect and introsort, that is quickselect and quicksort which turn to heap sort when too many
/// partitions were uneven.
public enum KeySelection {
    /// The number of keys up to which insertion sort is used.
    private static let insertionSortLimit = 12

    /// Moves the `k` greatest of `count` keys to the front, in no particular order.
    ///
    /// Shape: `k` may be 0, or `count` or more; then nothing moves. Complexity: O(count) on average,
    /// O(count · log count) in the worst case.
    public static func moveGreatest(_ k: Int, of keys: UnsafeMutablePointer<UInt64>, count: Int) {
        var steps = 0
        moveGreatest(k, of: keys, count: count, &steps)
    }

    /// Sorts the keys in descending order. Complexity: O(count · log count), also in the worst case.
    public static func sortDescending(_ keys: UnsafeMutablePointer<UInt64>, count: Int) {
        var steps = 0
        sort(keys, count: count, rounds: rounds(count), &steps)
    }

    /// Selects as `moveGreatest(_:of:count:)` does and adds the number of keys it inspects to `steps`, for tests of the
    /// complexity.
    static func moveGreatest(_ k: Int, of keys: UnsafeMutablePointer<UInt64>, count: Int, _ steps: inout Int) {
        var low = 0
        var high = count
        var rounds = rounds(count)
        // All keys before `low` are among the k greatest, none from `high` on is.
        while low < k, k < high {
            if high &- low <= insertionSortLimit || rounds == 0 {
                return sort(keys + low, count: high &- low, rounds: rounds, &steps)
            }
            rounds &-= 1
            let pivotIndex = partition(keys, low, high, &steps)
            if pivotIndex &+ 1 <= k { low = pivotIndex &+ 1 } else { high = pivotIndex }
        }
    }

    /// Sorts the keys in descending order, with heap sort for the parts that are still large after `rounds` partitions.
    static func sort(_ keys: UnsafeMutablePointer<UInt64>, count: Int, rounds: Int, _ steps: inout Int) {
        var keys = keys
        var count = count
        var rounds = rounds
        while count > insertionSortLimit {
            if rounds == 0 { return heapSort(keys, count: count, &steps) }
            rounds &-= 1
            let greaterCount = partition(keys, 0, count, &steps)
            let smallerCount = count &- greaterCount &- 1
            // Recursion into the shorter part only bounds the depth of the stack by log₂ count.
            if greaterCount < smallerCount {
                sort(keys, count: greaterCount, rounds: rounds, &steps)
                keys += greaterCount &+ 1
                count = smallerCount
            } else {
                sort(keys + greaterCount + 1, count: smallerCount, rounds: rounds, &steps)
                count = greaterCount
            }
        }
        insertionSort(keys, count: count)
    }

    /// The number of partitions, 2 · log₂ count, after which a selection or sort gives up on good pivots.
    private static func rounds(_ count: Int) -> Int { 2 &* (Int.bitWidth &- count.leadingZeroBitCount) }

    /// Chooses a pivot in `keys[low ..< high]`, moves all keys that are greater before it and returns its final index.
    ///
    /// The pivot is the median of three. The loop is a Lomuto partition without branches. Complexity: O(high - low).
    private static func partition(
        _ keys: UnsafeMutablePointer<UInt64>, _ low: Int, _ high: Int, _ steps: inout Int
    ) -> Int {
        steps &+= high &- low
        // Samples at the quarters, not at the ends: a previous partition leaves extreme keys at the ends.
        let quarter = (high &- low) / 4
        let samples = (low &+ quarter, (low &+ high) / 2, high &- 1 &- quarter)
        let (first, middle, last) = (keys[samples.0], keys[samples.1], keys[samples.2])
        let pivot = max(min(first, middle), min(max(first, middle), last))
        let pivotIndex = pivot == first ? samples.0 : pivot == last ? samples.2 : samples.1
        keys[pivotIndex] = keys[low]
        var lastGreater = low
        for i in (low &+ 1)..<high {
            // Every key is swapped to the slot after the greater ones; that slot counts only if the key is greater.
            let key = keys[i]
            keys[i] = keys[lastGreater &+ 1]
            keys[lastGreater &+ 1] = key
            lastGreater &+= Int(truncatingIfNeeded: (pivot &- key) &>> 63)
        }
        keys[low] = keys[lastGreater]
        keys[lastGreater] = pivot
        return lastGreater
    }

    private static func insertionSort(_ keys: UnsafeMutablePointer<UInt64>, count: Int) {
        for i in 1..<max(count, 1) {
            let key = keys[i]
            var hole = i
            while hole > 0, keys[hole &- 1] < key {
                keys[hole] = keys[hole &- 1]
                hole &-= 1
            }
            keys[hole] = key
        }
    }

    /// Sorts the keys in descending order with a min-heap. Complexity: O(count · log count).
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
