package import Segments

extension IndexReader {
    /// Returns the number of documents, over all segments, that have a term in a field. Deleted documents count until
    /// their segment is merged.
    ///
    /// Errors: `request` for a field that does not exist or has no terms, `corrupt`. Complexity: O(log terms) a
    /// segment.
    package func documentFrequency(_ field: String, _ term: String) throws(IndexError) -> Int {
        try documentFrequency(try indexedField(field).index, term)
    }

    /// Returns the number of documents, over all segments, that have a term in the field of that index.
    func documentFrequency(_ field: Int, _ term: String) throws(IndexError) -> Int {
        var sum = 0
        for segment in segments { sum += try segment.find(field, term)?.documentFrequency ?? 0 }
        return sum
    }
}
