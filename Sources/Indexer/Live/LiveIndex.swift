import Kernels
public import Segments

/// An index under continuous change: any number of threads write and search it at once.
///
/// A change is acknowledged when it is durable, visible to searches within `LiveOptions.refreshAfter`, and committed
/// within `LiveOptions.commitAfter`; segments are merged in the background. One thread writes: changes that are batched
/// while it is busy share one sync. Searches use `view` and never block. After an error of the disk searches go on,
/// changes are refused until the disk accepts them again, and nothing that was acknowledged is lost. If the index was
/// built again with another schema meanwhile, changes are refused as `rebuilt` for good: close it, and open it again.
/// ```swift
/// let live = try LiveIndex(IndexFolder("data/books")) { event in log.notice("\(event)") }
/// var batch = WriteBatch()
/// try batch.delete(key: "b1")
/// let outcomes = try live.write(batch, refresh: true)  // durable, and visible to `live.view`
/// let results = try live.view.search(Search(.all))
/// try live.close()
/// ```
public final class LiveIndex: Sendable {
    /// The folder of the index.
    public let folder: IndexFolder
    /// The schema of the documents.
    public let schema: Schema
    /// The numbered members that documents are made of.
    public let members: Members
    let queue: LiveQueue
    let state: LiveState
    private let thread: Monitor<WorkerThread?>
    /// The niceness of the thread that writes, and of those that it starts: searches go before changes, which have time
    /// until `refreshAfter`.
    private static let niceness: Int32 = 5

    /// Opens an index, recovers the acknowledged changes from its logs, and starts its threads.
    ///
    /// `onEvent` is called on the index's own threads and must not block. Errors: as of
    /// `IndexWriter.init(_:_:memoryLimit:threads:)`, and `storage` when a thread cannot be started.
    public init(
        _ folder: IndexFolder, _ options: LiveOptions = LiveOptions(),
        onEvent: @escaping @Sendable (LiveEvent) -> Void = { _ in }
    ) throws(IndexError) {
        let writer = try IndexWriter(folder, .current, options.resources.documents)
        self.folder = folder
        schema = writer.schema
        members = writer.members
        let queue = LiveQueue(options.resources.changes)
        let state = LiveState(try writer.view())
        self.queue = queue
        self.state = state
        do throws(WorkerThread.Unavailable) {
            nonisolated(unsafe) let loop = LiveLoop(writer, options, queue, state, onEvent)
            thread = Monitor(try WorkerThread.waiting(niceness: Self.niceness) { loop.run() })
        } catch {
            state.standby?.end()
            throw .storage(.failed(operation: "start a thread to write", path: folder.path, code: error.code))
        }
    }

    // The threads end on their own, later: only `close` waits for them.
    deinit { _ = try? queue.append(.close { _ in }) }

    /// The current view: immutable; reading it never blocks.
    public var view: IndexReader { state.view }

    /// The work that the index has done since it was opened.
    public var counts: LiveCounts { state.counts }

    /// The error that keeps changes from being written; nil when there is none.
    public var failure: IndexError? { state.failure }

    /// Submits a batch and returns at once. `then` receives the outcomes of its changes once they are durable, with
    /// `refresh` once they are visible. `payload` is committed together with the changes.
    ///
    /// Errors: `document` when the batch was made for another schema, `busy` when too much is waiting, `stopped` after
    /// `close`. Other errors go to `then`: `document` when the index is full, `busy` when too many segments wait to be
    /// merged; with `rebuilt` and errors of the disk the changes may have taken effect or not.
    public func submit(
        _ batch: WriteBatch, payload: [String: String] = [:], refresh: Bool = false,
        then: @escaping LiveReply<[WriteOutcome]>
    ) throws(IndexError) {
        try batch.checkFits(members)
        let isAccepted = try queue.append(.write(batch, payload: payload, refresh: refresh, then))
        if !isAccepted { throw .busy }
    }

    /// Writes a batch and blocks until it is durable, with `refresh` until it is visible.
    ///
    /// Errors: `document` when the batch was made for another schema or the index is full, `busy` when too many
    /// segments wait to be merged, `stopped` after `close`, `rebuilt`, those of the disk: the changes may have taken
    /// effect then or not.
    public func write(
        _ batch: WriteBatch, payload: [String: String] = [:], refresh: Bool = false
    ) throws(IndexError) -> [WriteOutcome] {
        try batch.checkFits(members)
        return try waitForReply { reply throws(IndexError) in
            try queue.appendWhenThereIsRoom(.write(batch, payload: payload, refresh: refresh, reply))
        }
    }

    /// Blocks until all changes so far are visible to `view`. Errors: `stopped`, and those of the disk.
    public func refresh() throws(IndexError) {
        try waitForReply { reply throws(IndexError) in _ = try queue.append(.refresh(reply)) }
    }

    /// Blocks until all changes so far are committed, where other processes see them. Errors: `stopped`, and those of
    /// the disk.
    public func commit() throws(IndexError) {
        try waitForReply { reply throws(IndexError) in _ = try queue.append(.commit(reply)) }
    }

    /// Completes the submitted requests, commits, and ends the threads. Merges are canceled. Nothing can be written any
    /// more; `view` remains usable. Further calls do nothing.
    ///
    /// Errors: those of the disk; what was acknowledged is in the log then.
    public func close() throws(IndexError) {
        guard let thread = thread.withLock({ $0.take() }) else { return }
        defer { thread.join() }
        try waitForReply { reply throws(IndexError) in _ = try queue.append(.close(reply)) }
    }

    /// Submits a request and blocks until its reply.
    func waitForReply<T: Sendable>(
        _ begin: (@escaping LiveReply<T>) throws(IndexError) -> Void
    ) throws(IndexError) -> T {
        let reply = Monitor<Result<T, IndexError>?>(nil)
        try begin { result in reply.withLock { $0 = result } }
        guard let result = reply.wait(for: { $0 }) else { preconditionFailure("every request is answered") }
        return try result.get()
    }
}
