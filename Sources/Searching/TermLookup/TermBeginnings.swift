import Analyzer
package import Segments

extension IndexReader {
    /// Returns true if a term of a field begins with a text. Terms of deleted documents count until their segment is
    /// merged.
    ///
    /// Errors: `request` for a field that does not exist or has no terms, `corrupt`. Complexity: O(log terms) a
    /// segment.
    package func hasTerm(_ field: String, beginning prefix: String) throws(IndexError) -> Bool {
        let (index, type) = try indexedField(field)
        let bytes = Array(prefix.utf8)
        if type == .vocabulary, let term = VocabularyTerms.term(prefix: bytes) {
            return try documentFrequency(index, String(decoding: term, as: UTF8.self)) > 0
        }
        for (segmentIndex, segment) in segments.enumerated() {
            guard let terms = try segment.terms(index) else { continue }
            if try SegmentTerms(segmentIndex, segment, index, terms, prefix: bytes).step() { return true }
        }
        return false
    }
}
