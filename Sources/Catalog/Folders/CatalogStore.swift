package import Indexer
import Kernels
package import Searching
import Segments

/// The open catalogs of a service. It provides searchers, which follow the commits of any process, and writers.
///
/// A request checks the folder of its catalog for a new commit and a new tuning if the last check is older than an
/// interval; a search sees them at most that much later, a reply that is kept at most four times that. A catalog that
/// this process writes is seen as its writer publishes it.
/// Running searches keep their snapshot. A catalog that cannot be opened does not disturb the others. Thread-safe.
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
    private let clock: @Sendable () -> ContinuousClock.Instant
    private let wallClock: @Sendable () -> Int64
    private let open = Monitor(OpenCatalogs())
    /// The catalogs whose acknowledged changes could not be recovered at the last attempt.
    private let unrecovered = Monitor<Set<String>>([])
    /// The catalogs that are being created.
    let creating = Monitor<Set<String>>([])
    private let writers = Monitor<[String: CatalogWriter]>([:])
    /// True after `close`. Locked while a writer is opened, which may take a while.
    private let opening = Monitor(false)
    private let options: LiveOptions
    private let snapshots = CursorSnapshots()

    /// The time after its last use at which a catalog is closed, if this process does not write it.
    static let idleLifetime = Duration.seconds(600)
    /// The time after its last use at which a writer is closed.
    static let idleWriterLifetime = Duration.seconds(20)

    /// The catalogs that were used lately.
    private struct OpenCatalogs {
        var byName: [String: OpenCatalog] = [:]
        /// The time at which unused ones were closed last.
        var swept: ContinuousClock.Instant?
    }

    /// Creates a store of the catalogs in a folder. Nothing is opened yet.
    ///
    /// A search may take `timeout` at most, or the timeout of its request if that is shorter; without `timeout`, the
    /// request's alone counts. `onFailure` is called once for each problem when the newest commit of a catalog cannot
    /// be opened; an older one that is open stays in use. Both callbacks may be called from any thread. Rules begin and
    /// end by `wallClock`, in milliseconds since 1970.
    package init(
        _ folder: DataFolder, lookEvery interval: Duration = .milliseconds(50), writing options: LiveOptions = .init(),
        timeout: Duration? = nil, onFailure: @escaping @Sendable (String, CatalogError) -> Void = { _, _ in },
        onEvent: @escaping @Sendable (String, LiveEvent) -> Void = { _, _ in },
        clock: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        wallClock: @escaping @Sendable () -> Int64 = RuleClock.now
    ) {
        self.clock = clock
        self.wallClock = wallClock
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
            // Throws the error of a name that is not valid or unknown, or of a catalog that cannot be opened.
            _ = try newest(name)
            let onEvent = onEvent
            let writer = try CatalogWriter(name, try folder.index(name), options, clock: clock) { onEvent(name, $0) }
            let outdated = writers.withLock { $0.updateValue(writer, forKey: name) }
            // It has no lock and nothing to commit: closing it ends its threads, and throws why it is outdated.
            try? outdated?.close()
            return writer
        }
    }

    /// Opens the writers of the catalogs whose logs have uncommitted changes after a crash, so that searches see them.
    /// A catalog that another process writes is left to that process.
    ///
    /// Returns the errors of the catalogs that could not be recovered, by name. Their searches see the last commit, if
    /// that can be opened, until a later call, or the first change, succeeds. Errors: `storage` if the folder cannot be
    /// listed.
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
        let names = Set(failures.keys)
        unrecovered.withLock { $0 = names }
        return failures
    }

    /// Closes the writers that were not used for a while and keep no other generation up, so that their memory, threads
    /// and locks are free; the next change opens them again. To be called every few seconds. Blocks.
    package func closeIdleWriters() {
        let time = clock() - Self.idleWriterLifetime
        opening.withLock { isClosed in
            if isClosed { return }
            for (name, writer) in writers.withLock({ $0 }) where writer.retire(unusedSince: time) {
                do throws(CatalogError) {
                    try writer.close()
                } catch {
                    onFailure(name, error)
                }
                writers.withLock { $0[name] = nil }
            }
        }
    }

    /// Closes a catalog that is about to be removed, with its writer. What that cannot commit is not needed.
    func forget(_ name: String) {
        opening.withLock { _ in
            let writer = writers.withLock { $0.removeValue(forKey: name) }
            open.withLock { $0.byName[name] = nil }
            if let writer, !writer.isOutdated { try? writer.close() }
        }
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
    /// of a request that arrives now. A search that asks for a cursor may see a snapshot of the second before, so that
    /// cursors share snapshots.
    ///
    /// Errors: as for `searcher` and `CatalogSearcher.search`; `request` for a cursor of another search,
    /// `cursorExpired` if its snapshot is not kept any more, `tooManyCursors`.
    package func search(
        _ name: String, _ request: SearchRequest, limits: SearchLimits? = nil
    ) throws(CatalogError) -> SearchReply {
        let start = clock()
        let searcher: CatalogSearcher
        if let after = request.after {
            guard after.search == request.identity else {
                throw .request(
                    RequestProblem(
                        "bad_value", "after", "the cursor belongs to another search",
                        hint: "repeat q, filter, sort and collapse of that search, or start again with after=*"))
            }
            guard let snapshot = snapshots.searcher(after.snapshot, of: name, now: start) else {
                // Throws the error of a name that is not valid or unknown.
                _ = try self.searcher(name)
                throw .cursorExpired(
                    RequestProblem(
                        "cursor_expired", "after", "the snapshot of the cursor is not kept any more",
                        hint: "start again with after=*; snapshots are kept up to two minutes after their last use"))
            }
            searcher = snapshot
        } else {
            snapshots.sweep(now: start)
            let newest = try self.searcher(name)
            let refreshed = openWriter(name)?.lastRefresh
            searcher =
                request.wantsCursor ? snapshots.recent(newest, changed: refreshed, now: start) ?? newest : newest
        }
        var reply = try searcher.search(request, limits: limits ?? self.limits(request.timeout))
        guard request.wantsCursor else {
            reply.view = searcher.view
            return reply
        }
        if reply.isLate {
            // With more time there may be better hits than these, so the cursor stays before this page.
            reply.next = request.after?.text ?? "*"
        } else if let position = reply.last, reply.hits.count == request.perPage {
            let newest = (try? self.searcher(name)) ?? searcher
            let snapshot = try snapshots.pin(searcher, taken: start, newest: newest, now: clock())
            reply.next = SearchCursor(snapshot: snapshot, search: request.identity, position: position).text
        }
        return reply
    }

    /// Opens all catalogs, so that their first requests need not wait. `onFailure` gets the errors of those that cannot
    /// be opened.
    ///
    /// Errors: `storage` if the folder cannot be listed.
    package func openAll() throws(CatalogError) {
        for name in try folder.catalogs() { _ = try? newest(name) }
    }

    /// Returns the catalogs with their states, by name. Opens none that is not open.
    ///
    /// Errors: `storage` if the folder cannot be listed.
    package func summaries() throws(CatalogError) -> [CatalogSummary] {
        let unrecovered = unrecovered.withLock { $0 }
        return try folder.catalogs().map { name in
            if let view = openWriter(name)?.view { return CatalogSummary(name: name, documents: view.liveDocuments) }
            var summary = catalog(name).summary(clock)
            if summary.state == .ready, unrecovered.contains(name) {
                summary.state = .recovering
                summary.problem = "acknowledged changes are not back yet; the server's log has the reason"
            }
            return summary
        }
    }

    /// Returns a searcher of the newest snapshot of a catalog: the one that its writer publishes if this process writes
    /// it, otherwise the newest commit.
    ///
    /// Errors: `unknown` if the catalog does not exist; `unavailable` if neither the newest commit nor an older one is
    /// open, after `onFailure` was called with the reason.
    package func searcher(_ name: String) throws(CatalogError) -> CatalogSearcher {
        do throws(CatalogError) {
            return try newest(name)
        } catch {
            switch error {
            case .unknown, .name: throw error
            default: throw .unavailable(name, reason: error.unreadableReason, isTemporary: error.isTemporary)
            }
        }
    }

    /// Returns the number of the view (`CatalogSearcher.view`) that a search would see now; nil if that is not known
    /// without reading files. It counts as a use of the catalog, and never blocks.
    ///
    /// A view is known for a few intervals after the last look at the folder of its catalog. When the next look is due,
    /// one of the callers is told so, who should call `searcher` on another thread.
    package func knownView(_ name: String) -> (view: UInt64, isDue: Bool)? {
        guard let catalog = open.withLock({ $0.byName[name] }) else { return nil }
        let now = clock()
        catalog.use(at: now)
        return catalog.knownView(of: openWriter(name)?.view, now)
    }

    /// True if a searcher of a catalog is open, perhaps not of its newest state.
    package func isOpen(_ name: String) -> Bool { openReader(name) != nil }

    /// The snapshot of a catalog that is open, perhaps not its newest one; nil if it is not open.
    func openReader(_ name: String) -> IndexReader? { open.withLock { $0.byName[name] }?.reader }

    /// Shows the requests of this process a tuning that has just changed.
    func showTuning(of name: String) {
        open.withLock { $0.byName[name] }?.expire()
        _ = try? newest(name)
    }

    /// Returns a searcher of the newest snapshot of a catalog.
    ///
    /// Errors: `unknown` if the catalog does not exist; the error of the newest commit if no older one is open.
    private func newest(_ name: String) throws(CatalogError) -> CatalogSearcher {
        let now = clock()
        closeUnused(now)
        if open.withLock({ $0.byName[name] }) == nil { _ = try folder.existingIndex(name) }
        let catalog = catalog(name)
        catalog.use(at: now)
        if let view = openWriter(name)?.view { return try catalog.searcher(of: view, clock) }
        do throws(CatalogError) {
            return try catalog.searcher(clock)
        } catch {
            if case .unknown = error { open.withLock { $0.byName[name] = nil } }
            throw error
        }
    }

    /// Returns the entry of an existing catalog.
    private func catalog(_ name: String) -> OpenCatalog {
        open.withLock { open in
            if let catalog = open.byName[name] { return catalog }
            let catalog = OpenCatalog(name, folder, every: interval, wallClock: wallClock, onFailure: onFailure)
            open.byName[name] = catalog
            return catalog
        }
    }

    /// Closes catalogs that were not used for a while, so that memory and the files of old commits become free.
    private func closeUnused(_ now: ContinuousClock.Instant) {
        open.withLock { open in
            guard open.swept.map({ $0 + .seconds(10) <= now }) ?? true else { return }
            open.swept = now
            open.byName = open.byName.filter { $0.value.wasUsed(after: now - Self.idleLifetime) }
        }
    }
}
