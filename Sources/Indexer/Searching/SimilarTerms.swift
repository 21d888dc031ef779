/// A term of an index that is spelt almost like a word.
public struct SimilarTerm: Sendable, Equatable {
    /// The term.
    public var term: String
    /// Insertions, deletions, substitutions and exchanges of neighbours between the two.
    public var edits: Int
    /// Documents of all segments that have it.
    public var documentFrequency: Int
}

extension IndexReader {
    /// The terms of a field that are at most `edits` (0 to 2) edits away from a word and have its first `prefix`
    /// characters: nearest first, then the most frequent, at most `limit`.
    ///
    /// A word of over 60 characters has none. Errors: `request` for a field that is not there or does not have terms,
    /// `corrupt`. Complexity: O(terms with the prefix) at worst; most are leapt over.
    public func similarTerms(
        _ field: String, to word: String, edits: Int, prefix: Int = 1, limit: Int = 50
    ) throws(IndexError) -> [SimilarTerm] {
        let index = try indexedField(field).index
        guard limit > 0, var automaton = LevenshteinAutomaton(word, edits: edits) else { return [] }
        var beginning = ""
        beginning.unicodeScalars.append(contentsOf: word.unicodeScalars.prefix(max(prefix, 0)))
        // By bytes: Swift holds canonically equivalent texts for equal.
        var found: [[UInt8]: SimilarTerm] = [:]
        var foundByEdits = Array(repeating: 0, count: edits + 1)
        for segment in segments {
            guard let terms = try segment.terms(index) else { continue }
            let isIntact = terms.forEachTerm(automaton, beginning: Array(beginning.utf8)) { bytes, state, info, rest in
                let edits = rest.distance(state) ?? 0
                let key = Array(bytes)
                if let known = found.index(forKey: key) {
                    found.values[known].documentFrequency += info.documentFrequency
                    return true
                }
                found[key] = SimilarTerm(
                    term: String(decoding: bytes, as: UTF8.self), edits: edits,
                    documentFrequency: info.documentFrequency)
                // Once there are enough terms that are nearer, those with the most edits are of no use.
                foundByEdits[edits] += 1
                while rest.edits > 0, foundByEdits[..<rest.edits].reduce(0, +) >= limit { rest.edits -= 1 }
                automaton.edits = rest.edits
                return true
            }
            if !isIntact { throw segment.corrupt(.termBlocks, index, 0, "a block of terms cannot be decoded") }
        }
        let order = found.values.sorted { a, b in
            if a.edits != b.edits { return a.edits < b.edits }
            if a.documentFrequency != b.documentFrequency { return a.documentFrequency > b.documentFrequency }
            return a.term.utf8.lexicographicallyPrecedes(b.term.utf8)
        }
        return Array(order.prefix(limit))
    }
}
