/// The deletions and patched numbers of a segment since it was written, in the writer's mutable copy.
///
/// Readers use immutable snapshots. Not thread-safe: only the writer's thread may use it.
package final class PendingUpdates {
    /// The deleted documents.
    package private(set) var deleted: DocumentSet
    /// Incremented by every update, so that an unchanged snapshot is recognized.
    package private(set) var revision = 0
    /// The patched values of each column up to the last snapshot.
    private var settled: [Int: ColumnPatch]
    /// The patched values since then, by column and document.
    private var recent: [Int: [UInt32: UInt64?]] = [:]
    /// The last snapshot, and what it was taken of.
    private var lastSnapshot: (revision: Int, documents: Int, updates: SegmentUpdates)?

    /// Creates a mutable copy of a segment's updates; empty for nil.
    package init(_ updates: SegmentUpdates? = nil) {
        deleted = updates?.deleted ?? DocumentSet()
        settled = updates?.columns ?? [:]
    }

    /// Returns true if a document is deleted.
    package func isDeleted(_ document: Int) -> Bool { deleted.contains(document) }

    /// Deletes a document.
    package func delete(_ document: Int) {
        if deleted.insert(document) { revision += 1 }
    }

    /// Sets the sort key of a document in a column; nil removes the value.
    package func set(_ column: Int, _ document: Int, to key: UInt64?) {
        recent[column, default: [:]].updateValue(key, forKey: UInt32(document))
        revision += 1
    }

    /// Returns the patched value of a document: nil when it was not patched, `.some(nil)` when the value was removed.
    package func value(_ column: Int, _ document: Int) -> UInt64?? {
        if let recentKey = recent[column]?[UInt32(document)] { return .some(recentKey) }
        return settled[column]?.value(document)
    }

    /// Returns the updates so far as an immutable view of a segment of `documents` documents.
    ///
    /// Complexity: O(documents / 64 + patched values); O(1) when nothing was updated since the last snapshot.
    package func snapshot(documents: Int) -> SegmentUpdates {
        if let lastSnapshot, lastSnapshot.revision == revision, lastSnapshot.documents == documents {
            return lastSnapshot.updates
        }
        for (column, values) in recent {
            settled[column] = (settled[column] ?? ColumnPatch()).merged(with: values)
        }
        recent = [:]
        let updates = SegmentUpdates(documents: documents, deleted: deleted, columns: settled)
        lastSnapshot = (revision, documents, updates)
        return updates
    }

    /// Repeats the updates of a merge's source since the merge began on the merged segment.
    ///
    /// `newDocument` maps a document of the source to its number in the merged segment; nil when it was deleted before.
    /// Complexity: O(deleted / 64 + patched values).
    package func replay(_ source: PendingUpdates, since begin: SegmentUpdates, _ newDocument: (Int) -> Int?) {
        for document in source.deleted.added(since: begin.deleted) {
            if let target = newDocument(document) { delete(target) }
        }
        for (column, values) in source.recent {
            for (document, key) in values {
                if let target = newDocument(Int(document)) { set(column, target, to: key) }
            }
        }
        for (column, patch) in source.settled {
            let before = begin.columns[column] ?? ColumnPatch()
            if patch == before { continue }
            for (document, key) in zip(patch.documents, patch.keys) where source.recent[column]?[document] == nil {
                if let oldKey = before.value(Int(document)), oldKey == key { continue }
                if let target = newDocument(Int(document)) { set(column, target, to: key) }
            }
        }
    }
}
