import Segments

/// A counter of one facet over all segments of a search.
///
/// Call `count` for each segment in order and `result` at the end. Counts are exact unless the deadline passes. A
/// counter serves one search and is not thread-safe.
protocol FacetCounter: AnyObject {
    /// The index of the filter that is not applied for the facet; nil for none.
    var without: Int? { get }
    /// Counts the documents of a segment whose bits are set, `matched` in number. Bits after the last document are 0.
    ///
    /// Errors: `corrupt`.
    func count(
        _ bits: UnsafePointer<UInt64>, matched: Int, _ reader: IndexReader, _ segmentIndex: Int, _ scratch: Scratch
    ) throws(IndexError)
    /// The counts of all segments. To be called once; returns borrowed memory to the scratch.
    ///
    /// Errors: `corrupt`.
    func result(_ budget: SearchBudget, _ scratch: Scratch) throws(IndexError) -> FacetCounts
}
