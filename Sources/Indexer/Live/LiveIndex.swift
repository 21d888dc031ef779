import Kernels

/// An index that takes changes all day: any number of threads write and search at once.
///
/// Changes are acknowledged when they are durable, seen within `LiveOptions.refreshAfter`, and committed now and then;
/// segments are merged in the background. One thread writes: changes that wait for it together share one sync. Searches
/// use `view` and wait for nobody. After an error of the disk searches go on, writing is refused until the disk lets
/// it, and nothing that was acknowledged is lost.
public final class LiveIndex: Sendable {
    /// Where the index is.
    public let folder: IndexFolder
    /// The schema of the documents.
    public let schema: Schema
    /// The numbered members that documents are made of.
    public let members: Members
    private let queue: LiveQueue
    private let state: LiveState
    private let thread: Monitor<WorkerThread?>

    /// Opens an index, brings back what was acknowledged, and begins to write.
    ///
    /// Errors: as of `IndexWriter`, and `storage` when there is no thread to be had. `onEvent` is called on the index's
    /// own threads.
    public init(
        _ folder: IndexFolder, _ options: LiveOptions = LiveOptions(),
        onEvent: @escaping @Sendable (LiveEvent) -> Void = { _ in }
    ) throws(IndexError) {
        let writer = try IndexWriter(folder, .current, memoryLimit: options.memoryLimit)
        self.folder = folder
        schema = writer.schema
        members = writer.members
        let queue = LiveQueue(most: options.queueBytes)
        let state = LiveState(try writer.view())
        self.queue = queue
        self.state = state
        do throws(WorkerThread.Unavailable) {
            nonisolated(unsafe) let loop = try LiveLoop(writer, options, queue, state, onEvent)
            thread = Monitor(try WorkerThread.waiting { loop.run() })
        } catch {
            throw .storage(.failed(operation: "begin a thread to write", path: folder.path, code: error.code))
        }
    }

    // Ends by itself, but later: `close` tells when.
    deinit { _ = try? queue.append(.close { _ in }) }

    /// The index as it is seen now: immutable, and never waited for.
    public var view: IndexReader { state.view }

    /// What keeps changes from being written; nil when nothing does.
    public var failure: IndexError? { state.failure }

    /// Has a batch written; `then` is told what became of its changes once they are durable, and with `refresh` once
    /// they are seen. `payload` goes with the next commit, which holds these changes.
    ///
    /// Errors: `document` when a change does not fit the schema, `busy` when too much is waiting, `stopped` after
    /// `close`. `then` is told errors of the disk: the changes
    /// may be done then or not.
    public func submit(
        _ batch: WriteBatch, payload: [String: String] = [:], refresh: Bool = false,
        then: @escaping LiveReply<[WriteOutcome]>
    ) throws(IndexError) {
        try batch.check(members)
        let isTaken = try queue.append(.write(batch, payload: payload, refresh: refresh, then))
        if !isTaken { throw .busy }
    }

    /// Writes a batch and waits until it is durable, with `refresh` until it is seen.
    ///
    /// Errors: `document` when a change does not fit the schema; those of the disk: the changes may be done then or
    /// not.
    public func write(
        _ batch: WriteBatch, payload: [String: String] = [:], refresh: Bool = false
    ) throws(IndexError) -> [WriteOutcome] {
        try batch.check(members)
        return try waiting { reply throws(IndexError) in
            try queue.appendWhenThereIsRoom(.write(batch, payload: payload, refresh: refresh, reply))
        }
    }

    /// Waits until all changes so far are seen.
    public func refresh() throws(IndexError) {
        try waiting { reply throws(IndexError) in _ = try queue.append(.refresh(reply)) }
    }

    /// Waits until all changes so far are in a commit, where other processes find them.
    public func commit() throws(IndexError) {
        try waiting { reply throws(IndexError) in _ = try queue.append(.commit(reply)) }
    }

    /// Does what was submitted, commits, and ends. Merges are given up. Nothing can be written any more; `view` stays.
    ///
    /// Errors: those of the disk; what was acknowledged is in the log then.
    public func close() throws(IndexError) {
        guard let thread = thread.withLock({ $0.take() }) else { return }
        defer { thread.join() }
        try waiting { reply throws(IndexError) in _ = try queue.append(.close(reply)) }
    }

    private func waiting<T: Sendable>(
        _ begin: (@escaping LiveReply<T>) throws(IndexError) -> Void
    ) throws(IndexError) -> T {
        let answer = Monitor<Result<T, IndexError>?>(nil)
        try begin { result in answer.withLock { $0 = result } }
        guard let result = answer.wait(for: { $0 }) else { preconditionFailure("every request is answered") }
        return try result.get()
    }
}
