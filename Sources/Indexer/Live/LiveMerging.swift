package import Segments

// The merges of a live index: those that the policy selects, and those that somebody asked for.

extension LiveLoop {
    /// Begins a merge of all segments to at most a number. Who asked before gets the reply with it.
    func merge(to count: Int, _ reply: @escaping LiveReply<Void>) {
        guard let writer else { return }
        publish()
        if let failure { return reply(.failure(failure.error)) }
        merging.append(reply)
        merges.want(writer.stack.segments.count, to: count)
    }

    /// Starts the merges that are due. The result of a merge that was asked for is committed before its reply.
    func startMerges(_ writer: IndexWriter) {
        let wasWanted = merges.isWanted
        merges.start(writer)
        guard wasWanted, !merges.isWanted else { return }
        for reply in merging { awaitingCommit.append(reply) }
        merging = []
        startCommit()
    }

    /// Handles the result of a merge: installs the segment, or pauses merging.
    func finishMerge(_ job: MergeJob, _ result: Result<SegmentReader?, IndexError>) {
        let wasWanted = merges.finished(job)
        guard failure == nil, let writer else {
            job.abandon()
            return releaseWriter()
        }
        switch result {
        case .success(let merged):
            merges.resume()
            state.count { $0.merges += 1 }
            writer.finishMerge(job, merged)
            views.changed(bytes: 0, at: .now)
            uncommittedSince = uncommittedSince ?? .now
        case .failure(let error):
            if wasWanted { endMerging(.failure(error)) }
            let isExcluded = writer.abandonMerge(job, error)
            if closing != nil || swapping != nil { return }
            state.count { $0.failedMerges += 1 }
            if !isExcluded { merges.pause() }
            onEvent(isExcluded ? .segmentCorrupt(error) : .mergeFailed(error))
        }
    }

    /// Gives a merge up that was asked for, and replies to those who wait for it.
    func endMerging(_ result: Result<Void, IndexError>) {
        merges.endWanted()
        for reply in merging { reply(result) }
        merging = []
    }
}

extension LiveLoop {
    /// Replies with an error to everyone who waits for something else than a view or a commit.
    func refuseOthers(_ error: IndexError) {
        endMerging(.failure(error))
        for request in awaitingCommitter { request.refuse(error) }
        awaitingCommitter = []
        swapping?(.failure(error))
        swapping = nil
    }
}

extension LiveIndex {
    /// Merges the segments that there are to at most a number, while changes go on. Blocks until that is committed.
    ///
    /// Errors: `stopped` if it was canceled, by `close` for example; `corrupt`, those of the disk.
    package func merge(to count: Int) throws(IndexError) {
        try waitForReply { reply throws(IndexError) in _ = try queue.append(.merge(to: count, reply)) }
    }
}
