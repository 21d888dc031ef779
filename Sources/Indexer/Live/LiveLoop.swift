import Kernels
import Segments

/// The loop of a live index's own thread: the only one that touches its writer.
///
/// It receives requests, writes the batches that arrived together with one sync, publishes views, starts commits and
/// merges in the background, and records their results. When the disk fails it waits for the background jobs, releases
/// the writer, and opens another as soon as the disk permits, unless the index has another schema by then. Every
/// request gets exactly one reply.
final class LiveLoop {
    /// The writer; nil after a failure, until another can be opened.
    var writer: IndexWriter?
    let options: LiveOptions
    let queue: LiveQueue
    let folder: IndexFolder
    /// The schema that callers make their changes for.
    let schema: Schema
    let state: LiveState
    let onEvent: @Sendable (LiveEvent) -> Void
    /// The worker that persists commits.
    private let committer: BackgroundJobs
    var merges: MergeScheduler
    /// The times at which views are published.
    var views: ViewSchedule
    /// The time of the first change that no commit contains.
    var uncommittedSince: ContinuousClock.Instant?
    /// The number of bytes of these changes.
    var uncommittedBytes = 0
    /// The replies to send when the next view is published.
    var awaitingView: [LiveReply<Void>] = []
    /// The replies to send when the next commit to start is durable.
    var awaitingCommit: [LiveReply<Void>] = []
    /// The replies to send when the running commit is durable.
    private var awaitingPersist: [LiveReply<Void>] = []
    /// True while a commit is being persisted.
    var isPersisting = false
    /// The error that ended the writer, and when to open another; never if the time is nil.
    var failure: (error: IndexError, retry: ContinuousClock.Instant?)?
    /// The delays before another writer is opened; a commit that succeeds resets them.
    private var backoff: Backoff
    /// The requests that arrived while a failed writer could not be released yet.
    private var deferred: [LiveRequest] = []
    /// The reply to `close`, once it was requested.
    var closing: LiveReply<Void>?
    /// The replies to those who asked for a merge that is not done.
    var merging: [LiveReply<Void>] = []
    /// The requests about the standby generation that wait until no commit is being persisted, which removes files.
    var awaitingCommitter: [LiveRequest] = []
    /// The reply to a swap that waits until no background job is running.
    var swapping: LiveReply<Void>?
    /// The time from which the standby generation is opened, if there is one; nil once that was done.
    var standbyRetry: ContinuousClock.Instant? = .now

    /// Creates the loop, which runs on the thread that calls `run`.
    init(
        _ writer: IndexWriter, _ options: LiveOptions, _ queue: LiveQueue, _ state: LiveState,
        _ onEvent: @escaping @Sendable (LiveEvent) -> Void
    ) {
        self.writer = writer
        committer = BackgroundJobs()
        self.options = options
        views = ViewSchedule(options)
        backoff = Backoff(from: options.retryAfter, to: options.maxRetryAfter)
        self.queue = queue
        self.state = state
        self.onEvent = onEvent
        folder = writer.folder
        schema = writer.schema
        merges = MergeScheduler(options, queue)
        // No commit contains what was recovered from the log.
        if writer.isLive { uncommittedSince = .now }
        state.operations = writer.operations
        openStandbyWhenDue()
    }

    /// Serves requests until the index is closed.
    func run() {
        while true {
            openStandbyWhenDue()
            serve(queue.take(until: nextDeadline))
            if let closing, !isBusy {
                closing(end())
                break
            }
            if swapping != nil, !isBusy { swap() }
            if !isPersisting { serveStandbyRequests() }
            reopenWhenDue()
            refreshWhenDue()
            if swapping != nil { continue }
            commitWhenDue()
            if closing == nil, failure == nil, let writer { startMerges(writer) }
        }
        committer.close()
    }

    /// True while a background job that the writer started is running.
    var isBusy: Bool { isPersisting || !merges.isEmpty }

    /// The time of the next view, commit, merge or reopening that is due without a request; nil when none is.
    private var nextDeadline: ContinuousClock.Instant? {
        if let failure { return isBusy ? nil : failure.retry }
        let isWaiting = isPersisting || swapping != nil
        return [
            views.deadline, isWaiting ? nil : uncommittedSince.map { $0 + options.commitAfter }, merges.pausedUntil,
            standbyRetry,
        ].compactMap(\.self).min()
    }

    // MARK: - Requests

    /// Handles requests in order; adjacent writes are batched.
    private func serve(_ requests: [LiveRequest]) {
        var writes: [LiveWrite] = []
        for request in requests {
            if case .write(let batch, let payload, let refresh, let reply) = request, failure == nil {
                writes.append(LiveWrite(batch: batch, payload: payload, refresh: refresh, reply: reply))
                continue
            }
            write(writes)
            writes = []
            handle(request)
        }
        write(writes)
    }

    /// Handles a request that is not a write, or a write after a failure.
    private func handle(_ request: LiveRequest) {
        switch request {
        case .merged(let job, let result):
            finishMerge(job, result)
            return
        case .persisted(let commit, let result):
            finishCommit(commit, result)
            return
        case .close(let reply):
            closing = reply
            merges.cancel()
            return
        default: break
        }
        if let failure {
            // Changes are refused at once: deferred ones would not count against the queue's limit.
            if case .write = request { return request.refuse(failure.error) }
            if isBusy { deferred.append(request) } else { request.refuse(failure.error) }
            return
        }
        switch request {
        case .refresh(let reply):
            awaitingView.append(reply)
            publish()
        case .commit(let reply):
            awaitingCommit.append(reply)
            startCommit()
        case .merge(let count, let reply): merge(to: count, reply)
        case .rebuild, .dropStandby: awaitingCommitter.append(request)
        case .swap(let reply): prepareSwap(reply)
        default: break
        }
    }

    // MARK: - Views

    /// Publishes a view when one is due, after the replies to the changes it shows.
    private func refreshWhenDue() {
        guard failure == nil, views.unseenSince != nil else { return }
        if views.isDue(at: .now, whileOthersWait: !queue.isEmpty) { publish() }
    }

    /// Publishes a view of all changes so far.
    func publish() {
        guard let writer else { return }
        do throws(IndexError) {
            let begin = ContinuousClock.now
            state.view = try writer.view()
            if let since = views.unseenSince, views.unseenBytes > 0 {
                state.count { $0.freshness.record(.now - since) }
            }
            views.published(from: begin, to: .now)
            for reply in drain(&awaitingView) { reply(.success(())) }
        } catch {
            fail(error)
        }
    }

    // MARK: - Commits

    /// Starts a commit when changes have been uncommitted for long enough, or are too many.
    private func commitWhenDue() {
        guard failure == nil, let uncommittedSince else { return }
        let isDue = uncommittedSince + options.commitAfter <= .now || uncommittedBytes >= options.commitBytes
        if isDue { startCommit() }
    }

    /// Prepares a commit and persists it in the background, unless one is running already.
    func startCommit() {
        guard let writer, !isPersisting else { return }
        do throws(IndexError) {
            let commit = try writer.prepareCommit()
            state.operations = writer.operations
            isPersisting = true
            uncommittedSince = nil
            uncommittedBytes = 0
            state.count { $0.uncommittedBytes = 0 }
            awaitingPersist = drain(&awaitingCommit)
            committer.run { [queue] in
                do throws(IndexError) {
                    let manifest = try commit.persist()
                    commit.removeGarbage()
                    queue.post(.persisted(commit, .success(manifest)))
                } catch {
                    queue.post(.persisted(commit, .failure(error)))
                }
            }
        } catch {
            fail(error)
        }
    }

    /// Handles the result of a commit that was persisted in the background.
    ///
    /// A commit that failed ends the writer: nobody knows whether it is on disk.
    private func finishCommit(_ commit: PreparedCommit, _ result: Result<Manifest, IndexError>) {
        isPersisting = false
        for reply in drain(&awaitingPersist) { reply(result.map { _ in }) }
        switch result {
        case .failure(let error):
            if failure == nil { fail(error) } else { releaseWriter() }
        case .success(let manifest):
            guard failure == nil, let writer else { return releaseWriter() }
            backoff.reset()
            state.count { $0.commits += 1 }
            writer.finishCommit(commit, manifest)
            if !awaitingCommit.isEmpty { startCommit() }
        }
    }

    // MARK: - Failures

    /// Ends the writer; another is opened when no job that this one started is running any more.
    func fail(_ error: IndexError) {
        guard failure == nil else { return }
        failure = (error, .now + backoff.next(isLasting: error.isLasting))
        state.failure = error
        onEvent(.stopped(error))
        merges.cancel()
        refuseWaiting(error)
        // It has the lock, too.
        endStandby()
        releaseWriter()
    }

    /// Replies with an error to everyone who waits.
    func refuseWaiting(_ error: IndexError) {
        for reply in drain(&awaitingView) + drain(&awaitingCommit) { reply(.failure(error)) }
        refuseOthers(error)
    }

    /// Releases a failed writer as soon as its background jobs have ended, and serves the deferred requests.
    func releaseWriter() {
        guard failure != nil, !isBusy else { return }
        // This releases its lock as well.
        writer = nil
        let pending = deferred
        deferred = []
        reopenWhenDue()
        serve(pending)
    }

    /// Opens another writer after a failure, when it is time to try again.
    ///
    /// The folder was not locked meanwhile, so the index may have been built again. With another schema it is not the
    /// one that callers and searches know: it is refused for good, and its lock is released.
    private func reopenWhenDue() {
        guard let retry = failure?.retry, !isBusy, retry <= .now, closing == nil else { return }
        writer = nil
        do throws(IndexError) {
            let fresh = try IndexWriter(folder, .current, options.resources.documents)
            if fresh.schema != schema { throw .rebuilt(path: folder.path) }
            try use(fresh)
            failure = nil
            state.failure = nil
            onEvent(.resumed)
        } catch {
            if error != failure?.error { onEvent(.stopped(error)) }
            let isForGood = error == .rebuilt(path: folder.path)
            failure = (error, isForGood ? nil : .now + backoff.next(isLasting: error.isLasting))
            state.failure = error
        }
    }

    /// Makes a writer the one of the loop, and publishes its view. Errors: those of the view.
    func use(_ fresh: IndexWriter) throws(IndexError) {
        let begin = ContinuousClock.now
        state.view = try fresh.view()
        views.published(from: begin, to: .now)
        writer = fresh
        state.operations = fresh.operations
        uncommittedSince = fresh.isLive ? .now : nil
        uncommittedBytes = 0
    }

    /// Commits what is uncommitted, publishes the last view, and releases the writer.
    ///
    /// Called once, when no background job is running; returns the reply to `close`.
    private func end() -> Result<Void, IndexError> {
        defer { writer = nil }
        endStandby()
        refuseOthers(.stopped(reason: "the index was closed"))
        if let failure { return .failure(failure.error) }
        guard let writer else { return .success(()) }
        do throws(IndexError) {
            if uncommittedSince != nil || !awaitingCommit.isEmpty { try writer.commit() }
            if views.unseenSince != nil { state.view = try writer.view() }
        } catch {
            for reply in drain(&awaitingCommit) { reply(.failure(error)) }
            return .failure(error)
        }
        for reply in drain(&awaitingCommit) { reply(.success(())) }
        return .success(())
    }
}

/// Removes and returns all elements.
private func drain<T>(_ values: inout [T]) -> [T] {
    defer { values = [] }
    return values
}
