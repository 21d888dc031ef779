import Kernels
package import Segments

/// The standby generation of a live index: filled, and then kept up with the log, by a thread of its own.
///
/// Any thread may submit documents and read its progress. After an error the thread has ended, and every call fails
/// with that error; what was committed is found by the next one.
package final class StandbyIndex: Sendable {
    /// A request to the thread.
    private enum Request: Sendable {
        case rows(IndexReader, Tombstones)
        case write(WriteBatch, LiveReply<[WriteOutcome]>)
        case finish(LiveReply<Void>)
        case view(LiveReply<IndexReader>)
    }

    private struct Requests: Sendable {
        var waiting: [Request] = []
        var isEnding = false
    }

    /// The schema of its documents.
    package let schema: Schema
    /// The members that its documents are made of.
    package let members: Members
    private let requests = Monitor(Requests())
    private let state: Monitor<StandbyProgress>
    private let thread: Monitor<WorkerThread?>
    private let resources: WriteResources
    private let limiter: RateLimiter
    /// True if documents that were written to it may be lost.
    private let isInterrupted: Bool
    /// Used by the thread alone until it has ended, then by whoever ended it; nil when that is done.
    private nonisolated(unsafe) var writer: StandbyWriter?
    /// Returns the number of the last durable change of the current generation.
    private let durable: @Sendable () -> Int

    /// The times between two looks at the log, and between two commits.
    private static let followEvery = Duration.seconds(1)
    private static let commitEvery = Duration.seconds(30)
    /// The number of rows after which the progress is updated and requests to end are seen.
    private static let rowsPerStep = 1_000

    /// Starts the thread of a standby generation.
    ///
    /// Errors: `storage` when the thread cannot be started.
    init(
        _ standby: sending StandbyWriter, _ resources: WriteResources, mergeBytesPerSecond: Int?, isReopened: Bool,
        durable: @escaping @Sendable () -> Int
    ) throws(IndexError) {
        schema = standby.writer.schema
        members = standby.writer.members
        self.resources = resources
        limiter = RateLimiter(bytesPerSecond: mergeBytesPerSecond)
        isInterrupted = isReopened && standby.pendingSource == .documents
        state = Monitor(Self.progress(standby, isInterrupted: isInterrupted))
        thread = Monitor(nil)
        self.durable = durable
        let path = standby.writer.folder.path
        writer = standby
        do throws(WorkerThread.Unavailable) {
            let started = try WorkerThread.waiting(niceness: 12) { [self] in run() }
            thread.withLock { $0 = started }
        } catch {
            throw .storage(.failed(operation: "start a thread to rebuild", path: path, code: error.code))
        }
    }

    /// The state of the generation now.
    package var progress: StandbyProgress { state.withLock { $0 } }

    /// Fills the generation with the documents of a view of the current one and the tombstones of that time, and then
    /// follows the log.
    func fill(from view: IndexReader, _ tombstones: Tombstones) {
        requests.withLock { $0.waiting.append(.rows(view, tombstones)) }
    }

    /// Submits documents of a source and returns at once. `then` receives their outcomes; they are durable after
    /// `finish`. Whoever submits many waits for the outcomes of each.
    ///
    /// Errors: `document` when the batch was made for another schema, `stopped`. Other errors go to `then`: `document`
    /// when the index is full, those of the disk.
    package func submit(_ batch: WriteBatch, then: @escaping LiveReply<[WriteOutcome]>) throws(IndexError) {
        try batch.checkFits(members)
        try refuseInterrupted()
        try append(.write(batch, then))
    }

    /// Records that all documents of the source were written, and blocks until that is durable: from then on the
    /// generation follows the log. Errors: `stopped`, those of the disk.
    package func finish() throws(IndexError) {
        try refuseInterrupted()
        try waitForReply { .finish($0) }
    }

    /// Refuses to go on with a source of which documents may be lost. Errors: `request`.
    private func refuseInterrupted() throws(IndexError) {
        if isInterrupted {
            throw .request(problem: "the rebuild was interrupted, and documents may be lost: begin it again")
        }
    }

    /// Returns a view of the generation that has all changes which were durable before the call. Blocks until then.
    ///
    /// Errors: `stopped`, those of the disk.
    package func view() throws(IndexError) -> IndexReader { try waitForReply { .view($0) } }

    /// Ends the thread and returns the writer, which only the caller uses from now on.
    ///
    /// Errors: that which ended the thread before.
    func handOver() throws(IndexError) -> StandbyWriter {
        endThread()
        defer { writer = nil }
        guard let writer else { throw progress.failure ?? .stopped(reason: "the rebuild has ended") }
        if let failure = progress.failure { throw failure }
        return writer
    }

    /// Ends the thread and releases the lock; what is not committed is found in the log, or in the rows, again.
    func end() {
        endThread()
        writer = nil
    }

    private func endThread() {
        requests.withLock { $0.isEnding = true }
        resources.cancel(limiter)
        thread.withLock { $0.take() }?.join()
    }

    private func append(_ request: Request) throws(IndexError) {
        let isAccepted = requests.withLock { requests in
            if !requests.isEnding { requests.waiting.append(request) }
            return !requests.isEnding
        }
        if !isAccepted { throw progress.failure ?? .stopped(reason: "the rebuild has ended") }
    }

    /// Submits a request and blocks until its reply.
    private func waitForReply<T: Sendable>(_ request: (@escaping LiveReply<T>) -> Request) throws(IndexError) -> T {
        let reply = Monitor<Result<T, IndexError>?>(nil)
        try append(request { result in reply.withLock { $0 = result } })
        guard let result = reply.wait(for: { $0 }) else { preconditionFailure("every request is answered") }
        return try result.get()
    }

    // MARK: - The thread

    /// Serves requests, follows the log and commits until it is told to end, or an error occurs.
    private func run() {
        guard let standby = writer else { return }
        do throws(IndexError) {
            var committed = (operations: standby.writer.operations, time: ContinuousClock.now)
            var isChanged = false
            while let request = next() {
                if let request {
                    try serve(request, standby)
                    isChanged = true
                }
                if standby.isFilled { try standby.follow(to: durable(), unless: isEnding) }
                isChanged = isChanged || standby.writer.operations != committed.operations
                if isChanged, committed.time + Self.commitEvery <= .now {
                    try commit(standby)
                    committed = (standby.writer.operations, .now)
                    isChanged = false
                }
                update(standby)
            }
        } catch {
            // Whoever ends the thread cancels merges and walks.
            var isCancelled = false
            if case .stopped = error { isCancelled = requests.withLock { $0.isEnding } }
            if !isCancelled { state.withLock { $0.failure = error } }
        }
        refuseWaiting()
    }

    /// Waits for the next request, at most until it is time to look at the log: the inner value is nil then. Returns
    /// nil when the thread is to end.
    private func next() -> Request?? {
        let next = requests.wait(until: .now + Self.followEvery) { requests -> Request?? in
            if requests.isEnding { return .some(nil) }
            return requests.waiting.isEmpty ? nil : .some(requests.waiting.removeFirst())
        }
        guard let next else { return .some(nil) }
        return next.map { .some($0) }
    }

    private func serve(_ request: Request, _ standby: StandbyWriter) throws(IndexError) {
        switch request {
        case .rows(let view, let tombstones): try fill(standby, with: view, tombstones)
        case .write(let batch, let reply):
            do throws(IndexError) {
                reply(.success(try standby.apply(batch)))
            } catch {
                reply(.failure(error))
                if case .document = error { return }
                throw error
            }
        case .finish(let reply):
            try answer(reply) { () throws(IndexError) in
                standby.finish()
                try standby.follow(to: durable(), unless: isEnding)
                try commit(standby)
                update(standby)
            }
        case .view(let reply):
            try answer(reply) { () throws(IndexError) in
                if standby.isFilled { try standby.follow(to: durable(), unless: isEnding) }
                update(standby)
                return try standby.writer.view()
            }
        }
    }

    /// Replies with the result of `body`, whose error ends the thread.
    private func answer<T>(_ reply: LiveReply<T>, _ body: () throws(IndexError) -> T) throws(IndexError) {
        do throws(IndexError) {
            reply(.success(try body()))
        } catch {
            reply(.failure(error))
            throw error
        }
    }

    /// Follows the log up to a view, adds the rows of the view that are missing, and commits.
    private func fill(
        _ standby: StandbyWriter, with view: IndexReader, _ tombstones: Tombstones
    ) throws(IndexError) {
        try standby.follow(to: view.manifest.operations, unless: isEnding)
        var committed = ContinuousClock.now
        state.withLock { $0.rows = (0, view.liveDocuments) }
        try standby.add(rowsOf: view, tombstones) { count throws(IndexError) in
            guard count % Self.rowsPerStep == 0 else { return }
            update(standby)
            state.withLock { $0.rows = (count, view.liveDocuments) }
            if requests.withLock({ $0.isEnding }) { throw .stopped(reason: "the rebuild was ended") }
            if committed + Self.commitEvery <= .now {
                try commit(standby)
                committed = .now
            }
        }
        standby.finish()
        try commit(standby)
        state.withLock { $0.rows = (view.liveDocuments, view.liveDocuments) }
    }

    /// The number of segments up to which merges are left out while others run.
    private static let unmergedSegments = 64

    /// Commits, after the merges that are worth it. While other merges run there are none, unless there are many
    /// segments: the thread would wait for them, and not follow the log.
    private func commit(_ standby: StandbyWriter) throws(IndexError) {
        guard resources.isIdle || standby.writer.stack.count > Self.unmergedSegments else {
            return try standby.commit()
        }
        try standby.commit { [resources, limiter] job throws(IndexError) in try resources.runAndWait(job, limiter) }
    }

    private func isEnding() -> Bool { requests.withLock { $0.isEnding } }

    private func update(_ standby: StandbyWriter) {
        let progress = Self.progress(standby, isInterrupted: isInterrupted)
        state.withLock { state in
            let rows = state.rows
            state = progress
            state.rows = rows
        }
    }

    private static func progress(_ standby: StandbyWriter, isInterrupted: Bool) -> StandbyProgress {
        StandbyProgress(
            generation: standby.writer.generation, isFilled: standby.isFilled, pending: standby.pendingSource,
            isInterrupted: isInterrupted, documents: standby.writer.documents,
            followed: standby.writer.operations, refused: standby.refused, refusal: standby.refusal)
    }

    /// Ends all requests that wait, and those that come later.
    private func refuseWaiting() {
        let waiting = requests.withLock { requests in
            requests.isEnding = true
            defer { requests.waiting = [] }
            return requests.waiting
        }
        let error = progress.failure ?? .stopped(reason: "the rebuild has ended")
        for request in waiting {
            switch request {
            case .rows: break
            case .write(_, let reply): reply(.failure(error))
            case .finish(let reply): reply(.failure(error))
            case .view(let reply): reply(.failure(error))
            }
        }
    }
}
