import Catalog
import NIOCore
import Synchronization

/// The newest replies of a server that a later request can have again, limited in bytes. Thread-safe.
///
/// A reply belongs to the view of its catalog that it was made of. The first one of a newer view removes all of older
/// views of the catalog. At the limit the replies that were not used for longest go, half of them at a time: new ones
/// are put in one half of the room, and when that is full it becomes the older half, whose replies return when they are
/// used.
package final class ReplyCache: Sendable {
    /// The counts of a cache.
    package struct Statistics: Sendable, Equatable {
        /// The number of requests that had their reply here, and of those that did not.
        package var hits = 0
        package var misses = 0
        /// The number of bytes that the replies take up.
        package var bytes = 0
    }

    private struct Key: Hashable {
        var request: ReplyKey
        var isGzip: Bool
    }

    private struct Entry {
        var view: UInt64
        var body: ByteBuffer
        var answered: AnsweredSearch?
        /// The number of bytes that the entry takes up, about.
        var size: Int
    }

    private struct Half {
        var entries: [Key: Entry] = [:]
        var bytes = 0

        mutating func insert(_ entry: Entry, _ key: Key) {
            bytes += entry.size
            if let old = entries.updateValue(entry, forKey: key) { bytes -= old.size }
        }

        mutating func remove(_ key: Key) -> Entry? {
            guard let entry = entries.removeValue(forKey: key) else { return nil }
            bytes -= entry.size
            return entry
        }

        /// Removes the replies to views of a catalog before `view`.
        mutating func removeAll(of catalog: String, before view: UInt64) {
            let old = entries.filter { $0.key.request.catalog == catalog && $0.value.view < view }
            for key in old.keys { _ = remove(key) }
        }
    }

    private struct State {
        var newer = Half()
        var older = Half()
        /// The newest view of each catalog that has replies here.
        var views: [String: UInt64] = [:]
        var statistics = Statistics()

        /// Adds an entry to the newer half, or to the next one if that is full.
        mutating func insert(_ entry: Entry, _ key: Key, limit: Int) {
            _ = older.remove(key)
            if newer.bytes + entry.size > limit / 2 {
                older = newer
                newer = Half()
            }
            newer.insert(entry, key)
        }
    }

    private let maxBytes: Int
    private let state = Mutex(State())
    /// The bytes that an entry takes up beside its body and its key.
    private static let overhead = 200
    /// The share of the room that one reply may have: one of so many.
    private static let largestShare = 16

    /// Creates an empty cache for replies of `maxBytes` in all; with 0 it stays empty.
    package init(maxBytes: Int) { self.maxBytes = maxBytes }

    /// The numbers of hits, misses and bytes so far.
    package var statistics: Statistics {
        state.withLock { state in
            var statistics = state.statistics
            statistics.bytes = state.newer.bytes + state.older.bytes
            return statistics
        }
    }

    /// Returns the reply to a request, compressed or not, and what the record of a search says; nil if there is none.
    /// Complexity: O(1).
    func reply(
        for request: ReplyKey, isGzip: Bool, view: UInt64
    ) -> (body: ByteBuffer, answered: AnsweredSearch?)? {
        guard maxBytes > 0 else { return nil }
        let key = Key(request: request, isGzip: isGzip)
        return state.withLock { state in
            if let entry = state.newer.entries[key], entry.view == view {
                state.statistics.hits += 1
                return (entry.body, entry.answered)
            }
            guard let entry = state.older.entries[key], entry.view == view else { return nil }
            state.statistics.hits += 1
            state.insert(entry, key, limit: maxBytes)
            return (entry.body, entry.answered)
        }
    }

    /// Returns what the record of a search says whose reply its client has; nil if the cache has no reply to it.
    func answered(for request: ReplyKey, view: UInt64) -> AnsweredSearch? {
        state.withLock { state in
            for isGzip in [true, false] {
                let key = Key(request: request, isGzip: isGzip)
                if let entry = state.newer.entries[key] ?? state.older.entries[key], entry.view == view {
                    return entry.answered
                }
            }
            return nil
        }
    }

    /// Keeps the body of a reply that a request did not find here, unless it is large.
    ///
    /// Complexity: O(1); O(replies) with the first reply of a view.
    func insert(
        _ body: ByteBuffer, for request: ReplyKey, isGzip: Bool, view: UInt64, _ answered: AnsweredSearch? = nil
    ) {
        guard maxBytes > 0 else { return }
        let size = body.readableBytes + request.byteCount + Self.overhead + (answered?.byteCount ?? 0)
        let key = Key(request: request, isGzip: isGzip)
        state.withLock { state in
            state.statistics.misses += 1
            guard size <= maxBytes / Self.largestShare else { return }
            let newest = state.views[request.catalog] ?? 0
            if newest > view { return }
            if newest < view {
                state.views[request.catalog] = view
                state.newer.removeAll(of: request.catalog, before: view)
                state.older.removeAll(of: request.catalog, before: view)
            }
            state.insert(Entry(view: view, body: body, answered: answered, size: size), key, limit: maxBytes)
        }
    }
}
