import Segments

/// A segment with a file, of an index that is being written.
final class WrittenSegment {
    /// The reader of the file.
    let reader: SegmentReader
    /// The updates since it was written.
    let updates: PendingUpdates
    /// True if the file survives a power loss.
    var isDurable: Bool
    /// True while a merge reads it.
    var isMerging = false
    /// True if a merge found the file to be corrupt: it is searched, and merged no more.
    var isCorrupt = false
    /// The newest file of its updates, and the revision it holds.
    var saved: (revision: Int, description: UpdatesDescription?)

    /// Creates a segment whose updates, if any, are those that the manifest names.
    init(_ reader: SegmentReader, _ updates: PendingUpdates, isDurable: Bool) {
        self.reader = reader
        self.updates = updates
        self.isDurable = isDurable
        saved = (updates.revision, reader.description.changes)
    }

    /// True if it may be merged now.
    var mayMerge: Bool { !isMerging && !isCorrupt }

    /// The number of live documents.
    var documents: Int { reader.documents - updates.deleted.count }

    /// The properties of the segment that a merge policy considers.
    var candidate: MergePolicy.Candidate {
        MergePolicy.Candidate(
            bytes: reader.description.bytes, documents: reader.documents, live: documents, patched: updates.patched)
    }
}
