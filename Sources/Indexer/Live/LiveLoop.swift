import Kernels

/// What happens on a live index's own thread: the only one that touches its writer.
///
/// It takes requests, writes batches that came together with one sync, hands out views, begins commits and merges, and
/// takes note of their ends. When the disk fails it waits for what runs in the background, lets go of the writer, and
/// opens another as soon as the disk lets it.
final class LiveLoop {
    private var writer: IndexWriter?
    let options: LiveOptions
    let queue: LiveQueue
    private let folder: IndexFolder
    private let state: LiveState
    private let onEvent: @Sendable (LiveEvent) -> Void
    private let committer: BackgroundLane
    private var merges: MergeLanes
    /// When the first change came that the view does not have.
    private var unseenSince: ContinuousClock.Instant?
    /// When the first change came that no commit has.
    private var uncommittedSince: ContinuousClock.Instant?
    /// Bytes of them.
    private var uncommittedBytes = 0
    /// Told when the next view is out.
    private var awaitingView: [LiveReply<Void>] = []
    /// Told when the next commit to begin is done, and when the one that runs is.
    private var awaitingCommit: [LiveReply<Void>] = []
    private var awaitingPersist: [LiveReply<Void>] = []
    private var isPersisting = false
    /// What ended the writer, and when to open another.
    private var failure: (error: IndexError, retry: ContinuousClock.Instant)?
    /// Requests that came while a writer that failed could not be let go of yet.
    private var deferred: [LiveRequest] = []
    private var closing: LiveReply<Void>?

    init(
        _ writer: IndexWriter, _ options: LiveOptions, _ queue: LiveQueue, _ state: LiveState,
        _ onEvent: @escaping @Sendable (LiveEvent) -> Void
    ) throws(WorkerThread.Unavailable) {
        self.writer = writer
        committer = try BackgroundLane()
        self.options = options
        self.queue = queue
        self.state = state
        self.onEvent = onEvent
        folder = writer.folder
        merges = try MergeLanes(options, queue)
        // What was brought back from the log is in no commit.
        if writer.isLive { uncommittedSince = .now }
    }

    /// Works until it is closed.
    func run() {
        while true {
            serve(queue.take(until: nextDeadline))
            if let closing, !isBusy {
                closing(end())
                break
            }
            reopenWhenDue()
            refreshWhenDue()
            commitWhenDue()
            if closing == nil, failure == nil, let writer { merges.begin(writer) }
        }
        merges.close()
        committer.close()
    }

    /// Whether something runs in the background that was begun by the writer.
    private var isBusy: Bool { isPersisting || !merges.isEmpty }

    private var nextDeadline: ContinuousClock.Instant? {
        if let failure { return isBusy ? nil : failure.retry }
        return [
            unseenSince.map { $0 + options.refreshAfter },
            isPersisting ? nil : uncommittedSince.map { $0 + options.commitAfter },
            merges.pausedUntil,
        ].compactMap(\.self).min()
    }

    // MARK: - Requests

    private func serve(_ requests: [LiveRequest]) {
        var writes: [LiveWrite] = []
        for request in requests {
            if case .write(let batch, let payload, let refresh, let reply) = request, failure == nil {
                writes.append(LiveWrite(batch: batch, payload: payload, refresh: refresh, reply: reply))
                continue
            }
            write(writes)
            writes = []
            answer(request)
        }
        write(writes)
    }

    private func answer(_ request: LiveRequest) {
        switch request {
        case .merged(let job, let result):
            finishMerge(job, result)
            return
        case .persisted(let commit, let error):
            finishCommit(commit, error)
            return
        case .close(let reply):
            closing = reply
            merges.cancel()
            return
        default: break
        }
        if let failure {
            // Changes are refused at once: what waited here would be in no queue.
            if case .write = request { return refuse(request, failure.error) }
            if isBusy { deferred.append(request) } else { refuse(request, failure.error) }
            return
        }
        switch request {
        case .refresh(let reply):
            awaitingView.append(reply)
            publish()
        case .commit(let reply):
            awaitingCommit.append(reply)
            beginCommit()
        default: break
        }
    }

    private func refuse(_ request: LiveRequest, _ error: IndexError) {
        switch request {
        case .write(_, _, _, let reply): reply(.failure(error))
        case .refresh(let reply), .commit(let reply): reply(.failure(error))
        default: break
        }
    }

    private func write(_ writes: [LiveWrite]) {
        guard !writes.isEmpty, let writer else { return }
        var done = 0
        do throws(IndexError) {
            for write in writes { try writer.log(write.batch) }
            try writer.syncLog()
            for write in writes {
                let outcomes = try writer.apply(write.batch)
                writer.payload.merge(write.payload) { $1 }
                done += 1
                uncommittedBytes += write.batch.byteCount
                if write.refresh {
                    awaitingView.append { result in write.reply(result.map { outcomes }) }
                } else {
                    write.reply(.success(outcomes))
                }
            }
        } catch {
            for write in writes[done...] { write.reply(.failure(error)) }
            fail(error)
            return
        }
        unseenSince = unseenSince ?? .now
        uncommittedSince = uncommittedSince ?? .now
        if !awaitingView.isEmpty { publish() }
    }

    // MARK: - Views

    private func refreshWhenDue() {
        if failure == nil, let unseenSince, unseenSince + options.refreshAfter <= .now { publish() }
    }

    private func publish() {
        guard let writer else { return }
        do throws(IndexError) {
            state.view = try writer.view()
            unseenSince = nil
            for reply in emptied(&awaitingView) { reply(.success(())) }
        } catch {
            fail(error)
        }
    }

    // MARK: - Commits

    private func commitWhenDue() {
        guard failure == nil, let uncommittedSince else { return }
        let isDue = uncommittedSince + options.commitAfter <= .now || uncommittedBytes >= options.commitBytes
        if isDue { beginCommit() }
    }

    private func beginCommit() {
        guard let writer, !isPersisting else { return }
        do throws(IndexError) {
            let commit = try writer.prepareCommit()
            isPersisting = true
            uncommittedSince = nil
            uncommittedBytes = 0
            awaitingPersist = emptied(&awaitingCommit)
            committer.run { [queue] in
                do throws(IndexError) {
                    try commit.persist()
                    queue.tell(.persisted(commit, nil))
                } catch {
                    queue.tell(.persisted(commit, error))
                }
            }
        } catch {
            fail(error)
        }
    }

    private func finishCommit(_ commit: PreparedCommit, _ error: IndexError?) {
        isPersisting = false
        let replies = emptied(&awaitingPersist)
        if let error {
            for reply in replies { reply(.failure(error)) }
            if failure == nil { fail(error) } else { letGo() }
            return
        }
        for reply in replies { reply(.success(())) }
        guard failure == nil, let writer else { return letGo() }
        writer.finishCommit(commit)
        if !awaitingCommit.isEmpty { beginCommit() }
    }

    // MARK: - Merges

    private func finishMerge(_ job: MergeJob, _ result: Result<SegmentReader?, IndexError>) {
        merges.ended(job)
        guard failure == nil, let writer else {
            job.abandon()
            return letGo()
        }
        switch result {
        case .success(let merged):
            writer.finishMerge(job, merged)
            unseenSince = unseenSince ?? .now
            uncommittedSince = uncommittedSince ?? .now
        case .failure(let error):
            writer.abandonMerge(job)
            if closing != nil { return }
            merges.pause()
            onEvent(.mergeFailed(error))
        }
    }

    // MARK: - The end of a writer

    /// Ends the writer; another is opened when nothing runs any more that this one began.
    private func fail(_ error: IndexError) {
        guard failure == nil else { return }
        failure = (error, .now + options.retryAfter)
        state.failure = error
        onEvent(.stopped(error))
        merges.cancel()
        for reply in emptied(&awaitingView) + emptied(&awaitingCommit) { reply(.failure(error)) }
        letGo()
    }

    private func letGo() {
        guard failure != nil, !isBusy else { return }
        // Its lock goes with it.
        writer = nil
        let waiting = deferred
        deferred = []
        reopenWhenDue()
        serve(waiting)
    }

    private func reopenWhenDue() {
        guard let failure, !isBusy, failure.retry <= .now, closing == nil else { return }
        writer = nil
        do throws(IndexError) {
            let fresh = try IndexWriter(folder, .current, memoryLimit: options.memoryLimit)
            state.view = try fresh.view()
            writer = fresh
            self.failure = nil
            state.failure = nil
            unseenSince = nil
            uncommittedSince = fresh.isLive ? .now : nil
            uncommittedBytes = 0
            onEvent(.resumed)
        } catch {
            self.failure = (error, .now + options.retryAfter)
            state.failure = error
        }
    }

    /// Commits what is left.
    private func end() -> Result<Void, IndexError> {
        defer { writer = nil }
        if let failure { return .failure(failure.error) }
        guard let writer else { return .success(()) }
        do throws(IndexError) {
            if uncommittedSince != nil || !awaitingCommit.isEmpty { try writer.commit() }
            if unseenSince != nil { state.view = try writer.view() }
        } catch {
            for reply in emptied(&awaitingCommit) { reply(.failure(error)) }
            return .failure(error)
        }
        for reply in emptied(&awaitingCommit) { reply(.success(())) }
        return .success(())
    }
}

/// A batch to write.
private struct LiveWrite {
    let batch: WriteBatch
    let payload: [String: String]
    let refresh: Bool
    let reply: LiveReply<[WriteOutcome]>
}

private func emptied<T>(_ values: inout [T]) -> [T] {
    defer { values = [] }
    return values
}
