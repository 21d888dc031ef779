public import Indexer
import Kernels

/// The open catalogs of a service: hands out searchers and notices new commits of any process.
///
/// A catalog's folder is looked at when it is asked for and the last look is older than an interval, so a search sees a
/// commit at most that much later. A catalog that this process writes itself is seen as its writer shows it. Searches
/// that run keep the searcher they have.
public final class CatalogStore: Sendable {
    /// Where the catalogs are.
    public let folder: DataFolder
    private let interval: Duration
    private let timeout: Duration?
    private let onFailure: @Sendable (String, CatalogError) -> Void
    private let onEvent: @Sendable (String, LiveEvent) -> Void
    private let open = Monitor<[String: Entry]>([:])
    private let writers = Monitor<[String: CatalogWriter]>([:])
    /// Held while a writer is opened, which may take a while.
    private let opening = Monitor(false)
    private let options: LiveOptions
    private let pinned = PinnedViews()

    private struct Entry {
        var searcher: CatalogSearcher
        var checked: ContinuousClock.Instant
        /// What was wrong with the newest commit, so that it is told once.
        var failure: CatalogError?
    }

    /// A store of the catalogs in a folder.
    ///
    /// A search has `timeout`, or less if it says so; without one as long as it says, or takes.
    /// `onFailure` is told, once for each problem, when a new commit cannot be opened and the one at hand goes on
    /// serving.
    public init(
        _ folder: DataFolder, lookEvery interval: Duration = .milliseconds(250), writing options: LiveOptions = .init(),
        timeout: Duration? = nil,
        onFailure: @escaping @Sendable (String, CatalogError) -> Void = { _, _ in },
        onEvent: @escaping @Sendable (String, LiveEvent) -> Void = { _, _ in }
    ) {
        self.options = options
        self.onEvent = onEvent
        self.folder = folder
        self.interval = interval
        self.timeout = timeout
        self.onFailure = onFailure
    }

    /// The writer of a catalog if it was opened.
    public func openWriter(_ name: String) -> CatalogWriter? { writers.withLock { $0[name] } }

    /// The writer of a catalog, opened when it is not yet: it holds the catalog until `close`. May take a while.
    ///
    /// Errors: `unknown` for a name without catalog, `index(.storage(.locked))` while another process writes it.
    public func writer(_ name: String) throws(CatalogError) -> CatalogWriter {
        if let writer = openWriter(name) { return writer }
        return try opening.withLock { isClosed throws(CatalogError) in
            if let writer = openWriter(name) { return writer }
            if isClosed { throw .index(.stopped(reason: "the server is ending")) }
            // Says what is wrong with a name.
            _ = try searcher(name)
            let onEvent = onEvent
            let writer = try CatalogWriter(name, try folder.index(name), options) { onEvent(name, $0) }
            writers.withLock { $0[name] = writer }
            return writer
        }
    }

    /// Opens the writers of catalogs that a crash left with changes no commit holds, so that searches see them. One
    /// that another process writes is left to it.
    ///
    /// Answers the catalogs of which they cannot be brought back, and why: their searches see the last commit
    /// meanwhile. Once the reason is gone, the next call does it, or the first change.
    public func recover() throws(CatalogError) -> [String: CatalogError] {
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

    /// Ends all writers: commits what they have and lets go of their catalogs.
    ///
    /// Errors: the first of theirs; what was acknowledged is in the log then.
    public func close() throws(CatalogError) {
        let all = opening.withLock { isClosed in
            isClosed = true
            return writers.withLock { $0 }
        }
        var failure: CatalogError?
        for (_, writer) in all.sorted(by: { $0.key < $1.key }) {
            do throws(CatalogError) { try writer.close() } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
    }

    /// Answers a search of a catalog: of its newest state, or, for one that goes on, of the state it began in.
    ///
    /// Errors: as of `searcher` and its `search`; `request` for a cursor whose view is not kept any more.
    public func search(_ name: String, _ request: SearchRequest) throws(CatalogError) -> SearchReply {
        let searcher: CatalogSearcher
        if let after = request.after {
            guard after.search == request.identity else {
                throw .request(
                    RequestProblem(
                        "bad_value", "after", "the cursor is one of another search",
                        hint: "give q, filter, sort and collapse as in the search before, or begin again with after=*"))
            }
            guard let view = pinned.view(after.view, of: name) else {
                // Says what is wrong with a name.
                _ = try self.searcher(name)
                throw .request(
                    RequestProblem(
                        "cursor_expired", "after", "the view that the cursor goes on in is not kept any more",
                        hint: "begin again with after=*; views are kept for up to two minutes after their last use"))
            }
            searcher = view
        } else {
            pinned.sweep()
            searcher = try self.searcher(name)
        }
        var request = request
        request.timeout = request.timeout.map { own in timeout.map { min(own, $0) } ?? own } ?? timeout
        var reply = try searcher.search(request)
        guard request.wantsCursor else { return reply }
        if reply.isLate {
            // With more time there may be better hits than these: the same page again.
            reply.next = request.after?.text ?? "*"
        } else if let place = reply.last, reply.hits.count == request.perPage {
            reply.next = SearchCursor(view: pinned.pin(searcher), search: request.identity, place: place).text
        }
        return reply
    }

    /// The documents of a catalog that are most like one, within the time that a search has.
    ///
    /// Errors: as of `searcher`; `index` when the index is damaged.
    public func similar(_ name: String, to id: String, limit: Int) throws(CatalogError) -> [SearchReply.Hit]? {
        try searcher(name).similar(to: id, limit: limit, timeout: timeout)
    }

    /// The newest state of a catalog: what its writer shows if this process has it open, else the newest commit.
    ///
    /// Errors: `unknown` for a name without catalog; those of opening it when there is none at hand.
    public func searcher(_ name: String) throws(CatalogError) -> CatalogSearcher {
        let now = ContinuousClock.now
        if let view = openWriter(name)?.view {
            return try open.withLock { entries throws(CatalogError) in
                if let known = entries[name]?.searcher {
                    if known.reader === view { return known }
                    let fresh = try known.showing(view)
                    entries[name] = Entry(searcher: fresh, checked: now)
                    return fresh
                }
                let profile = try SearchProfile(of: view.manifest, path: view.path)
                let fresh = CatalogSearcher(name: name, reader: view, profile: profile)
                entries[name] = Entry(searcher: fresh, checked: now)
                return fresh
            }
        }
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
