import Segments

// The batches of a live index that arrived together: checked, logged, synced, applied and answered.

extension LiveLoop {
    /// Writes the batches that the index has room for: logs them, makes them durable with one sync, and applies them;
    /// ends the writer on an error.
    ///
    /// Batches that the writer cannot take get an error and are not logged. Batches that were durable and applied
    /// before the error keep their outcomes, unless they wait for a view; the remaining ones get the error, although
    /// the next writer may find them in the log.
    func write(_ writes: [LiveWrite]) {
        guard !writes.isEmpty, let writer else { return }
        let writes = accepted(writes, writer)
        if writes.isEmpty { return }
        let logBytes = writer.logBytes
        var outcomes: [[WriteOutcome]] = []
        var isDurable = false
        do throws(IndexError) {
            if writes.contains(where: \.batch.readsDocuments) {
                for write in writes { outcomes.append(try writer.applyOrLogFirst(write.batch)) }
                try writer.syncLog()
                isDurable = true
            } else {
                for write in writes { try writer.log(write.batch) }
                try writer.syncLog()
                isDurable = true
                for write in writes { outcomes.append(try writer.apply(write.batch)) }
            }
            reply(writes, outcomes, writer)
        } catch {
            if isDurable { reply(writes, outcomes, writer) } else { outcomes = [] }
            for write in writes[outcomes.count...] { write.reply(.failure(error)) }
            fail(error)
            return
        }
        let bytes = writer.logBytes - logBytes
        uncommittedBytes += bytes
        state.operations = writer.operations
        state.count { counts in
            counts.changes += writes.reduce(0) { $0 + $1.batch.count }
            counts.uncommittedBytes = uncommittedBytes
        }
        let now = ContinuousClock.now
        views.changed(bytes: bytes, at: now)
        uncommittedSince = uncommittedSince ?? now
        if !awaitingView.isEmpty { publish() }
    }

    /// Replies to the batches that have outcomes, or has them wait for the next view.
    private func reply(_ writes: [LiveWrite], _ outcomes: [[WriteOutcome]], _ writer: IndexWriter) {
        for (write, outcomes) in zip(writes, outcomes) {
            writer.payload.merge(write.payload) { $1 }
            if write.refresh {
                awaitingView.append { result in write.reply(result.map { outcomes }) }
            } else {
                write.reply(.success(outcomes))
            }
        }
    }

    /// Returns the batches that the index has room for and whose members fit; replies to the others with an error.
    private func accepted(_ writes: [LiveWrite], _ writer: IndexWriter) -> [LiveWrite] {
        let isBehind = merges.isBehind(writer.stack.segments)
        var puts = 0
        return writes.filter { write in
            do throws(IndexError) {
                try write.batch.checkFits(writer.members)
                try writer.checkRoom(for: puts + write.batch.puts)
                if isBehind, write.batch.puts > 0 { throw .busy }
                puts += write.batch.puts
                return true
            } catch {
                write.reply(.failure(error))
                return false
            }
        }
    }
}
