/// What a full check of an index found.
public struct CheckReport: Sendable {
    /// Sentences about what is wrong; none when all is well.
    public internal(set) var problems: [String] = []
    /// Segments that were read.
    public internal(set) var segments = 0
    /// Documents in them, deleted ones included.
    public internal(set) var documents = 0
    /// Documents of those that were deleted and wait for a merge.
    public internal(set) var deleted = 0
    /// Bytes that were read.
    public internal(set) var bytes = 0
    /// Terms that were decoded.
    public internal(set) var terms = 0
    /// Postings that were decoded.
    public internal(set) var postings = 0
    /// Documents whose stored values were compared with terms, positions, lengths and columns.
    public internal(set) var comparedDocuments = 0
    /// Changes in the write-ahead logs that no commit holds yet: the next writer brings them back.
    public internal(set) var uncommittedChanges = 0
}
