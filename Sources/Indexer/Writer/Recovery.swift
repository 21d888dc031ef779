import Storage

extension IndexWriter {
    /// Brings back what the newest commit and the logs behind it hold.
    ///
    /// Errors: `storage(.damagedLog)` when acknowledged changes are missing.
    func recover(_ manifest: Manifest) throws(IndexError) {
        let generation = folder.generationFolder(manifest.generation)
        if let saved = manifest.tombstones {
            tombstones = try Tombstones.read(from: generation, saved)
            savedTombstones = (tombstones.revision, saved)
        }
        let logs = try folder.logs(of: manifest.generation, behind: operations)
        for (i, log) in logs.enumerated() {
            guard log.first <= operations + 1 else {
                throw .storage(
                    .damagedLog(
                        path: log.path, offset: 0,
                        reason: "it begins with change \(log.first), change \(operations + 1) is nowhere"))
            }
            if case .cut(let at) = log.end, i < logs.count - 1 {
                throw .storage(
                    .damagedLog(path: log.path, offset: at, reason: "it breaks off, and another follows"))
            }
            // What was read may be in the system's memory alone, where a failed sync left it. It must be durable before
            // the next log begins: behind that one it would be missed.
            if log.next > operations + 1 || log.end != .whole {
                try storing { () throws(StorageError) in try folder.files.replace(log.path, with: log.bytes) }
            }
            try log.forEach(from: operations + 1) { _, change throws(IndexError) in
                if let marked = WriteBatch.markedSequence(change) { count(mark: marked) } else { _ = try apply(change) }
                isLive = true
            }
        }
    }
}

extension IndexFolder {
    /// Whether a writer left changes that no commit holds: the next one brings them back. Only reads.
    ///
    /// Errors: those of reading; damage of a log is left to the writer.
    public func hasUncommittedChanges() throws(IndexError) -> Bool {
        guard let manifest = try newestManifest() else { return false }
        return try storing { () throws(StorageError) in
            for first in try logNumbers(of: manifest.generation) where first > manifest.operations {
                do throws(StorageError) {
                    let path = generationFolder(manifest.generation).log(first)
                    if let log = try LogReader(path, in: files), log.next > log.first { return true }
                } catch {
                    // The writer says what is wrong with it. One that is gone was committed meanwhile.
                    if case .damagedLog = error { return true }
                    if case .missing = error { continue }
                    throw error
                }
            }
            return false
        }
    }

    /// Makes the names durable that a writer is about to rest on: it may see them because an earlier one, whose sync
    /// failed, left them in the system's memory.
    func syncNames(of generation: Int) throws(IndexError) {
        try storing { () throws(StorageError) in
            for folder in [generationPath(generation), path + "/generations", path, files.parent(of: path)] {
                try files.syncDirectory(folder)
            }
        }
    }

    /// The logs of a generation with changes behind a number, in their order; what is before it a manifest holds. Files
    /// of which a crash left less than a header, and logs without a record, are removed: they hold nothing, and their
    /// names are needed. Only the writer may call it.
    func logs(of generation: Int, behind operations: Int) throws(IndexError) -> [LogReader] {
        try storing { () throws(StorageError) in
            var logs: [LogReader] = []
            let numbers = try logNumbers(of: generation)
            // No log is open while a commit is made: one that begins before it holds nothing behind it.
            for first in numbers where first > operations {
                let path = generationFolder(generation).log(first)
                guard let log = try LogReader(path, in: files), log.next > log.first else {
                    try files.remove(path)
                    continue
                }
                guard log.first == first else {
                    throw .damagedLog(path: path, offset: 12, reason: "it is not the log its name says it is")
                }
                logs.append(log)
            }
            return logs
        }
    }

    /// The manifest a writer goes on from: the newest, or, when that one is damaged and the logs hold everything since
    /// the one before it, that.
    ///
    /// Errors: `corrupt` when neither will do.
    func recoverableManifest(of generation: Int) throws(IndexError) -> Manifest {
        do throws(IndexError) {
            return try newestManifest(of: generation)
        } catch {
            guard case .corrupt = error, let older = try olderManifest(of: generation) else { throw error }
            var next = older.operations + 1
            var isMarked = false
            let newest = try manifests(of: generation).last ?? 0
            for log in try logs(of: generation, behind: older.operations) where log.first <= next {
                log.forEach(from: next) { (sequence: Int, change: UnsafeRawBufferPointer) in
                    if WriteBatch.markedSequence(change) == newest { isMarked = true }
                    next = sequence + 1
                }
            }
            guard isMarked else { throw error }
            let damaged = manifestPath(generation, newest)
            try storing { () throws(StorageError) in
                try files.remove(damaged)
                try files.syncDirectory(generationPath(generation))
            }
            return older
        }
    }

    private func olderManifest(of generation: Int) throws(IndexError) -> Manifest? {
        guard let older = try manifests(of: generation).dropLast().last else { return nil }
        return try? manifest(of: generation, older)
    }
}
