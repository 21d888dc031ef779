package import Segments
import Storage

extension IndexWriter {
    /// Restores the tombstones of the newest commit, and applies the changes of the logs after it.
    ///
    /// A last log that is cut off in the middle of a record lost only what was never acknowledged; it is rewritten
    /// without the rest. Anything else that is missing is an error.
    /// Errors: `storage(.corruptLog)` when acknowledged changes are missing, `corrupt` for a malformed change.
    /// Complexity: that of applying the changes.
    func recover(_ manifest: Manifest) throws(IndexError) {
        let generation = folder.generationFolder(manifest.generation)
        if let saved = manifest.tombstones {
            tombstones = try Tombstones.read(from: generation, saved)
            savedTombstones = (tombstones.revision, saved)
        }
        let logs = try folder.logs(of: manifest.generation, after: operations)
        for (i, log) in logs.enumerated() {
            guard log.first <= operations + 1 else {
                throw .storage(
                    .corruptLog(
                        path: log.path, offset: 0,
                        reason: "it begins with change \(log.first), and change \(operations + 1) is missing"))
            }
            if case .cut(let offset) = log.end, i < logs.count - 1 {
                throw .storage(
                    .corruptLog(path: log.path, offset: offset, reason: "it is cut off, and another log follows"))
            }
            // The log that was read may be in the system's memory only, where a failed sync left it. It must be durable
            // before the next log begins, or its changes could be missing while later ones are there.
            if log.next > operations + 1 || log.end != .whole {
                try storing { () throws(StorageError) in try folder.files.replace(log.path, with: log.bytes) }
            }
            try log.forEach(from: operations + 1) { _, change throws(IndexError) in
                if let marked = WriteBatch.markedSequence(change) {
                    count(mark: marked)
                } else {
                    try apply(change, isLogged: true)
                }
                isLive = true
            }
        }
    }
}

extension IndexFolder {
    /// Returns true if a writer left changes that no commit holds: the next one recovers them. Only reads.
    ///
    /// Errors: those of reading; corruption of a log is left to the writer to report.
    package func hasUncommittedChanges() throws(IndexError) -> Bool {
        guard let manifest = try newestManifest() else { return false }
        return try storing { () throws(StorageError) in
            for first in try logNumbers(of: manifest.generation) where first > manifest.operations {
                do throws(StorageError) {
                    let path = generationFolder(manifest.generation).log(first)
                    if let log = try LogReader(path, in: files), log.next > log.first { return true }
                } catch {
                    // The writer reports what is wrong with it. A log that is gone was committed meanwhile.
                    if case .corruptLog = error { return true }
                    if case .missing = error { continue }
                    throw error
                }
            }
            return false
        }
    }

    /// Makes the file names durable that a writer is about to depend on: it may see them only because an earlier
    /// writer, whose sync failed, left them in the system's memory.
    func syncNames(of generation: Int) throws(IndexError) {
        try storing { () throws(StorageError) in
            for folder in [generationPath(generation), path + "/generations", path, files.parent(of: path)] {
                try files.syncDirectory(folder)
            }
        }
    }

    /// Returns the logs of a generation with changes after a number, in order; a manifest holds the earlier changes.
    ///
    /// Files of which a crash left less than a header, and logs without a record, are removed: they hold nothing, and
    /// their names are needed. Only the writer may call it. Errors: `storage(.corruptLog)`.
    func logs(of generation: Int, after operations: Int) throws(IndexError) -> [LogReader] {
        try storing { () throws(StorageError) in
            var logs: [LogReader] = []
            let numbers = try logNumbers(of: generation)
            // No log is open while a commit is made: a log that begins before the commit holds nothing after it.
            for first in numbers where first > operations {
                let path = generationFolder(generation).log(first)
                guard let log = try LogReader(path, in: files), log.next > log.first else {
                    try files.remove(path)
                    continue
                }
                guard log.first == first else {
                    throw .corruptLog(path: path, offset: 12, reason: "it is another log than its name says")
                }
                logs.append(log)
            }
            return logs
        }
    }

    /// Returns the manifest that a writer continues from: the newest, or, when that one is corrupt and the logs hold
    /// everything since the one before it, that.
    ///
    /// Errors: `corrupt` when neither is usable.
    func recoverableManifest(of generation: Int) throws(IndexError) -> Manifest {
        do throws(IndexError) {
            return try newestManifest(of: generation)
        } catch {
            guard case .corrupt = error, let older = try olderManifest(of: generation) else { throw error }
            var next = older.operations + 1
            var isMarked = false
            let newest = try manifests(of: generation).last ?? 0
            for log in try logs(of: generation, after: older.operations) where log.first <= next {
                log.forEach(from: next) { (sequence: Int, change: UnsafeRawBufferPointer) in
                    if WriteBatch.markedSequence(change) == newest { isMarked = true }
                    next = sequence + 1
                }
            }
            guard isMarked else { throw error }
            let corruptPath = manifestPath(generation, newest)
            try storing { () throws(StorageError) in
                try files.remove(corruptPath)
                try files.syncDirectory(generationPath(generation))
            }
            return older
        }
    }

    /// Returns the manifest before the newest; nil when there is none or it is corrupt.
    private func olderManifest(of generation: Int) throws(IndexError) -> Manifest? {
        guard let sequence = try manifests(of: generation).dropLast().last else { return nil }
        return try? manifest(of: generation, sequence)
    }
}
