import Kernels
package import Segments

// The standby generation of a live index: its thread shares the writer's lock, and ends before that is released.

extension LiveLoop {
    /// Starts the thread of the standby generation that the folder has; again a while after an error ended it. One that
    /// is filled from rows goes on with that, one that is filled from a source waits for it.
    func openStandbyWhenDue() {
        guard failure == nil, let writer else { return }
        if standbyRetry == nil, let error = state.standby?.progress.failure { retryStandbyLater(error) }
        guard let retry = standbyRetry, retry <= .now else { return }
        standbyRetry = nil
        do throws(IndexError) {
            guard let generation = try folder.generationsInUse()?.standby else { return }
            try startStandby(generation, writer, isReopened: true)
        } catch {
            retryStandbyLater(error)
        }
    }

    /// Reports an error that keeps the standby generation from being written, and opens it later.
    private func retryStandbyLater(_ error: IndexError) {
        // What the schema refuses, it goes on refusing.
        if case .document = error { return }
        standbyRetry = .now + options.maxRetryAfter
        onEvent(.standbyFailed(error))
    }

    /// Opens a standby generation and starts its thread, with the rows to fill it from if it needs them.
    private func startStandby(
        _ generation: Int, _ writer: IndexWriter, isReopened: Bool = false
    ) throws(IndexError) {
        state.standby?.end()
        state.standby = nil
        nonisolated(unsafe) let opened = try StandbyWriter(
            of: writer, generation: generation, mergePolicy: options.mergePolicy)
        let needsRows = opened.pendingSource == .rows
        let standby = try StandbyIndex(
            opened, options.resources, mergeBytesPerSecond: options.mergeBytesPerSecond, isReopened: isReopened
        ) { [state] in state.operations }
        state.standby = standby
        standbyRetry = nil
        guard needsRows else { return }
        publish()
        standby.fill(from: state.view, writer.tombstones)
    }

    /// Ends the thread of the standby generation, if it has one.
    func endStandby() {
        state.standby?.end()
        state.standby = nil
        standbyRetry = .now
    }

    /// Serves the requests about the standby generation that have waited.
    func serveStandbyRequests() {
        let requests = awaitingCommitter
        awaitingCommitter = []
        for request in requests {
            if swapping != nil {
                request.refuse(.request(problem: "the generations are being swapped; try again in a moment"))
            } else if case .rebuild(let rebuild, let reply) = request {
                begin(rebuild, reply)
            } else if case .dropStandby(let reply) = request {
                dropStandby(reply)
            }
        }
    }

    /// Begins a rebuild, or goes on with an interrupted one of the same plan. Any other standby generation is removed.
    private func begin(_ rebuild: Rebuild, _ reply: LiveReply<StandbyIndex>) {
        guard let writer else { return }
        do throws(IndexError) {
            if rebuild.source == .rows {
                try StandbyWriter.checkRows(of: writer.members, for: Members(rebuild.schema))
            }
            endStandby()
            try startStandby(try StandbyWriter.generation(for: rebuild, of: writer), writer)
            guard let standby = state.standby else { throw failure?.error ?? .stopped(reason: "the disk failed") }
            reply(.success(standby))
        } catch {
            reply(.failure(error))
        }
    }

    /// Removes the standby generation.
    private func dropStandby(_ reply: LiveReply<Void>) {
        guard let writer else { return }
        do throws(IndexError) {
            guard let generation = try folder.generationsInUse()?.standby else {
                throw .request(problem: "the index has no other generation")
            }
            endStandby()
            try folder.use(GenerationsInUse(current: writer.generation))
            try folder.removeGeneration(generation)
            reply(.success(()))
        } catch {
            reply(.failure(error))
        }
    }

    // MARK: - The swap

    /// Lets the background jobs end, after which `swap` follows. Changes are written meanwhile.
    func prepareSwap(_ reply: @escaping LiveReply<Void>) {
        guard let progress = state.standby?.progress, progress.isFilled, progress.failure == nil, swapping == nil else {
            let problem =
                switch state.standby?.progress {
                case nil: "the index has no other generation; rebuild it first"
                case let progress? where progress.failure != nil: "the other generation cannot be written at the moment"
                case let progress? where !progress.isFilled: "the other generation is not complete yet"
                default: "the generations are being swapped already"
                }
            return reply(.failure(.request(problem: problem)))
        }
        swapping = reply
        endMerging(.failure(.stopped(reason: "the generations are being swapped")))
        merges.cancel()
    }

    /// Swaps the two generations while no job is running: changes that arrive meanwhile wait in the queue.
    func swap() {
        guard let reply = swapping else { return }
        swapping = nil
        let schema = swapped()
        if case .success(let new) = schema, new != self.schema { endForGood() }
        openStandbyWhenDue()
        reply(schema.map { _ in })
    }

    /// Swaps the generations, and returns the schema of the one that is searched now.
    private func swapped() -> Result<Schema, IndexError> {
        guard let writer, let standby = state.standby else {
            return .failure(.stopped(reason: "the other generation cannot be written at the moment"))
        }
        let other: StandbyWriter
        do throws(IndexError) {
            other = try standby.handOver()
            state.standby = nil
            standbyRetry = .now
            guard other.isFilled else { throw .request(problem: "the other generation is not complete yet") }
            try other.follow(to: writer.operations)
        } catch {
            endStandby()
            return .failure(error)
        }
        do throws(IndexError) {
            try other.replace(writer)
            if other.writer.schema == schema { try use(other.writer) }
            return .success(other.writer.schema)
        } catch {
            fail(error)
            return .failure(error)
        }
    }

    /// Releases the writer of an index that has another schema than the one that callers know. Whoever sees the error
    /// opens the index again, for which the lock must be free.
    private func endForGood() {
        let error = IndexError.rebuilt(path: folder.path)
        failure = (error, nil)
        writer = nil
        state.failure = error
        refuseWaiting(error)
    }
}

extension LiveIndex {
    /// The number of the last durable change.
    package var lastChange: Int { state.operations }

    /// The standby generation; nil for none.
    package var standby: StandbyIndex? { state.standby }

    /// Begins a new generation beside the current one, which becomes the standby; goes on with an interrupted one of
    /// the same plan. From rows it is filled by a thread of its own; documents are written to what is returned.
    ///
    /// Errors: `stopped`, those of the disk.
    package func rebuild(_ rebuild: Rebuild) throws(IndexError) -> StandbyIndex {
        try waitForReply { reply throws(IndexError) in _ = try queue.append(.rebuild(rebuild, reply)) }
    }

    /// Makes the standby generation the current one, and the current one the standby, which goes on taking all changes.
    /// If they have different schemas, the index must be closed and opened again: changes are refused as `rebuilt`.
    ///
    /// Errors: `request` if there is none, or it is not complete; `stopped`, those of the disk.
    package func swap() throws(IndexError) {
        try waitForReply { reply throws(IndexError) in _ = try queue.append(.swap(reply)) }
    }

    /// Removes the standby generation. Errors: `request` if there is none, `stopped`, those of the disk.
    package func dropStandby() throws(IndexError) {
        try waitForReply { reply throws(IndexError) in _ = try queue.append(.dropStandby(reply)) }
    }
}
