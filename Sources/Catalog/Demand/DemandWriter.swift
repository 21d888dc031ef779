import Glibc
import Kernels
import Storage

/// The thread of a log: it writes, compresses and forgets files. All of it runs on that thread.
final class DemandWriter {
    private let folder: DemandFolder
    private let options: DemandLog.Options
    private let queue: DemandQueue
    private let clock: @Sendable () -> Int
    private let onFailure: @Sendable (StorageError) -> Void
    private var files: [FileKey: LogFileWriter] = [:]
    /// The files that were appended to since files were tidied up last.
    private var used: Set<FileKey> = []
    /// The searches that could not be written, until the log has their number.
    private var dropped: [String: Int] = [:]
    private var lock: (any FileLock)?
    private var writtenSalt: DailySalt?
    /// The day and the time at which files were tidied up last.
    private var tidied: (day: LogDay, time: ContinuousClock.Instant)?
    /// The error that was reported last.
    private var reported: StorageError?

    private struct FileKey: Hashable {
        var catalog: String
        var kind: DemandFolder.LogKind
    }

    private init(
        _ folder: DemandFolder, _ options: DemandLog.Options, _ queue: DemandQueue,
        _ clock: @escaping @Sendable () -> Int,
        _ onFailure: @escaping @Sendable (StorageError) -> Void
    ) {
        self.folder = folder
        self.options = options
        self.queue = queue
        self.clock = clock
        self.onFailure = onFailure
    }

    /// Starts the thread, which ends when the queue is closed.
    ///
    /// Errors: `failed` if the system has no more threads.
    static func start(
        _ folder: DemandFolder, _ options: DemandLog.Options, _ queue: DemandQueue,
        clock: @escaping @Sendable () -> Int,
        onFailure: @escaping @Sendable (StorageError) -> Void
    ) throws(StorageError) -> WorkerThread {
        do throws(WorkerThread.Unavailable) {
            return try WorkerThread.waiting(niceness: 5) {
                DemandWriter(folder, options, queue, clock, onFailure).run()
            }
        } catch {
            throw .failed(operation: "start the thread for", path: folder.path, code: error.code)
        }
    }

    private func run() {
        // What a crash left is compressed and what is too old is forgotten also if nothing is asked.
        if acquireLock() == nil { tidy(LogDay(of: clock())) }
        while true {
            let (jobs, isClosed) = queue.wait(options.flushAfter)
            write(jobs, queue.take())
            if isClosed { break }
        }
        for file in files.values { reporting { () throws(StorageError) in try file.close() } }
    }

    /// Writes what was taken, and replies to the jobs.
    private func write(_ jobs: [DemandQueue.Job], _ searches: DemandQueue.Searches) {
        if let failure = acquireLock() {
            queue.countDropped(searches.lines.values.reduce(0) { $0 + $1.count })
            for job in jobs { job.reply(failure) }
            return
        }
        let time = clock()
        let today = LogDay(of: time)
        if tidied.map({ $0.day != today || $0.time + .seconds(3600) <= ContinuousClock.now }) ?? true { tidy(today) }
        if writtenSalt != searches.salt {
            reporting { () throws(StorageError) in
                try searches.salt.write(folder)
                writtenSalt = searches.salt
            }
        }
        for (catalog, count) in searches.dropped { dropped[catalog, default: 0] += count }
        for (catalog, lines) in searches.lines {
            let missing = dropped[catalog] ?? 0
            let note = missing > 0 ? SearchRecord.line(dropped: missing, time: time) : []
            if append(note + lines.bytes, FileKey(catalog: catalog, kind: .searches), today, sync: false) == nil {
                dropped[catalog] = nil
            } else {
                dropped[catalog] = missing + lines.count
                queue.countDropped(lines.count)
            }
        }
        reply(to: jobs, today)
    }

    /// Does the jobs of each catalog in their order; all events of a catalog that stand together share one sync.
    private func reply(to jobs: [DemandQueue.Job], _ today: LogDay) {
        var pending: [(catalog: String, lines: [UInt8], replies: [@Sendable (StorageError?) -> Void])] = []
        func finish(_ isMeant: (String) -> Bool) {
            for batch in pending where isMeant(batch.catalog) {
                let failure = append(batch.lines, FileKey(catalog: batch.catalog, kind: .events), today, sync: true)
                for reply in batch.replies { reply(failure) }
            }
            pending.removeAll { isMeant($0.catalog) }
        }
        for job in jobs {
            switch job.action {
            case .append(let lines):
                if let i = pending.firstIndex(where: { $0.catalog == job.catalog }) {
                    pending[i].lines += lines
                    pending[i].replies.append(job.reply)
                } else {
                    pending.append((job.catalog, lines, [job.reply]))
                }
            case .remove:
                finish { $0 == job.catalog }
                for kind in DemandFolder.LogKind.allCases { files[FileKey(catalog: job.catalog, kind: kind)] = nil }
                dropped[job.catalog] = nil
                job.reply(reporting { () throws(StorageError) in try folder.remove(job.catalog) })
            case .flush:
                finish { _ in true }
                job.reply(nil)
            }
        }
        finish { _ in true }
    }

    /// Appends lines to the file of a catalog and kind. Returns the error if that is impossible.
    private func append(_ lines: [UInt8], _ key: FileKey, _ today: LogDay, sync: Bool) -> StorageError? {
        let file = files[key] ?? LogFileWriter(folder, key.catalog, key.kind, maxBytes: options.maxFileBytes)
        files[key] = file
        used.insert(key)
        return reporting { () throws(StorageError) in try file.append(lines, today, sync: sync) }
    }

    /// Acquires the right to write into the folder, if another process has not got it. Returns the error if it has.
    private func acquireLock() -> StorageError? {
        guard lock == nil else { return nil }
        return reporting { () throws(StorageError) in lock = try folder.files.lock(folder.lockPath) }
    }

    /// Closes the files that were not used for an hour, compresses those that nobody writes any more, and removes what
    /// is older than the days that are kept.
    private func tidy(_ today: LogDay) {
        tidied = (today, ContinuousClock.now)
        for (key, file) in files where !used.contains(key) {
            reporting { () throws(StorageError) in try file.close() }
            files[key] = nil
        }
        used = []
        reporting { () throws(StorageError) in
            for catalog in try folder.catalogs() { try tidy(catalog, today) }
        }
    }

    private func tidy(_ catalog: String, _ today: LogDay) throws(StorageError) {
        try folder.expire(catalog, keptDays: options.keptDays, today: today)
        let open = DemandFolder.LogKind.allCases.compactMap { files[FileKey(catalog: catalog, kind: $0)]?.openFile }
        let path = folder.path(of: catalog)
        let names = try folder.names(of: catalog)
        for name in names {
            if name.hasSuffix(".tmp") { try folder.files.remove(path + "/" + name) }
            guard let file = DemandFolder.LogFile(name), !file.isCompressed, !open.contains(file) else { continue }
            if names.contains(name + ".gz") {
                try folder.files.remove(path + "/" + name)
            } else {
                try folder.compress(file, of: catalog)
            }
        }
        if try folder.names(of: catalog).isEmpty { try folder.files.removeDirectory(path) }
    }

    /// Does something, and returns its error, which is reported unless it was the last one.
    @discardableResult
    private func reporting(_ body: () throws(StorageError) -> Void) -> StorageError? {
        do throws(StorageError) {
            try body()
            return nil
        } catch {
            if error != reported { onFailure(error) }
            reported = error
            return error
        }
    }
}
