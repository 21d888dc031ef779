import Kernels

/// Keeps the best hits by score: a heap with the worst of those kept at its root.
///
/// A higher score is better; of equal scores the earlier document is. Hits may come in any order. A hit is one number:
/// the bits of its score, which order like the score because none is negative, above its document, turned round.
/// Complexity: O(1) a hit that does not enter, O(log limit) one that does.
struct TopScores: ~Copyable {
    let limit: Int
    private var heap: GrowableBuffer<UInt64>
    /// No hit with a lower score can enter. An equal one can, if its document is early enough.
    private(set) var least: Float = -.infinity

    /// Keeps at most `limit` hits, at least one.
    init(limit: Int) {
        precondition(limit > 0)
        self.limit = limit
        heap = GrowableBuffer(capacity: min(limit, 1 << 12))
    }

    /// Whether as many hits as asked for were found.
    var isFull: Bool { heap.count == limit }

    /// The worst score that was kept, if there is one.
    var worst: Float? { heap.count == 0 ? nil : Self.score(heap.base[0]) }

    /// Takes word that `limit` hits with at least this score exist.
    mutating func raise(to score: Float) { least = max(least, score) }

    /// Whether a hit that comes behind all earlier ones can enter with this score.
    @inline(__always)
    func mayEnter(_ score: Float) -> Bool { isFull ? score > Self.score(heap.base[0]) : score >= least }

    /// The least score with which a hit behind all earlier ones can enter.
    var entry: Float { isFull ? max(Self.score(heap.base[0]).nextUp, least) : least }

    @inline(__always)
    private static func score(_ key: UInt64) -> Float { Float(bitPattern: UInt32(truncatingIfNeeded: key &>> 32)) }

    /// Offers a hit.
    @inline(__always)
    mutating func offer(_ score: Float, _ document: Int) {
        if score < least { return }
        insert(UInt64(score.bitPattern) &<< 32 | UInt64(~UInt32(truncatingIfNeeded: document)))
    }

    private mutating func insert(_ key: UInt64) {
        if heap.count < limit {
            heap.append(key)
            siftUp(key)
        } else if key > heap.base[0] {
            siftDown(key)
        }
        if isFull { raise(to: Self.score(heap.base[0])) }
    }

    /// Moves the last key, which is `key`, to its place.
    private mutating func siftUp(_ key: UInt64) {
        let heap = heap.base
        var child = self.heap.count &- 1
        while child > 0, key < heap[(child &- 1) &>> 1] {
            heap[child] = heap[(child &- 1) &>> 1]
            child = (child &- 1) &>> 1
        }
        heap[child] = key
    }

    /// Replaces the root by `key`.
    private mutating func siftDown(_ key: UInt64) {
        let heap = heap.base
        let count = self.heap.count
        var parent = 0
        while true {
            var child = 2 &* parent &+ 1
            if child >= count { break }
            if child &+ 1 < count, heap[child &+ 1] < heap[child] { child &+= 1 }
            if key <= heap[child] { break }
            heap[parent] = heap[child]
            parent = child
        }
        heap[parent] = key
    }

    /// Takes out what was kept, best first, each as `make` makes it of a score and a document.
    mutating func takeSorted<Hit>(_ make: (Float, Int) -> Hit) -> [Hit] {
        // The worst leaves the heap again and again, for the place behind its end.
        let all = heap.count
        while heap.count > 1 {
            heap.count &-= 1
            let last = heap.base[heap.count]
            heap.base[heap.count] = heap.base[0]
            siftDown(last)
        }
        heap.count = all
        return heap.elements.map { key in make(Self.score(key), Int(~UInt32(truncatingIfNeeded: key))) }
    }
}
