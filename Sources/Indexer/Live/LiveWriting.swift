import Segments

// The batches of a live index that arrived together: checked, logged, synced, applied and answered.

extension LiveLoop {
    /// Writes the batches that the index has room for. A conditional one is written on its own, after those before it,
    /// because it reads what they wrote.
    func write(_ writes: [LiveWrite]) {
        guard !writes.isEmpty, let writer else { return }
        var group: [LiveWrite] = []
        for next in accepted(writes, writer) {
            guard next.batch.isConditional else {
                group.append(next)
                continue
            }
            write(group, with: writer)
            write([next], with: writer)
            group = []
        }
        write(group, with: writer)
    }

    /// Logs batches, makes them durable with one sync, and applies them; ends the writer on an error.
    ///
    /// Batches that the writer cannot take get an error and are not logged. Batches that were applied before the error
    /// keep their outcomes, unless they wait for a view; the remaining ones get the error, although the next writer may
    /// find them in the log.
    private func write(_ writes: [LiveWrite], with writer: IndexWriter) {
        if writes.isEmpty { return }
        if let failure {
            for write in writes { write.reply(.failure(failure.error)) }
            return
        }
        var applied = 0
        do throws(IndexError) {
            let isConditional = writes[0].batch.isConditional
            if !isConditional {
                for write in writes { try writer.log(write.batch) }
                try writer.syncLog()
            }
            for write in writes {
                let outcomes = try isConditional ? writer.applyAndLog(write.batch) : writer.apply(write.batch)
                writer.payload.merge(write.payload) { $1 }
                applied += 1
                uncommittedBytes += write.batch.byteCount
                if write.refresh {
                    awaitingView.append { result in write.reply(result.map { outcomes }) }
                } else {
                    write.reply(.success(outcomes))
                }
            }
        } catch {
            for write in writes[applied...] { write.reply(.failure(error)) }
            fail(error)
            return
        }
        state.operations = writer.operations
        state.count { counts in
            counts.changes += writes.reduce(0) { $0 + $1.batch.count }
            counts.uncommittedBytes = uncommittedBytes
        }
        let now = ContinuousClock.now
        views.changed(bytes: writes.reduce(0) { $0 + $1.batch.byteCount }, at: now)
        uncommittedSince = uncommittedSince ?? now
        if !awaitingView.isEmpty { publish() }
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
