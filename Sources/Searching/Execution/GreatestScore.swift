package import Segments

extension IndexReader {
    /// Returns an upper bound of the score of any document: every clause matches as often as possible, in a text as
    /// short as possible.
    ///
    /// Errors: `request` for fields that do not exist or do not fit, `corrupt`.
    package func greatestScore(
        of query: Query, sharing memory: SearchMemory? = nil
    ) throws(IndexError) -> Float {
        var preparation = QueryPreparation(self, BM25(), SearchBudget(), memory ?? .single)
        return try PreparedQuery(query, &preparation, isScored: true).greatestScore
    }
}
