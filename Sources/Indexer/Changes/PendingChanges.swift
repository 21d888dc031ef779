/// What was changed of a segment after it was written: the writer's own copy, which goes on changing.
final class PendingChanges {
    private(set) var deleted: DocumentSet
    /// Raised by every change, so that a snapshot is known to be up to date.
    private(set) var revision = 0
    private var settled: [Int: ColumnPatch]
    private var recent: [Int: [UInt32: UInt64?]] = [:]
    private var last: (revision: Int, documents: Int, changes: SegmentChanges)?

    /// Begins with what is known of a segment.
    init(_ changes: SegmentChanges? = nil) {
        deleted = changes?.deleted ?? DocumentSet()
        settled = changes?.columns ?? [:]
    }

    func isDeleted(_ document: Int) -> Bool { deleted.contains(document) }

    /// Deletes a document.
    func delete(_ document: Int) {
        if deleted.insert(document) { revision += 1 }
    }

    /// Gives a document another value in a column, or none.
    func set(_ column: Int, _ document: Int, to key: UInt64?) {
        recent[column, default: [:]].updateValue(key, forKey: UInt32(document))
        revision += 1
    }

    /// The changed value of a document; nil when it was not changed, `.some(nil)` when it was taken away.
    func value(_ column: Int, _ document: Int) -> UInt64?? {
        if let own = recent[column]?[UInt32(document)] { return .some(own) }
        return settled[column]?.value(document)
    }

    /// The changes so far of a segment of `documents`. Complexity: O(documents / 64 + changed values).
    func snapshot(documents: Int) -> SegmentChanges {
        if let last, last.revision == revision, last.documents == documents { return last.changes }
        for (column, values) in recent {
            settled[column] = (settled[column] ?? ColumnPatch()).merged(with: values)
        }
        recent = [:]
        let changes = SegmentChanges(documents: documents, deleted: deleted, columns: settled)
        last = (revision, documents, changes)
        return changes
    }

    /// Repeats on a merged segment what was changed of one of its sources since the merge began.
    ///
    /// `place` tells a source's document's number in the merged segment; nil when it was deleted before.
    func replay(_ source: PendingChanges, since begin: SegmentChanges, _ place: (Int) -> Int?) {
        for document in source.deleted.added(since: begin.deleted) {
            if let place = place(document) { delete(place) }
        }
        for (column, values) in source.recent {
            for (document, key) in values {
                if let place = place(Int(document)) { set(column, place, to: key) }
            }
        }
        for (column, patch) in source.settled {
            let before = begin.columns[column] ?? ColumnPatch()
            if patch == before { continue }
            for (document, key) in zip(patch.documents, patch.keys) where source.recent[column]?[document] == nil {
                if let old = before.value(Int(document)), old == key { continue }
                if let place = place(Int(document)) { set(column, place, to: key) }
            }
        }
    }
}
