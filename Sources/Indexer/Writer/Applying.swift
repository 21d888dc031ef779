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

    /// Applies one encoded change.
    func apply(_ bytes: UnsafeRawBufferPointer) throws(IndexError) -> WriteOutcome {
        guard let change = Change(bytes, members, into: &document) else {
            throw .corrupt(
                file: stack.folder.path, section: "the write-ahead log", offset: 0, problem: "a change is malformed")
        }
        return try apply(change)
    }

    /// Applies a decoded change; `document` is the one to put.
    func apply(_ change: Change) throws(IndexError) -> WriteOutcome {
        operations += 1
        let key = change.kind == .put ? try members.key(of: document) : change.key
        guard let start = key.baseAddress else { return .missing }
        let existing = try stack.find(key, hash64(start, key.count))
        let existingVersion = existing == nil ? tombstones.version(key) : existing?.version
        if let version = change.version, let existingVersion, version <= existingVersion {
            return .stale(version: existingVersion)
        }
        switch change.kind {
        case .mark: return .missing
        case .put:
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
        }
    }
}
