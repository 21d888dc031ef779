/// Keeps the best of a stream of hits: a heap with the worst of those kept at its root.
///
/// A higher rank is better; of equal ranks the earlier document is. Documents must come in ascending order, so a
/// newcomer never displaces its equal. Complexity: O(1) a hit that does not enter, O(log limit) one that does.
struct TopHits {
    private let limit: Int
    private var heap: [(rank: UInt64, document: Int)] = []
    /// A hit needs a rank above this to enter.
    private(set) var threshold: UInt64 = 0
    private var isFull = false

    init(limit: Int) {
        self.limit = limit
        heap.reserveCapacity(min(limit, 1 << 16))
        isFull = limit == 0
        if isFull { threshold = .max }
    }

    /// Offers a hit.
    @inline(__always)
    mutating func offer(_ rank: UInt64, _ document: Int) {
        if isFull, rank <= threshold { return }
        insert(rank, document)
    }

    private mutating func insert(_ rank: UInt64, _ document: Int) {
        if isFull {
            heap[0] = (rank, document)
            siftDown()
        } else {
            heap.append((rank, document))
            siftUp()
            isFull = heap.count == limit
        }
        if isFull { threshold = heap[0].rank }
    }

    /// Whether `a` is worse than `b`.
    private func isWorse(_ a: Int, _ b: Int) -> Bool {
        heap[a].rank != heap[b].rank ? heap[a].rank < heap[b].rank : heap[a].document > heap[b].document
    }

    private mutating func siftUp() {
        var child = heap.count - 1
        while child > 0, isWorse(child, (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            var worst = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && isWorse(child, worst) {
                worst = child
            }
            if worst == parent { return }
            heap.swapAt(parent, worst)
            parent = worst
        }
    }

    /// What was kept, best first.
    var sorted: [(rank: UInt64, document: Int)] {
        heap.sorted { $0.rank != $1.rank ? $0.rank > $1.rank : $0.document < $1.document }
    }
}
