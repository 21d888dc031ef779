import Analyzer
import Indexer

/// What a word that stands in no text may have been meant to be.
struct Spelling {
    let group: SearchFields
    let reader: IndexReader

    /// Of candidates with the same edits, those are dropped that are this much rarer than the most frequent.
    private static let rarest = 0.05
    /// Candidates that are looked for together.
    private static let mostCandidates = 8
    /// The parts of a word that was written together.
    private static let shortestPart = 3

    /// Queries for what is spelt like a word of Latin letters, and for its parts if it was written together; none if
    /// nothing is near.
    ///
    /// Words of five letters may have one edit, those of nine two; the first letter is never one.
    func readings(of unit: QueryUnits.Unit) throws(IndexError) -> [Query] {
        guard let word = unit.latin else { return [] }
        let parts = try split(word)
        return try parts.isEmpty ? similar(unit.term, letters: word.utf8.count) : parts
    }

    private func similar(_ term: String, letters: Int) throws(IndexError) -> [Query] {
        guard letters >= 5 else { return [] }
        var candidates: [String: SimilarTerm] = [:]
        for field in group.words {
            for one in try reader.similarTerms(field.name, to: term, edits: letters >= 9 ? 2 : 1) {
                let known = candidates[one.term]?.documentFrequency ?? 0
                candidates[one.term] = one
                candidates[one.term]?.documentFrequency += known
            }
        }
        let words = candidates.values.filter { $0.term.utf8.allSatisfy { $0 &- 0x61 < 26 } }
        guard let least = words.map(\.edits).min() else { return [] }
        let nearest = words.filter { $0.edits == least }
        let most = nearest.map(\.documentFrequency).max() ?? 0
        let frequent = nearest.filter { Double($0.documentFrequency) >= Double(most) * Self.rarest }
            .sorted { ($1.documentFrequency, $0.term) < ($0.documentFrequency, $1.term) }.prefix(Self.mostCandidates)
        guard let likeliest = frequent.first else { return [] }
        // A rarer word would score more; it is the less likely to have been meant.
        let greatest = try reader.greatestScore(of: Query.combined(fields: group.words, likeliest.term))
        var queries: [Query] = []
        for one in frequent {
            let query = Query.combined(fields: group.words, one.term)
            let share = (Float(one.documentFrequency) / Float(max(most, 1))).squareRoot()
            let own = try reader.greatestScore(of: query)
            queries.append(.boosted(query, own > 0 ? share * greatest / own : share))
        }
        return queries
    }

    /// The ways to cut a word into two that stand next to each other in a text.
    private func split(_ word: String) throws(IndexError) -> [Query] {
        let letters = Array(word)
        guard letters.count >= 2 * Self.shortestPart else { return [] }
        var ways: [Query] = []
        for cut in Self.shortestPart...(letters.count - Self.shortestPart) {
            let text = String(letters[..<cut]) + " " + String(letters[cut...])
            let phrase = QueryUnits(text, group.analyzer, dropsStopWords: false).phrase
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
