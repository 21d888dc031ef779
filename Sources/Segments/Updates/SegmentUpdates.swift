/// The deletions and patched numbers of a segment since it was written, as one view sees them: immutable.
///
/// Columns are numbered like the schema's fields; the one after the last field holds the versions of the documents.
package final class SegmentUpdates: Sendable {
    /// The deleted documents.
    package let deleted: DocumentSet
    /// The bitmap of the documents that are not deleted; nil when all are live.
    let live: LiveDocuments?
    /// The patched values of the columns that have any.
    package let columns: [Int: ColumnPatch]

    /// Creates the updates of a segment of `documents` documents; `last` are earlier ones, of which nothing was
    /// restored since. Complexity: O(documents / 64), O(1) when no document was deleted since `last`.
    package init(documents: Int, deleted: DocumentSet, columns: [Int: ColumnPatch], after last: SegmentUpdates? = nil) {
        self.deleted = deleted
        if let last, last.deleted.count == deleted.count {
            live = last.live
        } else {
            live = deleted.count == 0 ? nil : LiveDocuments(documents: documents, deleted: deleted)
        }
        self.columns = columns
    }

    /// True if nothing was deleted or patched.
    package var isEmpty: Bool { deleted.count == 0 && columns.isEmpty }
}

/// A number column of a segment with its patched values laid over it.
package struct PatchedColumn {
    /// The column as written; nil when no document had a value.
    package let column: NumberColumn?
    /// The patched values; nil when there are none.
    package let patch: ColumnPatch?

    package init(column: NumberColumn?, patch: ColumnPatch?) {
        self.column = column
        self.patch = patch
    }

    /// Returns the sort key of a document's number; nil when it has none. Complexity: O(1).
    @inline(__always)
    package func key(_ document: Int) -> UInt64? {
        if let patch, let changed = patch.value(document) { return changed }
        return column?.key(document)
    }
}
