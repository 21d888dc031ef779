package import Segments

/// A term of an index within a few edits of a word.
package struct SimilarTerm: Sendable, Equatable {
    /// The term.
    package var term: String
    /// The edit distance: insertions, deletions, substitutions and transpositions of neighbors.
    package var edits: Int
    /// The number of documents of all segments that have the term; deleted ones count until their segment is merged.
    package var documentFrequency: Int
}

extension IndexReader {
    /// Returns the terms of a field that are at most `edits` (0 to 2) edits away from a word and share its first
    /// `prefix` characters, at most `limit`: the nearest first, then the most frequent, then by their bytes.
    ///
    /// A word of more than 60 characters has no similar terms. The dictionary is intersected with a Levenshtein
    /// automaton.
    ///
    /// ```swift
    /// let corrections = try reader.similarTerms("title", to: "serach", edits: 2, limit: 5)
    /// print(corrections.first?.term ?? "")  // "search"
    /// ```
    ///
    /// When the time of `limits` is over, the result has the terms that were found by then. Errors: `request` for a
    /// field that does not exist or has no terms, `corrupt`. Complexity: O(terms with the prefix) at worst; most are
    /// skipped.
    package func similarTerms(
        _ field: String, to word: String, edits: Int, prefix: Int = 1, limit: Int = 50,
        limits: SearchLimits = SearchLimits()
    ) throws(IndexError) -> [SimilarTerm] {
        let fuzzy = FuzzyTerm(word, edits: edits, prefix: prefix, limit: limit)
        return try similarTerms(field, to: fuzzy, SearchBudget(limits))
    }

    /// Returns the terms that a fuzzy query matches; those found by then when no time is left.
    func similarTerms(
        _ field: String, to fuzzy: FuzzyTerm, _ budget: SearchBudget
    ) throws(IndexError) -> [SimilarTerm] {
        let (word, edits, prefix, limit) = (fuzzy.word, fuzzy.edits, fuzzy.prefix, fuzzy.limit)
        let index = try indexedField(field).index
        guard limit > 0, var automaton = LevenshteinAutomaton(word, edits: edits) else { return [] }
        var sharedPrefix = ""
        sharedPrefix.unicodeScalars.append(contentsOf: word.unicodeScalars.prefix(max(prefix, 0)))
        // By bytes, because Swift compares canonically equivalent strings as equal.
        var matches: [[UInt8]: SimilarTerm] = [:]
        var countByEdits = Array(repeating: 0, count: edits + 1)
        for segment in segments where !budget.isLate() {
            guard let terms = try segment.terms(index) else { continue }
            let isIntact = terms.forEachTerm(
                automaton, beginning: Array(sharedPrefix.utf8), isOver: budget.isLate
            ) { bytes, state, info, current in
                let edits = current.distance(state) ?? 0
                let key = Array(bytes)
                if let existingIndex = matches.index(forKey: key) {
                    matches.values[existingIndex].documentFrequency += info.documentFrequency
                    return true
                }
                matches[key] = SimilarTerm(
                    term: String(decoding: bytes, as: UTF8.self), edits: edits,
                    documentFrequency: info.documentFrequency)
                // Once there are enough nearer terms, those with the most edits are no longer accepted.
                countByEdits[edits] += 1
                while current.edits > 0, countByEdits[..<current.edits].reduce(0, +) >= limit { current.edits -= 1 }
                automaton.edits = current.edits
                return true
            }
            if !isIntact { throw segment.corrupt(.termBlocks, index) }
        }
        let order = matches.values.sorted { a, b in
            if a.edits != b.edits { return a.edits < b.edits }
            if a.documentFrequency != b.documentFrequency { return a.documentFrequency > b.documentFrequency }
            return a.term.utf8.lexicographicallyPrecedes(b.term.utf8)
        }
        return Array(order.prefix(limit))
    }
}
