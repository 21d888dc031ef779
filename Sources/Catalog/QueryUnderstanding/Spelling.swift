import Searching
import Segments

/// Spelling correction of unknown Latin-script terms, by the terms of the index.
///
/// Similar terms are found by edit distance in the term dictionary; a word that was written together is divided.
struct Spelling {
    /// A word as the analyzer of one group of fields writes it.
    struct Form {
        /// The group of fields.
        var group: SearchFields
        /// The term of the word in these fields.
        var term: String
    }

    /// A similar term of a group; `form` is the index of the form.
    private struct Candidate {
        var form: Int
        var similar: SimilarTerm
    }

    /// The index whose terms are candidates.
    let reader: IndexReader

    /// The minimum document frequency of a candidate, as a share of the most frequent one with the same edits.
    private static let minFrequencyShare = 0.05
    /// The maximum number of candidates that are searched together.
    private static let maxCandidates = 8
    /// The minimum length of the two parts of a word that was written together, in letters.
    private static let minPartLength = 3
    /// The maximum length of a word, in letters.
    private static let maxWordLength = 60

    /// Returns queries for the two parts of a word if it was written together, or else for the similar terms, in some
    /// groups of fields. Empty if the index has neither.
    ///
    /// Words of five letters or more may have one edit, of nine or more two; the first letter is never edited.
    /// Errors: `corrupt`.
    func rewrites(of word: String, _ forms: [Form]) throws(IndexError) -> [Query] {
        let letters = word.utf8.count
        guard letters <= Self.maxWordLength else { return [] }
        var parts: [Query] = []
        for form in forms { parts += try split(word, form.group) }
        return try parts.isEmpty ? similar(forms, edits: letters >= 9 ? 2 : letters >= 5 ? 1 : 0) : parts
    }

    /// Queries for the most frequent of the nearest terms, weighted by their frequency.
    private func similar(_ forms: [Form], edits: Int) throws(IndexError) -> [Query] {
        guard edits > 0 else { return [] }
        var candidates: [Candidate] = []
        for (formIndex, form) in forms.enumerated() {
            for similar in try similarTerms(form, edits) where similar.term.utf8.allSatisfy({ $0 &- 0x61 < 26 }) {
                candidates.append(Candidate(form: formIndex, similar: similar))
            }
        }
        guard let minEdits = candidates.map(\.similar.edits).min() else { return [] }
        let nearest = candidates.filter { $0.similar.edits == minEdits }
        let maxFrequency = nearest.map(\.similar.documentFrequency).max() ?? 0
        let minFrequency = Double(maxFrequency) * Self.minFrequencyShare
        let frequent = nearest.filter { Double($0.similar.documentFrequency) >= minFrequency }
            .sorted { a, b in
                (b.similar.documentFrequency, a.similar.term, a.form)
                    < (a.similar.documentFrequency, b.similar.term, b.form)
            }
            .prefix(Self.maxCandidates)
        guard let likeliest = frequent.first else { return [] }
        func query(_ candidate: Candidate) -> Query {
            .combined(fields: forms[candidate.form].group.words, candidate.similar.term)
        }
        // A rarer term would score higher although it is less likely to be meant: all are scaled to the likeliest.
        let likeliestScore = try reader.greatestScore(of: query(likeliest))
        var queries: [Query] = []
        for candidate in frequent {
            let share = (Float(candidate.similar.documentFrequency) / Float(max(maxFrequency, 1))).squareRoot()
            let score = try reader.greatestScore(of: query(candidate))
            queries.append(.boosted(query(candidate), score > 0 ? share * likeliestScore / score : share))
        }
        return queries
    }

    /// The terms of a group within some edits of a word, each with the sum of its frequencies in all fields.
    private func similarTerms(_ form: Form, _ edits: Int) throws(IndexError) -> [SimilarTerm] {
        var terms: [String: SimilarTerm] = [:]
        for field in form.group.words {
            for similar in try reader.similarTerms(field.name, to: form.term, edits: edits) {
                let frequencyBefore = terms[similar.term]?.documentFrequency ?? 0
                terms[similar.term] = similar
                terms[similar.term]?.documentFrequency += frequencyBefore
            }
        }
        return Array(terms.values)
    }

    /// Queries for the divisions of a word into two that occur as a phrase in a text.
    private func split(_ word: String, _ group: SearchFields) throws(IndexError) -> [Query] {
        let letters = Array(word)
        guard letters.count >= 2 * Self.minPartLength else { return [] }
        var divisions: [Query] = []
        for cut in Self.minPartLength...(letters.count - Self.minPartLength) {
            let text = String(letters[..<cut]) + " " + String(letters[cut...])
            let phrase = AnalyzedQuery(text, group.analyzer).phrase.terms
            guard phrase.count == 2 else { continue }
            for field in group.words {
                var occur = true
                for part in phrase where try reader.documentFrequency(field.name, part.term) == 0 { occur = false }
                guard occur else { continue }
                let query = Query.phrase(field: field.name, phrase)
                let search = Search(query, limit: 0)
                if try reader.search(search).total ?? 0 > 0 { divisions.append(.boosted(query, field.weight)) }
            }
        }
        return divisions
    }
}
