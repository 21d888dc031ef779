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
    private let open = Mutex<[String: Entry]>([:])

    private struct Entry {
        var searcher: CatalogSearcher
        var checked: ContinuousClock.Instant
    }

    /// A store of the catalogs in a folder.
    public init(_ folder: DataFolder, lookEvery interval: Duration = .milliseconds(250)) {
        self.folder = folder
        self.interval = interval
    }

    /// The newest commit of a catalog.
    ///
    /// Errors: `unknown` for a name without catalog; those of opening it. While a new commit cannot be opened the one
    /// at hand goes on serving.
    public func searcher(_ name: String) throws(CatalogError) -> CatalogSearcher {
        let now = ContinuousClock.now
        let known = open.withLock { $0[name] }
        if let known, known.checked + interval > now { return known.searcher }
        if let known, (try? folder.index(name).newestRevision()) == known.searcher.reader.revision {
            open.withLock { $0[name]?.checked = now }
            return known.searcher
        }
        do throws(CatalogError) {
            let fresh = try folder.open(name)
            open.withLock { $0[name] = Entry(searcher: fresh, checked: now) }
            return fresh
        } catch {
            guard let known else { throw error }
            open.withLock { $0[name]?.checked = now }
            return known.searcher
        }
    }
}
