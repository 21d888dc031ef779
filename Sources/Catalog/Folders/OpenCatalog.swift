import Kernels
import Segments

/// The newest snapshot of one catalog with its newest tuning, and the error of what is newest if that cannot be opened.
/// Thread-safe.
///
/// The folder is examined at most once in an interval; until then both snapshot and error are remembered. One thread
/// opens a new commit, while others use the snapshot before.
final class OpenCatalog: Sendable {
    let name: String
    private let folder: DataFolder
    private let interval: Duration
    /// The time by which rules begin and end, in milliseconds since 1970.
    private let wallClock: @Sendable () -> Int64
    /// Called with each error that is not that of the last attempt.
    private let onFailure: @Sendable (String, CatalogError) -> Void
    private let state = Monitor(State())
    /// Locked while the catalog is opened and nothing else can be used.
    private let opening = Monitor(())

    private struct State {
        var searcher: CatalogSearcher?
        /// The error of the newest commit; nil if `searcher` shows it, or nothing was opened yet.
        var failure: CatalogError?
        /// The time of the last examination of the folder; nil before the first.
        var checked: ContinuousClock.Instant?
        /// The time at which somebody was told last that the folder is to be examined.
        var told: ContinuousClock.Instant?
        /// The time of the last request.
        var lastUse: ContinuousClock.Instant?
        /// The number of documents of the newest commit of a catalog that is not open.
        var listed: (revision: IndexReader.Revision, documents: Int)?

        /// The outcome that is known without examining the folder; nil before the first attempt.
        var known: Result<CatalogSearcher, CatalogError>? {
            searcher.map { .success($0) } ?? failure.map { .failure($0) }
        }
    }

    init(
        _ name: String, _ folder: DataFolder, every interval: Duration, wallClock: @escaping @Sendable () -> Int64,
        onFailure: @escaping @Sendable (String, CatalogError) -> Void
    ) {
        self.name = name
        self.folder = folder
        self.interval = interval
        self.wallClock = wallClock
        self.onFailure = onFailure
    }

    /// The error of the newest commit, if it could not be opened.
    var failure: CatalogError? { state.withLock { $0.failure } }

    /// The snapshot of the open searcher; nil if none is open.
    var reader: IndexReader? { state.withLock { $0.searcher?.reader } }

    /// True if a request used the catalog after a time.
    func wasUsed(after time: ContinuousClock.Instant) -> Bool {
        state.withLock { $0.lastUse.map { $0 > time } ?? false }
    }

    /// Records a request.
    func use(at time: ContinuousClock.Instant) { state.withLock { $0.lastUse = time } }

    /// The number of the view that a request would see at a time, if its searcher is open: that of the writer's view,
    /// or of the commit that was the newest a moment ago, with the tuning of that time. `isDue` tells one caller in an
    /// interval that the folder is to be examined again.
    func knownView(of written: IndexReader?, _ now: ContinuousClock.Instant) -> (view: UInt64, isDue: Bool)? {
        state.withLock { state in
            renew(&state)
            guard let searcher = state.searcher, written.map({ $0 === searcher.reader }) ?? true else { return nil }
            guard let checked = state.checked, now < checked + interval * Self.knownIntervals else { return nil }
            guard now >= checked + interval, state.told.map({ now >= $0 + interval }) ?? true else {
                return (searcher.view, false)
            }
            state.told = now
            return (searcher.view, true)
        }
    }

    /// The number of intervals for which a view is known after the folder was examined.
    private static let knownIntervals = 4

    /// Replaces a searcher by one of the same snapshot when rules have begun or ended: replies to it are other ones.
    private func renew(_ state: inout State) {
        guard let searcher = state.searcher, let expiry = searcher.expiry else { return }
        let time = wallClock()
        if time >= expiry { state.searcher = searcher.showing(searcher.reader, at: time) }
    }

    /// Makes the next request examine the folder.
    func expire() {
        state.withLock { state in
            state.checked = nil
            state.told = nil
        }
    }

    /// Returns a searcher of the newest commit, or of the last one that could be opened.
    ///
    /// Errors: the error of opening if no commit is open; for an interval it is the remembered one.
    func searcher(_ clock: () -> ContinuousClock.Instant) throws(CatalogError) -> CatalogSearcher {
        let now = clock()
        let (known, current) = state.withLock { state -> (Result<CatalogSearcher, CatalogError>?, CatalogSearcher?) in
            renew(&state)
            if let checked = state.checked, now < checked + interval { return (state.known, state.searcher) }
            if state.searcher != nil { state.checked = now }
            return (nil, state.searcher)
        }
        if let known { return try known.get() }
        if let current {
            if (try? folder.index(name).newestRevision()) == current.reader.revision {
                return retuned(current, showing: current.reader)
            }
            return try open(clock)
        }
        return try opening.withLock { _ throws(CatalogError) in
            // Another thread may have opened it in the meantime.
            let known = state.withLock { state in
                state.checked.map { now < $0 + interval } == true ? state.known : nil
            }
            if let known { return try known.get() }
            return try open(clock)
        }
    }

    /// Returns a searcher of a view of the catalog's writer.
    ///
    /// Errors: `profile` if its profile is not valid, `tuning` if its tuning cannot be read and is not open.
    func searcher(
        of view: IndexReader, _ clock: () -> ContinuousClock.Instant
    ) throws(CatalogError) -> CatalogSearcher {
        let now = clock()
        let (shown, unchecked) = state.withLock { state -> (CatalogSearcher?, CatalogSearcher?) in
            renew(&state)
            let isDue = state.checked.map { now >= $0 + interval } ?? true
            if isDue { state.checked = now }
            guard let current = state.searcher, current.generation == view.manifest.generation else {
                return (nil, nil)
            }
            if isDue { return (nil, current) }
            if current.reader === view { return (current, nil) }
            let next = current.showing(view, at: wallClock())
            state.searcher = next
            return (next, nil)
        }
        if let shown { return shown }
        if let unchecked { return retuned(unchecked, showing: view) }
        let newest = try TuningFolder(folder.index(name)).newestRevision()
        let opened = CatalogSearcher(
            name: name, reader: view, tuning: try Tuning(newest, view.manifest, path: view.path), at: wallClock())
        return state.withLock { state in
            if let current = state.searcher, current.reader === view { return current }
            state.searcher = opened
            state.failure = nil
            return opened
        }
    }

    /// Returns a searcher of a view by the newest tuning, which is the one of `current` most of the time. While that
    /// cannot be read, the tuning of `current` stays in use.
    private func retuned(_ current: CatalogSearcher, showing view: IndexReader) -> CatalogSearcher {
        var next = current.reader === view ? current : current.showing(view, at: wallClock())
        do throws(CatalogError) {
            let tuning = TuningFolder(try folder.index(name))
            if try tuning.newest() != current.tuning.revision {
                let newest = try tuning.newestRevision()
                next = CatalogSearcher(
                    name: name, reader: view, tuning: try Tuning(newest, view.manifest, path: view.path),
                    reusing: current, at: wallClock())
            }
            state.withLock { $0.failure = nil }
        } catch {
            note(error)
        }
        state.withLock { state in
            // Another thread may have shown the view in the meantime, perhaps by a newer tuning.
            if let shown = state.searcher, shown.reader === view, shown.view != current.view {
                next = shown
            } else {
                state.searcher = next
            }
        }
        return next
    }

    /// Remembers an error, and reports it if it is not that of the last attempt.
    private func note(_ error: CatalogError) {
        let isNew = state.withLock { state in
            defer { state.failure = error }
            return state.failure != error
        }
        if isNew { onFailure(name, error) }
    }

    /// Opens the newest commit. When that fails, an older one stays in use.
    private func open(_ clock: () -> ContinuousClock.Instant) throws(CatalogError) -> CatalogSearcher {
        do throws(CatalogError) {
            let opened = try folder.open(name, reusing: state.withLock { $0.searcher }, at: wallClock())
            state.withLock { state in
                state.searcher = opened
                state.failure = nil
                state.checked = clock()
            }
            return opened
        } catch {
            if case .unknown = error { throw error }
            note(error)
            let current = state.withLock { state in
                state.checked = clock()
                return state.searcher
            }
            if let current { return current }
            throw error
        }
    }

    /// Returns the number of documents and the state, without opening a catalog that is not open.
    ///
    /// Complexity: O(bytes of the manifest) if it is not open and its newest commit is not the one of the last call.
    func summary(_ clock: () -> ContinuousClock.Instant) -> CatalogSummary {
        let (isOpen, hasFailed, listed) = state.withLock { ($0.searcher != nil, $0.failure != nil, $0.listed) }
        if !isOpen, !hasFailed, let documents = documents(listed) {
            return CatalogSummary(name: name, documents: documents)
        }
        // Reads only CURRENT, the names of files and a checksum unless there is a new commit, or something is wrong.
        let searcher = try? searcher(clock)
        let reason = failure?.unreadableReason
        guard let searcher else { return CatalogSummary(name: name, state: .unreadable, problem: reason) }
        return CatalogSummary(
            name: name, documents: searcher.documents, state: reason == nil ? .ready : .outdated, problem: reason)
    }

    /// Returns the number of documents that the newest manifest has; nil if it cannot be read. `listed` is what it was
    /// at the last call.
    private func documents(_ listed: (revision: IndexReader.Revision, documents: Int)?) -> Int? {
        guard let index = try? folder.index(name), let revision = try? index.newestRevision() else { return nil }
        if let listed, listed.revision == revision { return listed.documents }
        guard let manifest = try? index.newestManifest() else { return nil }
        let documents = manifest.segments.reduce(0) { $0 + $1.liveDocuments }
        state.withLock { $0.listed = (revision, documents) }
        return documents
    }
}
