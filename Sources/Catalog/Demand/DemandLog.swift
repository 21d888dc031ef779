import Kernels
import Segments
package import Storage

/// The log of what is asked of a server's catalogs, and of what followed: it records without delaying anybody, and one
/// thread writes.
///
/// Searches wait in memory for a second at most; a full queue or disk drops them, and the log counts how many. Events
/// are on the disk when `append` returns; all that wait share one sync. Only one process logs a data folder; others
/// drop searches and refuse events until it has ended. Thread-safe.
///
/// ```swift
/// let log = try DemandLog(DemandFolder("quire-data")) { logger.warning("\($0)") }
/// log.record(answered, of: "books", client: [192, 0, 2], milliseconds: 1.5)
/// try await log.append(events, of: "books")
/// log.close()
/// ```
package final class DemandLog: Sendable {
    /// The choices of a log.
    package struct Options: Sendable {
        /// The days that are kept, of which today is the first.
        package var keptDays = 30
        /// The bytes of searches that may wait in memory.
        package var maxSearchBytes = 4 << 20
        /// The bytes of events that may wait in memory.
        package var maxEventBytes = 32 << 20
        /// The bytes of a file from which on the next one begins: some 20,000 searches.
        package var maxFileBytes = 8 << 20
        /// The time that a search waits in memory.
        package var flushAfter: Duration = .seconds(1)

        /// Creates the default choices.
        package init() {}
    }

    /// The counts since the log was opened.
    package struct Statistics: Sendable, Equatable {
        /// The number of searches that were recorded.
        package var recorded = 0
        /// The number of searches that were dropped.
        package var dropped = 0
    }

    /// The folder of the log.
    package let folder: DemandFolder
    /// The secret of query ids.
    package let key: QueryIDKey
    private let options: Options
    private let clock: @Sendable () -> Int
    private let queue: DemandQueue
    private let thread: WorkerThread

    /// Opens the log of a data folder, which is created if necessary, and starts its thread. `onFailure` gets each new
    /// error of the disk, on that thread; `clock` is the time in milliseconds since 1970.
    ///
    /// Errors: those of the disk; `failed` if there is no thread.
    package init(
        _ folder: DemandFolder, _ options: Options = Options(),
        onFailure: @escaping @Sendable (StorageError) -> Void = { _ in },
        clock: @escaping @Sendable () -> Int = { LogDay.now }
    ) throws(StorageError) {
        self.folder = folder
        self.options = options
        self.clock = clock
        key = try QueryIDKey(folder)
        let today = LogDay(of: clock())
        queue = DemandQueue(DailySalt(today, folder) ?? DailySalt(today), maxSearchBytes: options.maxSearchBytes)
        thread = try DemandWriter.start(folder, options, queue, clock: clock, onFailure: onFailure)
    }

    /// Ends the thread; `close` also waits for it.
    deinit { queue.close() }

    /// The number of days that are kept.
    package var keptDays: Int { options.keptDays }
    /// The time by which is recorded, in milliseconds since 1970.
    package var now: Int { clock() }
    /// The counts so far.
    package var statistics: Statistics { queue.statistics }

    /// Records a search whose reply is sent. `client` is the network of who asked, which is not kept as it is;
    /// `milliseconds` is the time of the search, nil for a reply that was made before. Never blocks.
    ///
    /// Complexity: O(bytes of the record).
    package func record(_ answered: AnsweredSearch, of catalog: String, client: [UInt8]?, milliseconds: Double?) {
        let time = clock()
        let name = client.map { queue.name($0, LogDay(of: time)) }
        queue.add(SearchRecord.line(answered, time: time, client: name, milliseconds: milliseconds), of: catalog)
    }

    /// Appends events, and returns when they are durable.
    ///
    /// Errors: `index(.busy)` if too many wait, `index(.stopped)` after `close`, `storage` with the disk's, and with
    /// `locked` while another process logs.
    package func append(_ events: [DemandEvent], of catalog: String) async throws(CatalogError) {
        let time = clock()
        let today = LogDay(of: time)
        let lines = events.flatMap { event in
            event.line(time: time, client: event.client.map { queue.name(Array($0.utf8), today) })
        }
        try await perform(.append(lines), catalog)
    }

    /// Forgets what was recorded of a catalog. Errors: those of `append`.
    package func remove(_ catalog: String) async throws(CatalogError) { try await perform(.remove, catalog) }

    private func perform(_ action: DemandQueue.Job.Action, _ catalog: String) async throws(CatalogError) {
        let failure = await withCheckedContinuation { (continuation: CheckedContinuation<CatalogError?, Never>) in
            let job = DemandQueue.Job(catalog: catalog, action: action) { error in
                continuation.resume(returning: error.map { .storage($0) })
            }
            switch queue.submit(job, maxBytes: options.maxEventBytes) {
            case .full?: continuation.resume(returning: .index(.busy))
            case .closed?:
                continuation.resume(returning: .index(.stopped(reason: "the server is shutting down")))
            case nil: break
            }
        }
        if let failure { throw failure }
    }

    /// Returns when everything that was recorded before is in the files; it blocks the calling thread.
    package func flush() {
        let isDone = Monitor(false)
        let job = DemandQueue.Job(catalog: "", action: .flush) { _ in isDone.withLock { $0 = true } }
        if queue.submit(job) == nil { isDone.wait { $0 ? true : nil } }
    }

    /// Writes what waits, completes the files and ends the thread. Later searches are not recorded.
    package func close() {
        queue.close()
        thread.join()
    }
}
