/// The statistics of a term in a segment, and the locations of its postings list and positions.
public struct TermInfo: Equatable {
    /// The number of documents that have the term.
    package var documentFrequency = 0
    /// The number of occurrences in these documents; as many as documents in keyword fields.
    package var totalFrequency = 0
    /// The offset in bytes of the postings list in the postings section; meaningless for a single document.
    package var postingsOffset = 0
    /// The offset in bytes of the positions in the positions section; meaningless for a single occurrence.
    package var positionsOffset = 0
    /// The document, if there is only one: it has no postings list.
    package var singleDocument: UInt32 = 0
    /// The position, if there is only one occurrence.
    var singlePosition: UInt32 = 0
}
