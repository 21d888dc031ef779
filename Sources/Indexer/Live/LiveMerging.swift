package import Segments

// Merges that somebody asked for, beside those that the policy selects.

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
