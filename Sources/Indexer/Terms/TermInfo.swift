/// What the dictionary knows of a term.
struct TermInfo: Equatable {
    /// Documents that have it.
    var documentFrequency: Int
    /// Times it stands in them.
    var totalFrequency: Int
    /// Where its postings begin in the postings section; without meaning for a single document.
    var postingsOffset: Int
    /// Where its positions begin in the positions section; without meaning for a single occurrence.
    var positionsOffset: Int
    /// The document, when there is only one.
    var singleDocument: UInt32
    /// The position, when there is only one occurrence.
    var singlePosition: UInt32
}
