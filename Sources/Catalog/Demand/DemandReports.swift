import Indexer
import Kernels
package import Storage

/// Counts what the log of a data folder says, day by day. The counts of a day that is over are kept in a file; those of
/// today are kept in memory, and go on where they were.
///
/// One caller at a time counts; others wait. Thread-safe.
package final class DemandReports: Sendable {
    private let folder: DemandFolder
    private let keptDays: Int
    /// The number of queries of a day that are listed.
    private let limit: Int
    /// True if the counts of a day are written to a file.
    private let writes: Bool
    private let state = Monitor<[String: CatalogCounts]>([:])

    /// The catalog's counts that are in memory.
    private struct CatalogCounts: Sendable {
        /// The counts of days that are over.
        var closed: [LogDay: DaySummary] = [:]
        /// The counts of the last day.
        var open: OpenDay?
        /// The hashes of the ids of the events of days that are not counted, ascending.
        var eventIDs: [LogDay: Set<UInt64>] = [:]
    }

    /// The counts of a day that goes on, and the bytes of each of its files that are counted.
    private struct OpenDay: Sendable {
        var day: LogDay
        var counts: DayCounts
        var counted: [DemandFolder.LogFile: Int] = [:]
        /// The counts for reports; nil after something was added.
        var summary: DaySummary?
    }

    /// The time after which nothing is added to a day that is over, in milliseconds.
    private static let settlingTime = 60_000

    /// Creates the counts of a folder. `writes` is for the process that logs; others count the same in memory.
    package init(_ folder: DemandFolder, keptDays: Int = 30, limit: Int = 100_000, writes: Bool) {
        self.folder = folder
        self.keptDays = keptDays
        self.limit = limit
        self.writes = writes
    }

    /// Returns the demand of a catalog on the last `days` days, of which the last is that of the time `now`, in
    /// milliseconds since 1970.
    ///
    /// Errors: those of the disk. Complexity: O(bytes of the log) for the days that were not counted before, and for
    /// what was added today; O(1) for the others.
    package func window(
        of catalog: String, days: Int, now: Int
    ) throws(StorageError) -> DemandWindow {
        let today = LogDay(of: now)
        let settled = LogDay(of: now - Self.settlingTime)
        let first = today.advanced(by: 1 - min(max(days, 1), keptDays))
        return try state.withLock { state throws(StorageError) -> DemandWindow in
            // Taken out, so that counts are changed in place.
            var known = state.removeValue(forKey: catalog) ?? CatalogCounts()
            defer { state[catalog] = known }
            let oldest = today.advanced(by: 1 - keptDays)
            known.closed = known.closed.filter { $0.key >= oldest }
            known.eventIDs = known.eventIDs.filter { $0.key >= oldest }
            let files = try folder.logFiles(of: catalog)
            var summaries: [DaySummary] = []
            for number in first.number...today.number {
                let day = LogDay(number: number)
                let ofDay = files.filter { $0.day == day }
                let summary = try summary(of: catalog, day, isOver: day < settled, ofDay, files, &known)
                if let summary { summaries.append(summary) }
            }
            return DemandWindow(first...today, summaries)
        }
    }

    /// Forgets what is in memory of a catalog, whose log was removed.
    package func forget(_ catalog: String) { state.withLock { $0[catalog] = nil } }

    /// Returns the counts of a day; nil if nothing was logged.
    private func summary(
        of catalog: String, _ day: LogDay, isOver: Bool, _ ofDay: [DemandFolder.LogFile],
        _ files: [DemandFolder.LogFile], _ known: inout CatalogCounts
    ) throws(StorageError) -> DaySummary? {
        if let summary = known.closed[day] { return summary }
        let path = folder.countsPath(of: catalog, day)
        if isOver, try folder.files.exists(path), let summary = DaySummary(try folder.files.map(path)) {
            known.closed[day] = summary
            return summary
        }
        guard !ofDay.isEmpty else { return nil }
        var open = OpenDay(day: day, counts: DayCounts(limit: limit))
        if let last = known.open, last.day == day {
            open = last
            known.open = nil
        }
        let before = try idsBefore(day, in: catalog, files, &known)
        for file in ofDay { try count(file, of: catalog, &open, before) }
        if !isOver, let summary = open.summary {
            known.open = open
            return summary
        }
        var finished = open.counts
        finished.finish()
        let summary = DaySummary(finished)
        guard isOver else {
            open.summary = summary
            known.open = open
            return summary
        }
        // A disk that is full keeps nobody from the counts; they are made again.
        if writes { try? folder.files.replace(path, with: DaySummary.encode(finished)) }
        known.closed[day] = summary
        return summary
    }

    /// Counts what a file has more than at the last time.
    private func count(
        _ file: DemandFolder.LogFile, of catalog: String, _ open: inout OpenDay, _ isKnown: (UInt64) -> Bool
    ) throws(StorageError) {
        var key = file
        key.isCompressed = false
        var reader = JSONMembers()
        let before = open.counted[key] ?? 0
        var after = Int.max
        do throws(StorageError) {
            after = try lines(of: file, in: catalog, from: before) { line in
                do {
                    switch file.kind {
                    case .searches: open.counts.add(try SearchRecord(line, &reader))
                    case .events: open.counts.add(try DemandEvent(logged: line, &reader), isKnown: isKnown)
                    }
                } catch {
                    open.counts.addDamage()
                }
            }
        } catch {
            switch error {
            // What cannot be decompressed is left out; the rest of the log counts.
            case .corrupt, .truncated: open.counts.addDamage()
            default: throw error
            }
        }
        open.counted[key] = after
        if after > before { open.summary = nil }
    }

    /// Returns a test whether an event of the days before one had an id, by its hash.
    private func idsBefore(
        _ day: LogDay, in catalog: String, _ files: [DemandFolder.LogFile], _ known: inout CatalogCounts
    ) throws(StorageError) -> (UInt64) -> Bool {
        var summaries: [DaySummary] = []
        var sets: [Set<UInt64>] = []
        let oldest = day.advanced(by: 1 - keptDays)
        for earlier in Set(files.filter { $0.kind == .events && (oldest..<day).contains($0.day) }.map(\.day)) {
            let path = folder.countsPath(of: catalog, earlier)
            if let summary = known.closed[earlier] {
                summaries.append(summary)
            } else if try folder.files.exists(path), let summary = DaySummary(try folder.files.map(path)) {
                known.closed[earlier] = summary
                summaries.append(summary)
            } else if let ids = known.eventIDs[earlier] {
                sets.append(ids)
            } else {
                let ids = try eventIDs(of: files.filter { $0.day == earlier }, in: catalog)
                known.eventIDs[earlier] = ids
                sets.append(ids)
            }
        }
        return { [summaries, sets] hash in
            summaries.contains { $0.hasEvent(hash) } || sets.contains { $0.contains(hash) }
        }
    }

    /// Returns the hashes of the ids of a day's events.
    private func eventIDs(
        of files: [DemandFolder.LogFile], in catalog: String
    ) throws(StorageError) -> Set<UInt64> {
        var ids: Set<UInt64> = []
        var reader = JSONMembers()
        for file in files where file.kind == .events {
            do throws(StorageError) {
                _ = try lines(of: file, in: catalog, from: 0) { line in
                    if let id = (try? DemandEvent(logged: line, &reader))?.id { ids.insert(QueryID.hash(id)) }
                }
            } catch {
                switch error {
                case .corrupt, .truncated: continue
                default: throw error
                }
            }
        }
        return ids
    }

    /// Reads the whole lines of a file, which may be compressed in the meantime.
    private func lines(
        of file: DemandFolder.LogFile, in catalog: String, from offset: Int,
        _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) throws(StorageError) -> Int {
        do throws(StorageError) {
            return try folder.forEachLine(of: file, in: catalog, from: offset, body)
        } catch {
            guard case .missing = error else { throw error }
        }
        // A file without a whole line is removed instead.
        var compressed = file
        compressed.isCompressed = true
        do throws(StorageError) {
            return try folder.forEachLine(of: compressed, in: catalog, from: offset, body)
        } catch {
            if case .missing = error { return offset }
            throw error
        }
    }
}
