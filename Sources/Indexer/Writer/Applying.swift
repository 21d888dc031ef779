import Kernels
import Segments

extension IndexWriter {
    /// Applies a logged batch; returns the outcome of each change, in order.
    func apply(_ batch: WriteBatch) throws(IndexError) -> [WriteOutcome] {
        try throwIfEnded()
        var outcomes: [WriteOutcome] = []
        outcomes.reserveCapacity(batch.count)
        var problem: IndexError?
        batch.forEach { change in
            guard problem == nil else { return }
            do throws(IndexError) { outcomes.append(try apply(change)) } catch { problem = error }
        }
        if let problem { throw end(problem) }
        return outcomes
    }

    /// Applies a conditional batch, then logs what has become of it and makes that durable; returns the outcome of each
    /// change, in order. For a patch of texts the log has the whole document, and for what had no effect a patch
    /// without values.
    ///
    /// Errors: any ends the writer, so that nobody sees what was not logged.
    func applyAndLog(_ batch: WriteBatch) throws(IndexError) -> [WriteOutcome] {
        try throwIfEnded()
        let begin = operations
        var outcomes: [WriteOutcome] = []
        var logged = WriteBatch()
        var problem: IndexError?
        batch.forEach { bytes in
            guard problem == nil else { return }
            do throws(IndexError) {
                let change = try decode(bytes)
                let outcome = try apply(change)
                outcomes.append(outcome)
                switch (change.kind, outcome) {
                case (.rewrite, .patched): try logged.put(rewritten, members, version: change.version)
                case (.create, .created): try logged.put(document, members, version: change.version)
                case (.rewrite, _), (.create, _):
                    let key = change.kind == .create ? try members.key(of: document) : change.key
                    try logged.patch(key: String(decoding: key, as: UTF8.self), [], members)
                default: logged.append(bytes)
                }
            } catch {
                problem = error
            }
        }
        if let problem { throw end(problem) }
        let applied = operations
        // The numbers in the log begin where they did before.
        operations = begin
        defer { operations = applied }
        try log(logged)
        try syncLog()
        return outcomes
    }

    /// Decodes a change; the document to put is in `document`. Errors: `corrupt`.
    private func decode(_ bytes: UnsafeRawBufferPointer) throws(IndexError) -> Change {
        guard let change = Change(bytes, members, into: &document) else {
            throw .corrupt(
                file: stack.folder.path, section: "the write-ahead log", offset: 0, problem: "a change is malformed")
        }
        return change
    }

    /// Applies one encoded change.
    func apply(_ bytes: UnsafeRawBufferPointer) throws(IndexError) -> WriteOutcome {
        try apply(try decode(bytes))
    }

    /// Applies a decoded change; `document` is the one to put.
    func apply(_ change: Change) throws(IndexError) -> WriteOutcome {
        operations += 1
        let key = change.kind.hasDocument ? try members.key(of: document) : change.key
        guard let start = key.baseAddress else { return .missing }
        if change.kind == .rewrite { try stack.endFlush() }
        let existing = try stack.find(key, hash64(start, key.count))
        let existingVersion = existing == nil ? tombstones.version(key) : existing?.version
        if let version = change.version, let existingVersion, version <= existingVersion {
            return .stale(version: existingVersion)
        }
        switch change.kind {
        case .mark: return .missing
        case .create where existing != nil: return .exists
        case .put, .create:
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
            try stack.read(existing, into: &rewritten)
            rewritten.replace(change.replaced, by: document)
            if rewritten.values.count > DocumentBuffer.maxValues {
                return .refused(
                    problem: "it would have \(rewritten.values.count) values; a document may have "
                        + "\(DocumentBuffer.maxValues)")
            }
            existing.updates.delete(existing.document)
            try stack.add(rewritten, version: change.version ?? existingVersion)
            return .patched
        }
    }
}
