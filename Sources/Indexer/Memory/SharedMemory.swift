import Kernels

/// A limit for memory that several indexes share. Thread-safe.
final class SharedMemory: Sendable {
    private struct Use: Sendable {
        var bytes = 0
        /// The number of shares that are not empty.
        var shares = 0

        /// Returns true if a share of some bytes has at least half of what each would have if all had the same.
        func isLarge(_ bytes: Int, _ limit: Int) -> Bool { bytes * 2 * shares >= limit }

        mutating func change(_ old: Int, to new: Int) {
            bytes += new - old
            shares += (new > 0 ? 1 : 0) - (old > 0 ? 1 : 0)
        }
    }

    /// The limit in bytes of all shares together.
    let limit: Int
    private let use = Monitor(Use())

    /// The number of bytes below which no share is to be freed, however many there are.
    static let leastShare = 4 << 20

    /// Creates a limit in bytes.
    init(limit: Int) { self.limit = limit }

    /// The number of bytes in use.
    var bytes: Int { use.withLock { $0.bytes } }

    /// Changes the size of a share, whatever the limit.
    func change(_ old: Int, to new: Int) { use.withLock { $0.change(old, to: new) } }

    /// Adds bytes to a share, unless that exceeds the limit and makes the share a large one; returns false then.
    func add(_ more: Int, to share: Int) -> Bool {
        use.withLock { use in
            var next = use
            next.change(share, to: share + more)
            if next.bytes > limit, next.isLarge(share + more, limit) { return false }
            use = next
            return true
        }
    }

    /// The part of the memory that one index uses. Not thread-safe.
    struct Share: ~Copyable {
        private let memory: SharedMemory
        private var bytes = 0

        /// Creates an empty share.
        init(of memory: SharedMemory) { self.memory = memory }

        deinit { memory.change(bytes, to: 0) }

        /// Sets the number of bytes that the share takes, whatever the limit.
        mutating func set(_ new: Int) {
            memory.change(bytes, to: new)
            bytes = new
        }

        /// True if the limit is reached and this share is a large one, which should be freed then.
        var shouldBeFreed: Bool {
            let (bytes, limit) = (bytes, memory.limit)
            return memory.use.withLock { use in
                use.bytes >= limit && bytes >= min(leastShare, limit) && use.isLarge(bytes, limit)
            }
        }
    }
}
