/// A segment of the index being written that has a file.
final class WrittenSegment {
    let reader: SegmentReader
    let changes: PendingChanges
    /// Whether the file survives power loss.
    var isDurable: Bool
    /// Whether a merge is reading it.
    var isMerging = false
    /// The newest file of its changes, and which state of them it holds.
    var saved: (revision: Int, description: ChangesDescription?)

    init(_ reader: SegmentReader, _ changes: PendingChanges, isDurable: Bool) {
        self.reader = reader
        self.changes = changes
        self.isDurable = isDurable
        saved = (changes.revision, reader.description.changes)
    }

    /// Documents that were not deleted.
    var documents: Int { reader.documents - changes.deleted.count }
}
