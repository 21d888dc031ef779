import Indexer
import Kernels
package import Segments

/// The writer of one catalog. Thread-safe: any number of tasks may write at once.
///
/// Changes are durable when a call returns: they are in the log. Searches see them a short time later, or at once with
/// `refresh`; commits happen in the background.
///
/// ```swift
/// let collector = try writer.collector()
/// Array(#"{"id": "7", "title": "Seven"}"#.utf8).withUnsafeBufferPointer { collector.add(line: $0) }
/// let (results, failure) = await writer.write(collector.drain(), refresh: true)
/// ```
package final class CatalogWriter: ChangeTarget {
    /// The catalog's name.
    package let name: String
    let live: LiveIndex
    private let clock: @Sendable () -> ContinuousClock.Instant
    private let refreshed = Monitor<ContinuousClock.Instant?>(nil)
    private let use: Monitor<Calls>
    private let path: String

    /// The calls of a writer.
    private struct Calls: Sendable {
        /// The number of calls that run.
        var running = 0
        /// The end of the last call.
        var last: ContinuousClock.Instant
        /// True if it was closed because nobody used it.
        var isRetired = false
    }

    /// Opens a catalog for writing and recovers acknowledged changes that were not committed. `onEvent` may be called
    /// from any thread.
    ///
    /// Errors: `index(.storage(.locked))` if another process writes the catalog, `index` if it is corrupt.
    init(
        _ name: String, _ folder: IndexFolder, _ options: LiveOptions,
        clock: @escaping @Sendable () -> ContinuousClock.Instant, onEvent: @escaping @Sendable (LiveEvent) -> Void
    ) throws(CatalogError) {
        self.name = name
        self.clock = clock
        path = folder.path
        use = Monitor(Calls(last: clock()))
        live = try indexing { () throws(IndexError) in try LiveIndex(folder, options, onEvent: onEvent) }
    }

    /// The schema of the documents.
    package var schema: Schema { live.schema }
    /// The newest published snapshot of the catalog.
    package var view: IndexReader { live.view }

    /// True if the catalog has another schema now, or was not used for a while: every change is refused as `rebuilt`,
    /// and the catalog has to be opened again.
    var isOutdated: Bool {
        if use.withLock({ $0.isRetired }) { return true }
        return if case .rebuilt? = live.failure { true } else { false }
    }

    /// Retires the writer if it was not used since a time, and has no other generation to keep up. Returns true if
    /// the caller has to close it.
    func retire(unusedSince time: ContinuousClock.Instant) -> Bool {
        if live.standby != nil { return false }
        return use.withLock { use in
            guard use.running == 0, use.last < time, !use.isRetired else { return false }
            use.isRetired = true
            return true
        }
    }

    /// Records that a call begins. Errors: `index(.rebuilt)` after the writer was retired.
    func begin() throws(CatalogError) {
        let isRetired = use.withLock { use in
            if !use.isRetired { use.running += 1 }
            return use.isRetired
        }
        if isRetired { throw .index(.rebuilt(path: path)) }
    }

    /// Records that a call has ended.
    func end() {
        let now = clock()
        use.withLock { use in
            use.running -= 1
            use.last = now
        }
    }

    /// The time at which a change with `refresh` became visible last; nil if none did.
    var lastRefresh: ContinuousClock.Instant? { refreshed.withLock { $0 } }

    /// Writes changes: returns when they are durable, and with `refresh` also visible. The results are in the order of
    /// the changes. `failure` is the error that prevented all of them from being written, which their results repeat.
    package func write(
        _ changes: CollectedChanges, refresh: Bool
    ) async -> (results: [ChangeResult], failure: CatalogError?) {
        if changes.batch.count == 0, !refresh { return (changes.results(.success([])), nil) }
        do {
            return (changes.results(.success(try await write(changes.batch, refresh: refresh))), nil)
        } catch {
            return (changes.results(.failure(error)), error)
        }
    }

    /// Deletes a document. A `version` must be greater than that of the document, otherwise the result is `stale`.
    ///
    /// Errors: `index(.document)` for a key or version that is not valid, and the errors of writing, see
    /// `WriteFailure`.
    package func delete(_ id: String, version: Int?, refresh: Bool) async throws(CatalogError) -> ChangeResult {
        var batch = WriteBatch()
        try indexing { () throws(IndexError) in try batch.delete(key: id, version: version) }
        return ChangeResult(id: id, try await write(batch, refresh: refresh)[0])
    }

    /// Replaces members of a document: `json` is an object with the new values, null removes one. The other members
    /// stay as they are; if a text is replaced, they must be stored.
    ///
    /// Errors: `index(.document)` if the patch is not valid, and the errors of writing, see `WriteFailure`.
    package func patch(
        _ id: String, json: [UInt8], version: Int?, refresh: Bool
    ) async throws(CatalogError) -> ChangeResult {
        var batch = WriteBatch()
        var repairs = 0
        try indexing { () throws(IndexError) in
            var reader = try changeReader()
            try json.withUnsafeBufferPointer { bytes throws(IndexError) in
                try reader.readPatch(bytes, key: id, version: version, into: &batch)
            }
            repairs = reader.repairs
        }
        return ChangeResult(id: id, try await write(batch, refresh: refresh)[0], repaired: repairs)
    }

    /// A reader of changes for the catalog's schema.
    private func changeReader() throws(IndexError) -> ChangeReader {
        do { return try ChangeReader(live.schema) } catch { throw .document(problem: error.description) }
    }

    /// Submits a batch and waits for its outcomes, which are aligned with its changes.
    private func write(_ batch: WriteBatch, refresh: Bool) async throws(CatalogError) -> [WriteOutcome] {
        try begin()
        defer { end() }
        let result = await withCheckedContinuation { continuation in
            do throws(IndexError) {
                try live.submit(batch, refresh: refresh) { continuation.resume(returning: $0) }
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        if refresh { refreshed.withLock { $0 = clock() } }
        do throws(IndexError) { return try result.get() } catch { throw .index(error) }
    }

    /// Merges segments to at most a number, and returns how many there were and are. Blocks until that is committed.
    ///
    /// Errors: `index`.
    package func merge(to count: Int) throws(CatalogError) -> MergeResult {
        try begin()
        defer { end() }
        return try indexing { () throws(IndexError) in
            try live.refresh()
            let before = view.segments.count
            try live.merge(to: count)
            try live.refresh()
            return MergeResult(before: before, after: view.segments.count)
        }
    }

    /// Commits the remaining changes and releases the lock. Later writes fail with `stopped`.
    func close() throws(CatalogError) { try indexing { () throws(IndexError) in try live.close() } }
}

/// The numbers of segments before and after a merge.
package struct MergeResult: Codable, Sendable, Equatable {
    package var before: Int
    package var after: Int
}

extension MergeResult: JSONWritable {
    /// Writes an object.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("after", after)
            json.member("before", before)
        }
    }
}
