import Kernels
import Segments

/// The look-ups that the searches of one request share: terms with their infos in all segments, and the statistics of
/// fields that are scored as one.
///
/// A request searches the same words many times: it counts before it ranks. Not thread-safe: a memory belongs to one
/// request on one snapshot.
package final class SearchMemory {
    /// A term of a field, by a hash of its bytes.
    private struct TermKey: Hashable {
        let field: Int
        let hash: UInt64
    }

    /// The statistics of a list of fields.
    private struct CombinedEntry {
        let fields: [Query.WeightedField]
        let similarity: BM25
        let combined: CombinedFields
    }

    private var terms: [TermKey: (text: String, term: PreparedTerm)] = [:]
    private var combined: [CombinedEntry] = []
    /// The lists of fields that a query may combine, as far as they were checked.
    private var checked: [[Query.WeightedField]] = []

    /// False if terms are not remembered, which costs more than it saves in a single search.
    private let keepsTerms: Bool

    /// A memory without any look-ups, for the searches of one request.
    package init() { keepsTerms = true }

    /// A memory for a single search, which remembers the statistics of fields, but not its terms.
    private init(keepsTerms: Bool) { self.keepsTerms = keepsTerms }

    /// A new memory for a single search.
    static var single: SearchMemory { SearchMemory(keepsTerms: false) }

    /// Returns a term with its info in each segment. Errors: `corrupt`.
    ///
    /// Complexity: O(segments · log terms) for the first request of the term.
    func term(_ field: Int, _ text: String, _ reader: IndexReader) throws(IndexError) -> PreparedTerm {
        if !keepsTerms { return try PreparedTerm(field, text, reader) }
        var bytes = text
        let hash = bytes.withUTF8 { bytes in bytes.baseAddress.map { hash64($0, bytes.count) } ?? 0 }
        let key = TermKey(field: field, hash: hash)
        if let known = terms[key], known.text.utf8.elementsEqual(text.utf8) { return known.term }
        let term = try PreparedTerm(field, text, reader)
        terms[key] = (text, term)
        return term
    }

    /// Returns the statistics of several fields that are scored as one. Errors: `request` for fields that do not exist
    /// or have no terms.
    func combined(
        _ fields: [Query.WeightedField], _ reader: IndexReader, _ similarity: BM25
    ) throws(IndexError) -> CombinedFields {
        for known in combined where known.similarity == similarity && Self.areSame(known.fields, fields) {
            return known.combined
        }
        let statistics = try CombinedFields(fields, reader, similarity)
        combined.append(CombinedEntry(fields: fields, similarity: similarity, combined: statistics))
        return statistics
    }

    /// Calls `check` for a list of fields unless they have passed before.
    func check(
        _ fields: [Query.WeightedField], _ check: ([Query.WeightedField]) throws(IndexError) -> Void
    ) throws(IndexError) {
        if checked.contains(where: { Self.areSame($0, fields) }) { return }
        try check(fields)
        checked.append(fields)
    }

    /// True if two lists of fields are equal; one look if they share their memory, as those of one catalog do.
    private static func areSame(_ a: [Query.WeightedField], _ b: [Query.WeightedField]) -> Bool {
        a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in a.baseAddress == b.baseAddress && a.count == b.count }
        } || a == b
    }
}
