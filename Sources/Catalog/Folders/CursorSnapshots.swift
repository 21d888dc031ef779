import Kernels
import Segments

/// The snapshots of catalogs that cursors refer to. They are kept while they are in use, so that paging visits every
/// hit exactly once, whatever is written in the meantime. Thread-safe.
///
/// Cursors that begin within a second share a snapshot, so that many clients, or a hostile one, need few of them.
final class CursorSnapshots: Sendable {
    /// The maximum number of snapshots of a catalog.
    static let maxPerCatalog = 200
    /// The time after its last use at which a snapshot is released.
    static let idleLifetime = Duration.seconds(120)
    /// The time after its last use at which a snapshot is released if there is no room for another one.
    static let busyLifetime = Duration.seconds(30)
    /// The time for which new cursors share a snapshot.
    static let sharedTime = Duration.seconds(1)

    /// A snapshot with the id that cursors have.
    private struct Snapshot {
        var id: UInt64
        var searcher: CatalogSearcher
        /// The time at which it was the newest one.
        var taken: ContinuousClock.Instant
        var lastUse: ContinuousClock.Instant
    }

    private let snapshots = Monitor<[Snapshot]>([])
    private let maxBytes: Int

    /// Creates an empty collection. `maxBytes` is the size of the files that snapshots of a catalog may keep although
    /// the newest one does not need them; a catalog that is larger may keep as much as itself.
    init(maxBytes: Int = 1 << 30) { self.maxBytes = maxBytes }

    /// Returns a snapshot in which a new cursor may begin: one that was the newest within the last second, of the same
    /// generation and tuning as `newest`, and not older than the time `changed`; nil if there is none.
    func recent(
        _ newest: CatalogSearcher, changed: ContinuousClock.Instant? = nil, now: ContinuousClock.Instant
    ) -> CatalogSearcher? {
        snapshots.withLock { snapshots in
            let shared = snapshots.last { snapshot in
                snapshot.searcher.name == newest.name && snapshot.searcher.generation == newest.generation
                    && snapshot.searcher.tuning.revision == newest.tuning.revision
                    && snapshot.searcher.expiry == newest.expiry
                    && snapshot.taken + Self.sharedTime > now && changed.map { snapshot.taken > $0 } ?? true
            }
            return shared?.searcher
        }
    }

    /// Keeps the snapshot of a searcher, which was the newest at the time `taken`, and returns its id. The same
    /// snapshot has the same id. `newest` shows the newest snapshot now.
    ///
    /// Errors: `tooManyCursors` if there is no room, and all snapshots are in use.
    func pin(
        _ searcher: CatalogSearcher, taken: ContinuousClock.Instant, newest: CatalogSearcher,
        now: ContinuousClock.Instant
    ) throws(CatalogError) -> UInt64 {
        let id: UInt64? = snapshots.withLock { snapshots in
            snapshots.removeAll { $0.lastUse + Self.idleLifetime < now }
            if let index = snapshots.firstIndex(where: {
                $0.searcher.view == searcher.view && $0.searcher.name == searcher.name
            }) {
                snapshots[index].lastUse = now
                return snapshots[index].id
            }
            while !hasRoom(snapshots.map(\.searcher), searcher, newest) {
                let unused = snapshots.indices.filter {
                    snapshots[$0].searcher.name == searcher.name && snapshots[$0].lastUse + Self.busyLifetime < now
                }
                guard let oldest = unused.min(by: { snapshots[$0].lastUse < snapshots[$1].lastUse }) else { return nil }
                snapshots.remove(at: oldest)
            }
            // Ids are random, so that a client cannot guess the snapshot of another one.
            let id = UInt64.random(in: .min ... .max)
            snapshots.append(Snapshot(id: id, searcher: searcher, taken: taken, lastUse: now))
            return id
        }
        guard let id else { throw .tooManyCursors }
        return id
    }

    /// True if a snapshot may be kept beside others.
    private func hasRoom(
        _ kept: [CatalogSearcher], _ searcher: CatalogSearcher, _ newest: CatalogSearcher
    ) -> Bool {
        let ofCatalog = kept.filter { $0.name == searcher.name }
        guard ofCatalog.count < Self.maxPerCatalog else { return false }
        let current = newest.reader.fileSizes
        var old: [String: Int] = [:]
        for snapshot in ofCatalog + [searcher] {
            for (file, bytes) in snapshot.reader.fileSizes where current[file] == nil { old[file] = bytes }
        }
        return old.values.reduce(0, +) <= max(maxBytes, current.values.reduce(0, +))
    }

    /// Releases the snapshots whose idle lifetime is over, and with them their files.
    func sweep(now: ContinuousClock.Instant) {
        snapshots.withLock { $0.removeAll { $0.lastUse + Self.idleLifetime < now } }
    }

    /// Returns the searcher of a catalog's snapshot; nil if it is not kept any more.
    func searcher(_ id: UInt64, of catalog: String, now: ContinuousClock.Instant) -> CatalogSearcher? {
        snapshots.withLock { snapshots in
            snapshots.removeAll { $0.lastUse + Self.idleLifetime < now }
            guard let index = snapshots.firstIndex(where: { $0.id == id && $0.searcher.name == catalog }) else {
                return nil
            }
            snapshots[index].lastUse = now
            return snapshots[index].searcher
        }
    }
}

extension IndexReader {
    /// The sizes of the segment files in bytes, by generation and name.
    fileprivate var fileSizes: [String: Int] {
        var sizes: [String: Int] = [:]
        for segment in segments {
            sizes["\(manifest.generation)/\(segment.description.name)"] = segment.description.bytes
        }
        return sizes
    }
}
