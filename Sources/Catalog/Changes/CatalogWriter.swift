import Indexer
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
package final class CatalogWriter: Sendable {
    /// The catalog's name.
    package let name: String
    private let live: LiveIndex

    /// Opens a catalog for writing and recovers acknowledged changes that were not committed. `onEvent` may be called
    /// from any thread.
    ///
    /// Errors: `index(.storage(.locked))` if another process writes the catalog, `index` if it is corrupt.
    init(
        _ name: String, _ folder: IndexFolder, _ options: LiveOptions, onEvent: @escaping @Sendable (LiveEvent) -> Void
    ) throws(CatalogError) {
        self.name = name
        live = try indexing { () throws(IndexError) in try LiveIndex(folder, options, onEvent: onEvent) }
    }

    /// The schema of the documents.
    package var schema: Schema { live.schema }
    /// The newest published snapshot of the catalog.
    package var view: IndexReader { live.view }

    /// True if the catalog was built again with another schema while nothing could be written: every change is refused,
    /// and the catalog has to be opened again.
    var isOutdated: Bool {
        if case .rebuilt? = live.failure { true } else { false }
    }

    /// Returns a new collector for changes of this catalog.
    ///
    /// Errors: `input` if the schema cannot be read from JSON objects.
    package func collector() throws(CatalogError) -> ChangeCollector { try ChangeCollector(live.schema) }

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

    /// Replaces numbers of a document: `json` is an object with the new values, null removes one. The other members
    /// stay as they are.
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
        let result = await withCheckedContinuation { continuation in
            do throws(IndexError) {
                try live.submit(batch, refresh: refresh) { continuation.resume(returning: $0) }
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        do throws(IndexError) { return try result.get() } catch { throw .index(error) }
    }

    /// Commits the remaining changes and releases the lock. Later writes fail with `stopped`.
    func close() throws(CatalogError) { try indexing { () throws(IndexError) in try live.close() } }
}
