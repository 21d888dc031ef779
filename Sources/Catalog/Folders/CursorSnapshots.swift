import Kernels

/// The snapshots of catalogs that cursors refer to. They are kept while they are in use, so that paging visits every
/// hit exactly once, whatever is written in the meantime. Thread-safe.
final class CursorSnapshots: Sendable {
    /// The maximum number of snapshots of a catalog; the least recently used one is released first.
    static let maxPerCatalog = 32
    /// The time after its last use at which a snapshot is released.
    static let idleLifetime = Duration.seconds(120)

    /// A snapshot with the id that cursors have.
    private struct Snapshot {
        var id: UInt64
        var searcher: CatalogSearcher
        var lastUse: ContinuousClock.Instant
    }

    private let snapshots = Monitor<[Snapshot]>([])

    /// Keeps the snapshot of a searcher and returns its id. The same snapshot has the same id.
    func pin(_ searcher: CatalogSearcher, now: ContinuousClock.Instant = .now) -> UInt64 {
        snapshots.withLock { snapshots in
            snapshots.removeAll { $0.lastUse + Self.idleLifetime < now }
            if let index = snapshots.firstIndex(where: {
                $0.searcher.reader === searcher.reader && $0.searcher.name == searcher.name
            }) {
                snapshots[index].lastUse = now
                return snapshots[index].id
            }
            let ofCatalog = snapshots.indices.filter { snapshots[$0].searcher.name == searcher.name }
            if ofCatalog.count >= Self.maxPerCatalog,
                let oldest = ofCatalog.min(by: { snapshots[$0].lastUse < snapshots[$1].lastUse })
            {
                snapshots.remove(at: oldest)
            }
            // Ids are random, so that a client cannot guess the snapshot of another one.
            let id = UInt64.random(in: .min ... .max)
            snapshots.append(Snapshot(id: id, searcher: searcher, lastUse: now))
            return id
        }
    }

    /// Releases the snapshots whose idle lifetime is over, and with them their files.
    func sweep(now: ContinuousClock.Instant = .now) {
        snapshots.withLock { $0.removeAll { $0.lastUse + Self.idleLifetime < now } }
    }

    /// Returns the searcher of a catalog's snapshot; nil if it is not kept any more.
    func searcher(_ id: UInt64, of catalog: String, now: ContinuousClock.Instant = .now) -> CatalogSearcher? {
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
