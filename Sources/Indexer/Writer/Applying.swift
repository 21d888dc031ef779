import Kernels
import Segments
import Storage

extension IndexWriter {
    /// Applies a logged batch; returns the outcome of each change, in order.
    func apply(_ batch: WriteBatch) throws(IndexError) -> [WriteOutcome] {
        try throwIfEnded()
        return try outcomes(of: batch) { bytes throws(IndexError) in try apply(bytes, isLogged: false) }
    }

    /// Applies a batch whose log records depend on the documents that exist, and appends each record when its change is
    /// applied; returns the outcome of each change, in order. `syncLog` makes them durable. A patch of texts is logged
    /// with the whole document, a change without effect as a patch of nothing.
    ///
    /// Errors: any ends the writer, so that nobody sees what was not logged.
    func applyAndLog(_ batch: WriteBatch) throws(IndexError) -> [WriteOutcome] {
        try beginLogging()
        return try outcomes(of: batch) { bytes throws(IndexError) in try applyAndLog(bytes) }
    }

    /// Applies and logs a batch, in the order that it needs. Errors: as above.
    func applyOrLogFirst(_ batch: WriteBatch) throws(IndexError) -> [WriteOutcome] {
        if batch.readsDocuments { return try applyAndLog(batch) }
        try log(batch)
        return try apply(batch)
    }

    /// Applies each change of a batch with `applyOne` and returns the outcomes, in order. The first error ends the
    /// writer.
    private func outcomes(
        of batch: WriteBatch, _ applyOne: (UnsafeRawBufferPointer) throws(IndexError) -> WriteOutcome
    ) throws(IndexError) -> [WriteOutcome] {
        var outcomes: [WriteOutcome] = []
        outcomes.reserveCapacity(batch.count)
        var problem: IndexError?
        batch.forEach { bytes in
            guard problem == nil else { return }
            do throws(IndexError) { outcomes.append(try applyOne(bytes)) } catch { problem = error }
        }
        if let problem { throw end(problem) }
        return outcomes
    }

    /// Applies one change, and appends its record.
    private func applyAndLog(_ bytes: UnsafeRawBufferPointer) throws(IndexError) -> WriteOutcome {
        let change = try decode(bytes, isLogged: false)
        let outcome = try apply(change)
        let record: GrowableBuffer<UInt8>
        switch (change.kind, outcome) {
        case (.rewrite, .patched): record = WriteBatch.rewritten(rewritten, change, members)
        case (.rewrite, _): record = WriteBatch.nothing(change.key)
        case (.create, .created): record = WriteBatch.put(document, members, version: change.version)
        case (.create, _): record = WriteBatch.nothing(try members.key(of: document))
        default:
            try log(record: bytes)
            return outcome
        }
        try log(record: UnsafeRawBufferPointer(record.elements))
        return outcome
    }

    /// Decodes a change; the document to put is in `document`. Errors: `corrupt`.
    private func decode(_ bytes: UnsafeRawBufferPointer, isLogged: Bool) throws(IndexError) -> Change {
        guard let change = Change(bytes, members, into: &document, isLogged: isLogged) else {
            throw .corrupt(
                file: stack.folder.path, section: "the write-ahead log", offset: 0, problem: "a change is malformed")
        }
        return change
    }

    /// Applies one encoded change of a batch, or of a log if `isLogged` is true.
    @discardableResult
    func apply(_ bytes: UnsafeRawBufferPointer, isLogged: Bool) throws(IndexError) -> WriteOutcome {
        try apply(try decode(bytes, isLogged: isLogged))
    }

    /// Applies a decoded change; `document` is the one to put.
    func apply(_ change: Change) throws(IndexError) -> WriteOutcome {
        operations += 1
        let key = change.kind.hasDocument ? try members.key(of: document) : change.key
        guard let start = key.baseAddress else { return .missing }
        if change.kind == .rewrite { try stack.endFlush() }
        let existing = try stack.find(key, hash64(start, key.count))
        let existingVersion = existing == nil ? tombstones.version(key) : existing?.version
        if change.kind == .create, existing != nil { return .exists }
        if let version = change.version, let existingVersion, version <= existingVersion {
            return .stale(version: existingVersion)
        }
        switch change.kind {
        case .mark: return .missing
        case .put, .create, .rewritten:
            existing?.updates.delete(existing?.document ?? 0)
            tombstones.forget(key)
            try stack.add(document, version: change.version ?? existingVersion)
            return existing == nil ? .created : .updated
        case .delete:
            if let version = change.version { tombstones.remember(key, version) }
            guard let existing else { return .missing }
            existing.updates.delete(existing.document)
            return .deleted
        case .patch:
            guard let existing else { return .missing }
            stack.patch(existing, change.numbers, version: change.version)
            return .patched
        case .rewrite:
            guard let existing else { return .missing }
            if let problem = try rewrite(existing, change) { return .refused(problem: problem) }
            existing.updates.delete(existing.document)
            try stack.add(rewritten, version: change.version ?? existingVersion)
            return .patched
        }
    }

    /// Makes the document of a rewrite in `rewritten`, whose new values are in `document`. Returns the reason if there
    /// can be none.
    private func rewrite(_ existing: SegmentStack.Place, _ change: Change) throws(IndexError) -> String? {
        do throws(IndexError) {
            try stack.read(existing, into: &rewritten)
        } catch {
            guard case .corrupt = error else { throw error }
            return "its stored values cannot be read, so that it has to be sent whole: \(error)"
        }
        rewritten.replace(change.replaced, by: document)
        if rewritten.values.count > DocumentBuffer.maxValues {
            return "it would have \(rewritten.values.count) values; a document may have \(DocumentBuffer.maxValues)"
        }
        // Replaced texts stay in the buffer, and the record takes some bytes besides the texts.
        let most = rewritten.bytes.count + 16 * rewritten.values.count + change.key.count + 8 * change.replaced.count
        if most > LogWriter.maxPayloadBytes - 1 << 10 {
            return "it would take more than 1 GB"
        }
        return nil
    }
}
