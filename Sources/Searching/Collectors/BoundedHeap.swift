/// The `limit` greatest elements of a sequence, kept in a binary heap with the minimum at its root.
///
/// Elements may be offered in any order; of equal ones the first stays.
/// Complexity: O(1) for an element that does not enter, O(log limit) for one that does.
///
/// ```swift
/// var best = BoundedHeap<Int>(limit: 2)
/// for number in [3, 9, 4, 7] { best.offer(number) }
/// best.sorted  // [9, 7]
/// ```
struct BoundedHeap<Element: Comparable> {
    /// The maximum number of elements, at least one.
    let limit: Int
    /// The elements as an implicit binary tree: no parent is greater than its children.
    private var heap: [Element] = []
    /// The minimum of the elements kept; nil while there is room. Only greater elements can enter.
    private(set) var worst: Element?

    /// An empty heap that keeps at most `limit` elements; `limit` must be positive.
    init(limit: Int) {
        precondition(limit > 0)
        self.limit = limit
        heap.reserveCapacity(min(limit, 1 << 16))
    }

    /// Offers an element, which replaces the minimum if the heap is full and it is greater.
    @inline(__always)
    mutating func offer(_ element: Element) {
        if let worst, !(worst < element) { return }
        insert(element)
    }

    private mutating func insert(_ element: Element) {
        if heap.count == limit {
            heap[0] = element
            siftDown()
        } else {
            heap.append(element)
            siftUp()
        }
        if heap.count == limit { worst = heap[0] }
    }

    private mutating func siftUp() {
        var child = heap.count - 1
        while child > 0, heap[child] < heap[(child - 1) / 2] {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            var minimum = parent
            let left = 2 * parent + 1
            if left < heap.count, heap[left] < heap[minimum] { minimum = left }
            if left + 1 < heap.count, heap[left + 1] < heap[minimum] { minimum = left + 1 }
            if minimum == parent { return }
            heap.swapAt(parent, minimum)
            parent = minimum
        }
    }

    /// The elements kept, the greatest first. Complexity: O(limit · log limit).
    var sorted: [Element] { heap.sorted(by: >) }
}

/// A document or an ordinal with its sort key, ordered for a `BoundedHeap`: an element is greater if its key is greater
/// or, of equal keys, if its number is smaller.
struct Ranked<Key: Comparable & BitwiseCopyable>: Comparable, BitwiseCopyable {
    /// The sort key; greater is better.
    var key: Key
    /// The document id or the ordinal.
    var number: Int

    @inline(__always)
    init(_ key: Key, _ number: Int) {
        self.key = key
        self.number = number
    }

    @inline(__always)
    static func < (a: Ranked, b: Ranked) -> Bool { a.key != b.key ? a.key < b.key : a.number > b.number }
}
