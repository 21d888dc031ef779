/// What was changed of a segment after it was written, as one view sees it: immutable.
///
/// Columns are numbered like the schema's fields; the one behind the last field holds the documents' versions.
final class SegmentChanges: Sendable {
    let deleted: DocumentSet
    /// Which documents are left; nil for all.
    let live: LiveDocuments?
    let columns: [Int: ColumnPatch]

    init(documents: Int, deleted: DocumentSet, columns: [Int: ColumnPatch]) {
        self.deleted = deleted
        live = deleted.count == 0 ? nil : LiveDocuments(documents: documents, deleted: deleted)
        self.columns = columns
    }

    var isEmpty: Bool { deleted.count == 0 && columns.isEmpty }
}

/// A number column of a segment with what was changed of it.
struct PatchedColumn {
    let column: NumberColumn?
    let patch: ColumnPatch?

    /// The sort key of a document's number; nil when it has none.
    @inline(__always)
    func key(_ document: Int) -> UInt64? {
        if let patch, let changed = patch.value(document) { return changed }
        return column?.key(document)
    }
}
