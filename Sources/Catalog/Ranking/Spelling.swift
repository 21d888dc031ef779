import Analyzer
import Indexer

/// What a word that stands in no text may have been meant to be.
struct Spelling {
    /// A word in the terms of one group of fields.
    struct Form {
        var group: SearchFields
        var term: String
    }

    /// A term of a group, by the number of its form, that is spelt like the word.
    private struct Candidate {
        var form: Int
        var similar: SimilarTerm
    }

    let reader: IndexReader

    /// Of candidates with the same edits, those are dropped that are this much rarer than the most frequent.
    private static let rarest = 0.05
    /// Candidates that are looked for together.
    private static let mostCandidates = 8
    /// The parts of a word that was written together.
    private static let shortestPart = 3
    /// Longer words are none.
    private static let longestWord = 60

    /// Queries for what is spelt like a word of Latin letters, in the terms of some groups of fields, and for its parts
    /// if it was written together; none if nothing is near.
    ///
    /// Words of five letters may have one edit, those of nine two; the first letter is never one.
    func readings(of word: String, _ forms: [Form]) throws(IndexError) -> [Query] {
        let letters = word.utf8.count
        guard letters <= Self.longestWord else { return [] }
        var parts: [Query] = []
        for form in forms { parts += try split(word, form.group) }
        return try parts.isEmpty ? similar(forms, edits: letters >= 9 ? 2 : letters >= 5 ? 1 : 0) : parts
    }

    private func similar(_ forms: [Form], edits: Int) throws(IndexError) -> [Query] {
        guard edits > 0 else { return [] }
        var words: [Candidate] = []
        for (number, form) in forms.enumerated() {
            for similar in try similarTerms(form, edits) where similar.term.utf8.allSatisfy({ $0 &- 0x61 < 26 }) {
                words.append(Candidate(form: number, similar: similar))
            }
        }
        guard let least = words.map(\.similar.edits).min() else { return [] }
        let nearest = words.filter { $0.similar.edits == least }
        let most = nearest.map(\.similar.documentFrequency).max() ?? 0
        let frequent = nearest.filter { Double($0.similar.documentFrequency) >= Double(most) * Self.rarest }
            .sorted { a, b in
                (b.similar.documentFrequency, a.similar.term, a.form)
                    < (a.similar.documentFrequency, b.similar.term, b.form)
            }
            .prefix(Self.mostCandidates)
        guard let likeliest = frequent.first else { return [] }
        func query(_ one: Candidate) -> Query {
            .combined(fields: forms[one.form].group.words, one.similar.term)
        }
        // A rarer word would score more; it is the less likely to have been meant.
        let greatest = try reader.greatestScore(of: query(likeliest))
        var queries: [Query] = []
        for one in frequent {
            let share = (Float(one.similar.documentFrequency) / Float(max(most, 1))).squareRoot()
            let own = try reader.greatestScore(of: query(one))
            queries.append(.boosted(query(one), own > 0 ? share * greatest / own : share))
        }
        return queries
    }

    /// The terms of a group that are near a word, each with its frequencies in all fields.
    private func similarTerms(_ form: Form, _ edits: Int) throws(IndexError) -> [SimilarTerm] {
        var known: [String: SimilarTerm] = [:]
        for field in form.group.words {
            for one in try reader.similarTerms(field.name, to: form.term, edits: edits) {
                let before = known[one.term]?.documentFrequency ?? 0
                known[one.term] = one
                known[one.term]?.documentFrequency += before
            }
        }
        return Array(known.values)
    }

    /// The ways to cut a word into two that stand next to each other in a text.
    private func split(_ word: String, _ group: SearchFields) throws(IndexError) -> [Query] {
        let letters = Array(word)
        guard letters.count >= 2 * Self.shortestPart else { return [] }
        var ways: [Query] = []
        for cut in Self.shortestPart...(letters.count - Self.shortestPart) {
            let text = String(letters[..<cut]) + " " + String(letters[cut...])
            let phrase = QueryUnits(text, group.analyzer).phrase.terms
            guard phrase.count == 2 else { continue }
            for field in group.words {
                var isThere = true
                for part in phrase where try reader.documentFrequency(field.name, part.term) == 0 { isThere = false }
                guard isThere else { continue }
                let query = Query.phrase(field: field.name, phrase)
                let search = Search(query, limit: 0)
                if try reader.search(search).total ?? 0 > 0 { ways.append(.boosted(query, field.weight)) }
            }
        }
        return ways
    }
}
