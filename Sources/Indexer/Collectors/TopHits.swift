/// Keeps the best of a stream of hits by any rank: a heap with the worst of those kept at its root.
///
/// A higher rank is better; of equal ranks the earlier document is. Hits may come in any order.
/// Complexity: O(1) a hit that does not enter, O(log limit) one that does.
struct TopHits<Rank: Comparable & BitwiseCopyable> {
    let limit: Int
    private var heap: [(rank: Rank, document: Int)] = []
    /// No hit of a lower rank can enter. An equal one can, if its document is early enough.
    private(set) var least: Rank?

    /// Keeps at most `limit` hits, at least one.
    init(limit: Int) {
        precondition(limit > 0)
        self.limit = limit
        heap.reserveCapacity(min(limit, 1 << 16))
    }

    private var isFull: Bool { heap.count == limit }

    /// Offers a hit.
    @inline(__always)
    mutating func offer(_ rank: Rank, _ document: Int) {
        if let least, rank < least { return }
        insert(rank, document)
    }

    private mutating func insert(_ rank: Rank, _ document: Int) {
        if isFull {
            if rank == heap[0].rank, document > heap[0].document { return }
            heap[0] = (rank, document)
            siftDown()
        } else {
            heap.append((rank, document))
            siftUp()
        }
        if isFull { least = heap[0].rank }
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
            let left = 2 * parent + 1
            if left < heap.count, isWorse(left, worst) { worst = left }
            if left + 1 < heap.count, isWorse(left + 1, worst) { worst = left + 1 }
            if worst == parent { return }
            heap.swapAt(parent, worst)
            parent = worst
        }
    }

    /// What was kept, best first.
    var sorted: [(rank: Rank, document: Int)] {
        heap.sorted { $0.rank != $1.rank ? $0.rank > $1.rank : $0.document < $1.document }
    }
}
