/// Counts one facet over all segments of a search. Exact always, unless time runs out.
protocol FacetCounter: AnyObject {
    /// The filter that does not count for it.
    var without: Int? { get }
    /// Counts the documents of a segment whose bits are set: `matched` of them. Bits behind the last document are 0.
    func count(
        _ bits: UnsafePointer<UInt64>, matched: Int, _ reader: IndexReader, _ number: Int, _ scratch: Scratch
    ) throws(IndexError)
    /// The counts, after the last segment. To be called once.
    func result(_ budget: SearchBudget, _ scratch: Scratch) throws(IndexError) -> FacetCounts
}
