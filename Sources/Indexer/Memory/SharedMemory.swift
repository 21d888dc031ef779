import Kernels

/// A limit for memory that several indexes share. Thread-safe.
final class SharedMemory: Sendable {
    private struct Use: Sendable {
        var bytes = 0
        /// The number of shares that are not empty.
        var shares = 0
    }

    /// The limit in bytes of all uses together.
    let limit: Int
    private let use = Monitor(Use())

    /// Creates a limit in bytes.
    init(limit: Int) { self.limit = limit }

    /// The number of bytes below which no share need be freed, however many there are.
    static let leastShare = 4 << 20

    /// The number of bytes in use.
    var bytes: Int { use.withLock { $0.bytes } }

    /// Takes bytes unless that exceeds the limit; returns false then.
    func take(_ bytes: Int) -> Bool {
        use.withLock { use in
            guard use.bytes + bytes <= limit else { return false }
            use.bytes += bytes
            return true
        }
    }

    /// Takes bytes even if that exceeds the limit.
    func takeAnyway(_ bytes: Int) { use.withLock { $0.bytes += bytes } }

    /// Returns bytes that were taken.
    func release(_ bytes: Int) { use.withLock { $0.bytes -= bytes } }

    /// The part of the memory that one index uses. Not thread-safe.
    struct Share: ~Copyable {
        private let memory: SharedMemory
        private var bytes = 0

        /// Creates an empty share.
        init(of memory: SharedMemory) { self.memory = memory }

        deinit { memory.change(bytes, to: 0) }

        /// Sets the number of bytes that the share takes.
        ///
        /// Returns true if the limit is reached and this share is one of the large ones, which should be freed: it has
        /// at least half of what each would have if all had the same, and `SharedMemory.leastShare`.
        @discardableResult
        mutating func set(_ bytes: Int) -> Bool {
            defer { self.bytes = bytes }
            return memory.change(self.bytes, to: bytes)
        }
    }

    /// Changes the size of a share; returns true if it is one of the large ones and the limit is reached.
    @discardableResult
    private func change(_ old: Int, to new: Int) -> Bool {
        use.withLock { use in
            use.bytes += new - old
            use.shares += (new > 0 ? 1 : 0) - (old > 0 ? 1 : 0)
            return use.bytes >= limit && new >= min(Self.leastShare, limit) && new * 2 * use.shares >= limit
        }
    }
}
