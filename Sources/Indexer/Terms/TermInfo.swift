/// What the dictionary knows of a term.
struct TermInfo: Equatable {
    /// Documents that have it.
    var documentFrequency = 0
    /// Times it stands in them.
    var totalFrequency = 0
    /// Where its postings begin in the postings section; without meaning for a single document.
    var postingsOffset = 0
    /// Where its positions begin in the positions section; without meaning for a single occurrence.
    var positionsOffset = 0
    /// The document, when there is only one.
    var singleDocument: UInt32 = 0
    /// The position, when there is only one occurrence.
    var singlePosition: UInt32 = 0
}
