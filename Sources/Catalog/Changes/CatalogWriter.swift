public import Indexer

/// Writes the changes of one catalog: any number of requests at once.
public final class CatalogWriter: Sendable {
    /// The catalog's name.
    public let name: String
    private let live: LiveIndex

    /// Opens a catalog for writing, and brings back what was acknowledged and not committed.
    ///
    /// Errors: `index(.storage(.locked))` when another process writes it.
    init(
        _ name: String, _ folder: IndexFolder, _ options: LiveOptions, onEvent: @escaping @Sendable (LiveEvent) -> Void
    ) throws(CatalogError) {
        self.name = name
        live = try indexing { () throws(IndexError) in try LiveIndex(folder, options, onEvent: onEvent) }
    }

    /// The schema of the documents.
    public var schema: Schema { live.schema }
    /// The catalog as it is seen now.
    public var view: IndexReader { live.view }

    /// A collector of changes to this catalog.
    public func collector() throws(CatalogError) -> ChangeCollector { try ChangeCollector(live.schema) }

    /// Makes changes durable, and with `refresh` visible; answers what became of each. `failure` is what kept all of
    /// them from being written, if anything did.
    public func write(
        _ changes: CollectedChanges, refresh: Bool
    ) async -> (results: [ChangeResult], failure: CatalogError?) {
        if changes.batch.count == 0, !refresh { return (changes.results(.success([])), nil) }
        do {
            return (changes.results(.success(try await write(changes.batch, refresh: refresh))), nil)
        } catch {
            return (changes.results(.failure(error)), error)
        }
    }

    /// Deletes a document.
    public func delete(_ id: String, version: Int?, refresh: Bool) async throws(CatalogError) -> ChangeResult {
        var batch = WriteBatch()
        do throws(IndexError) { try batch.delete(key: id, version: version) } catch { throw .index(error) }
        return ChangeResult(id: id, try await write(batch, refresh: refresh)[0])
    }

    /// Gives numbers of a document other values: `json` is an object of them, null takes one away.
    public func patch(
        _ id: String, json: [UInt8], version: Int?, refresh: Bool
    ) async throws(CatalogError) -> ChangeResult {
        var batch = WriteBatch()
        do throws(IndexError) {
            var reader = try changeReader()
            try json.withUnsafeBufferPointer { bytes throws(IndexError) in
                try reader.readPatch(bytes, key: id, version: version, into: &batch)
            }
        } catch {
            throw .index(error)
        }
        return ChangeResult(id: id, try await write(batch, refresh: refresh)[0])
    }

    private func changeReader() throws(IndexError) -> ChangeReader {
        do { return try ChangeReader(live.schema) } catch { throw .document(problem: error.description) }
    }

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

    /// Commits what is left and ends.
    func close() throws(CatalogError) { try indexing { () throws(IndexError) in try live.close() } }
}
