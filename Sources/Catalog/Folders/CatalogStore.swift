package import Indexer
import Kernels
package import Searching
import Segments

/// The open catalogs of a service. It provides searchers, which follow the commits of any process, and writers.
///
/// A request checks the folder of its catalog for a new commit if the last check is older than an interval; a search
/// sees a commit at most that much later. A catalog that this process writes is seen as its writer publishes it.
/// Running searches keep their snapshot. Thread-safe.
///
/// ```swift
/// let store = CatalogStore(DataFolder("quire-data"), timeout: .seconds(5))
/// let reply = try store.search("books", SearchRequest("三体"))
/// let writer = try store.writer("books")   // locks the catalog for this process
/// try store.close()                        // commits, and releases the lock
/// ```
package final class CatalogStore: Sendable {
    /// The folder of the catalogs.
    package let folder: DataFolder
    /// The time after which the folder of a catalog is checked again.
    private let interval: Duration
    /// The maximum time of a search; nil for no limit.
    private let timeout: Duration?
    private let onFailure: @Sendable (String, CatalogError) -> Void
    private let onEvent: @Sendable (String, LiveEvent) -> Void
    private let open = Monitor<[String: Entry]>([:])
    private let writers = Monitor<[String: CatalogWriter]>([:])
    /// True after `close`. Locked while a writer is opened, which may take a while.
    private let opening = Monitor(false)
    private let options: LiveOptions
    private let snapshots = CursorSnapshots()

    /// An open catalog.
    private struct Entry {
        var searcher: CatalogSearcher
        /// The time of the last check for a new commit.
        var checked: ContinuousClock.Instant
        /// The error of the newest commit, if it could not be opened, so that it is reported only once.
        var failure: CatalogError?
    }

    /// Creates a store of the catalogs in a folder. Nothing is opened yet.
    ///
    /// A search may take `timeout` at most, or the timeout of its request if that is shorter; without `timeout`, the
    /// request's alone counts. `onFailure` is called once for each problem when a new commit cannot be opened and the
    /// previous one stays in use. Both callbacks may be called from any thread.
    package init(
        _ folder: DataFolder, lookEvery interval: Duration = .milliseconds(250), writing options: LiveOptions = .init(),
        timeout: Duration? = nil, onFailure: @escaping @Sendable (String, CatalogError) -> Void = { _, _ in },
        onEvent: @escaping @Sendable (String, LiveEvent) -> Void = { _, _ in }
    ) {
        self.options = options
        self.onEvent = onEvent
        self.folder = folder
        self.interval = interval
        self.timeout = timeout
        self.onFailure = onFailure
    }

    /// Returns the writer of a catalog; nil unless it is open, and after the catalog was rebuilt with another schema.
    package func openWriter(_ name: String) -> CatalogWriter? {
        writers.withLock { $0[name] }.flatMap { $0.isOutdated ? nil : $0 }
    }

    /// Returns the writer of a catalog, and opens it if necessary. It locks the catalog for this process until `close`.
    /// Blocks while acknowledged changes are recovered from the log.
    ///
    /// Errors: `unknown` if the catalog does not exist, `index(.storage(.locked))` while another process writes it,
    /// `index(.stopped)` after `close`.
    package func writer(_ name: String) throws(CatalogError) -> CatalogWriter {
        if let writer = openWriter(name) { return writer }
        return try opening.withLock { isClosed throws(CatalogError) in
            if let writer = openWriter(name) { return writer }
            if isClosed { throw .index(.stopped(reason: "the server is shutting down")) }
            // Throws the error of a name that is not valid or unknown.
            _ = try searcher(name)
            let onEvent = onEvent
            let writer = try CatalogWriter(name, try folder.index(name), options) { onEvent(name, $0) }
            let outdated = writers.withLock { $0.updateValue(writer, forKey: name) }
            // It has no lock and nothing to commit: closing it ends its threads, and throws why it is outdated.
            try? outdated?.close()
            return writer
        }
    }

    /// Opens the writers of the catalogs whose logs have uncommitted changes after a crash, so that searches see them.
    /// A catalog that another process writes is left to that process.
    ///
    /// Returns the errors of the catalogs that could not be recovered, by name. Their searches see the last commit
    /// until a later call, or the first change, succeeds. Errors: `storage` if the folder cannot be listed.
    package func recover() throws(CatalogError) -> [String: CatalogError] {
        var failures: [String: CatalogError] = [:]
        for name in try folder.catalogs() where openWriter(name) == nil {
            do throws(CatalogError) {
                let index = try folder.index(name)
                if try indexing({ () throws(IndexError) in try index.hasUncommittedChanges() }) { _ = try writer(name) }
            } catch {
                if case .index(.storage(.locked)) = error { continue }
                failures[name] = error
            }
        }
        return failures
    }

    /// Closes all writers: commits their changes and releases the locks of their catalogs. Searches remain possible.
    ///
    /// Errors: the first error of a writer. Its acknowledged changes stay in the log.
    package func close() throws(CatalogError) {
        let openWriters = opening.withLock { isClosed in
            isClosed = true
            return writers.withLock { $0 }
        }
        var failure: CatalogError?
        for (_, writer) in openWriters.sorted(by: { $0.key < $1.key }) {
            do throws(CatalogError) {
                try writer.close()
            } catch {
                // An outdated writer has nothing left to commit.
                if !writer.isOutdated { failure = failure ?? error }
            }
        }
        if let failure { throw failure }
    }

    /// Returns the limits of a request that arrived at some time: it may take its own timeout, and at most the store's,
    /// from then on.
    package func limits(
        _ timeout: Duration? = nil, since arrival: ContinuousClock.Instant = .now,
        cancellation: SearchCancellation? = nil
    ) -> SearchLimits {
        let shortest = [timeout, self.timeout].compactMap(\.self).min()
        return SearchLimits(deadline: shortest.map { arrival + $0 }, cancellation: cancellation)
    }

    /// Searches the newest snapshot of a catalog, or the snapshot of the request's cursor; without limits within those
    /// of a request that arrives now.
    ///
    /// Errors: as for `searcher` and `CatalogSearcher.search`; `request` for a cursor of another search,
    /// `cursorExpired` if its snapshot is not kept any more.
    package func search(
        _ name: String, _ request: SearchRequest, limits: SearchLimits? = nil
    ) throws(CatalogError) -> SearchReply {
        let searcher: CatalogSearcher
        if let after = request.after {
            guard after.search == request.identity else {
                throw .request(
                    RequestProblem(
                        "bad_value", "after", "the cursor belongs to another search",
                        hint: "repeat q, filter, sort and collapse of that search, or start again with after=*"))
            }
            guard let snapshot = snapshots.searcher(after.snapshot, of: name) else {
                // Throws the error of a name that is not valid or unknown.
                _ = try self.searcher(name)
                throw .cursorExpired(
                    RequestProblem(
                        "cursor_expired", "after", "the snapshot of the cursor is not kept any more",
                        hint: "start again with after=*; snapshots are kept up to two minutes after their last use"))
            }
            searcher = snapshot
        } else {
            snapshots.sweep()
            searcher = try self.searcher(name)
        }
        var reply = try searcher.search(request, limits: limits ?? self.limits(request.timeout))
        guard request.wantsCursor else { return reply }
        if reply.isLate {
            // With more time there may be better hits than these, so the cursor stays before this page.
            reply.next = request.after?.text ?? "*"
        } else if let position = reply.last, reply.hits.count == request.perPage {
            let cursor = SearchCursor(snapshot: snapshots.pin(searcher), search: request.identity, position: position)
            reply.next = cursor.text
        }
        return reply
    }

    /// Returns a searcher of the newest snapshot of a catalog: the one that its writer publishes if this process writes
    /// it, otherwise the newest commit.
    ///
    /// Errors: `unknown` if the catalog does not exist; the error of the newest commit if no older one is open.
    package func searcher(_ name: String) throws(CatalogError) -> CatalogSearcher {
        let now = ContinuousClock.now
        if let view = openWriter(name)?.view {
            return try open.withLock { entries throws(CatalogError) in
                if let current = entries[name]?.searcher {
                    if current.reader === view { return current }
                    let refreshed = try current.refreshed(to: view)
                    entries[name] = Entry(searcher: refreshed, checked: now)
                    return refreshed
                }
                let profile = try SearchProfile(of: view.manifest, path: view.path)
                let opened = CatalogSearcher(name: name, reader: view, profile: profile)
                entries[name] = Entry(searcher: opened, checked: now)
                return opened
            }
        }
        // The first request after the interval checks for a new commit; concurrent ones use the open searcher.
        let (current, checks) = open.withLock { entries -> (CatalogSearcher?, Bool) in
            guard let entry = entries[name] else { return (nil, true) }
            guard entry.checked + interval <= now else { return (entry.searcher, false) }
            entries[name]?.checked = now
            return (entry.searcher, true)
        }
        if let current, !checks { return current }
        if let current, (try? folder.index(name).newestRevision()) == current.reader.revision { return current }
        do throws(CatalogError) {
            let opened = try folder.open(name)
            open.withLock { $0[name] = Entry(searcher: opened, checked: now) }
            return opened
        } catch {
            guard let current else { throw error }
            if case .unknown = error {
                open.withLock { $0[name] = nil }
                throw error
            }
            let isNew = open.withLock { entries in
                defer { entries[name]?.failure = error }
                return entries[name]?.failure != error
            }
            if isNew { onFailure(name, error) }
            return current
        }
    }
}
