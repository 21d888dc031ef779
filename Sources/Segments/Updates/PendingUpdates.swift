/// The deletions and patched numbers of a segment since it was written, in the writer's mutable copy.
///
/// Readers use immutable snapshots. Not thread-safe: only the writer's thread may use it.
package final class PendingUpdates {
    /// The deleted documents.
    package private(set) var deleted: DocumentSet
    /// Incremented by every update, so that an unchanged snapshot is recognized.
    package private(set) var revision = 0
    /// The patched values of each column.
    private var columns: [Int: ColumnPatch]
    /// The last snapshot, and what it was taken of.
    private var lastSnapshot: (revision: Int, documents: Int, updates: SegmentUpdates)?

    /// Creates a mutable copy of a segment's updates; empty for nil.
    package init(_ updates: SegmentUpdates? = nil) {
        deleted = updates?.deleted ?? DocumentSet()
        columns = updates?.columns ?? [:]
    }

    /// The number of patched documents of the column that has most of them.
    package var patched: Int { columns.values.reduce(0) { max($0, $1.count) } }

    /// Returns true if a document is deleted.
    package func isDeleted(_ document: Int) -> Bool { deleted.contains(document) }

    /// Deletes a document.
    package func delete(_ document: Int) {
        if deleted.insert(document) { revision += 1 }
    }

    /// Sets the sort key of a document in a column; nil removes the value.
    package func set(_ column: Int, _ document: Int, to key: UInt64?) {
        columns[column, default: ColumnPatch()].set(document, to: key)
        revision += 1
    }

    /// Returns the patched value of a document: nil when it was not patched, `.some(nil)` when the value was removed.
    package func value(_ column: Int, _ document: Int) -> UInt64?? { columns[column]?.value(document) }

    /// Returns the updates so far as an immutable view of a segment of `documents` documents.
    ///
    /// Complexity: O(columns) when no document was deleted since the last snapshot, else O(documents / 64).
    package func snapshot(documents: Int) -> SegmentUpdates {
        if let lastSnapshot, lastSnapshot.revision == revision, lastSnapshot.documents == documents {
            return lastSnapshot.updates
        }
        let last = lastSnapshot.flatMap { $0.documents == documents ? $0.updates : nil }
        let updates = SegmentUpdates(documents: documents, deleted: deleted, columns: columns, after: last)
        lastSnapshot = (revision, documents, updates)
        return updates
    }

    /// Repeats the updates of a merge's source since the merge began on the merged segment.
    ///
    /// `newDocument` maps a document of the source to its number in the merged segment; nil when it was deleted before.
    /// Complexity: O(documents / 64 + patched values of the chunks that changed).
    package func replay(_ source: PendingUpdates, since begin: SegmentUpdates, _ newDocument: (Int) -> Int?) {
        for document in source.deleted.added(since: begin.deleted) {
            if let target = newDocument(document) { delete(target) }
        }
        for (column, patch) in source.columns {
            patch.forEachChange(since: begin.columns[column] ?? ColumnPatch()) { document, key in
                if let target = newDocument(document) { set(column, target, to: key) }
            }
        }
    }
}
