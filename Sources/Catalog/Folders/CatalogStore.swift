import Indexer
import Synchronization

/// The open catalogs of a service: hands out searchers and notices new commits of any process.
///
/// A catalog's folder is looked at when it is asked for and the last look is older than an interval, so a search sees a
/// commit at most that much later. Searches that run keep the searcher they have.
public final class CatalogStore: Sendable {
    /// Where the catalogs are.
    public let folder: DataFolder
    private let interval: Duration
    private let onFailure: @Sendable (String, CatalogError) -> Void
    private let open = Mutex<[String: Entry]>([:])

    private struct Entry {
        var searcher: CatalogSearcher
        var checked: ContinuousClock.Instant
        /// What was wrong with the newest commit, so that it is told once.
        var failure: CatalogError?
    }

    /// A store of the catalogs in a folder.
    ///
    /// `onFailure` is told, once for each problem, when a new commit cannot be opened and the one at hand goes on
    /// serving.
    public init(
        _ folder: DataFolder, lookEvery interval: Duration = .milliseconds(250),
        onFailure: @escaping @Sendable (String, CatalogError) -> Void = { _, _ in }
    ) {
        self.folder = folder
        self.interval = interval
        self.onFailure = onFailure
    }

    /// The newest commit of a catalog.
    ///
    /// Errors: `unknown` for a name without catalog; those of opening it when there is none at hand.
    public func searcher(_ name: String) throws(CatalogError) -> CatalogSearcher {
        let now = ContinuousClock.now
        // Whoever finds the last look too old does the looking; the others go on with what is at hand.
        let (known, looks) = open.withLock { entries -> (CatalogSearcher?, Bool) in
            guard let entry = entries[name] else { return (nil, true) }
            guard entry.checked + interval <= now else { return (entry.searcher, false) }
            entries[name]?.checked = now
            return (entry.searcher, true)
        }
        if let known, !looks { return known }
        if let known, (try? folder.index(name).newestRevision()) == known.reader.revision { return known }
        do throws(CatalogError) {
            let fresh = try folder.open(name)
            open.withLock { $0[name] = Entry(searcher: fresh, checked: now) }
            return fresh
        } catch {
            guard let known else { throw error }
            if case .unknown = error {
                open.withLock { $0[name] = nil }
                throw error
            }
            let isNew = open.withLock { entries in
                defer { entries[name]?.failure = error }
                return entries[name]?.failure != error
            }
            if isNew { onFailure(name, error) }
            return known
        }
    }
}
