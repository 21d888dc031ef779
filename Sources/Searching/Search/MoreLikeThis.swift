import Analyzer
package import Segments

extension IndexReader {
    /// Returns a query for documents similar to a given one: those that share some of its characteristic terms, without
    /// the document itself.
    ///
    /// The stored texts of `fields` are analyzed again and the `terms` terms of the highest weight are searched; weight
    /// is occurrences times idf. Terms of fewer than `minFrequency` documents, or of more than half of the documents,
    /// are left out. 30 % of the terms, at least one, must match. Returns `.none` when no term is left. Terms that were
    /// not looked up when the time of `limits` is over are left out, too.
    ///
    /// ```swift
    /// let query = try reader.moreLikeThis(hit.document, fields: ["title", "body"])
    /// let similar = try reader.search(Search(query, limit: 5))
    /// ```
    ///
    /// `document` must be a document of the reader. Errors: `request` for fields that are not text or not stored,
    /// `corrupt`. Complexity: O(text + its terms · log terms).
    package func moreLikeThis(
        _ document: Int, fields: [String], terms: Int = 25, minFrequency: Int = 2, limits: SearchLimits = SearchLimits()
    ) throws(IndexError) -> Query {
        let budget = SearchBudget(limits)
        let stored = try self.document(document)
        var weighted: [(weight: Float, field: String, term: String)] = []
        for name in fields {
            let (index, field) = try self.field(name)
            guard field.type == .text, let analyzer = schema.analyzer(field.analyzer),
                members.all[members.memberOfField[index]].stored
            else { throw .request(problem: "\"\(name)\" is not a stored text field, which similar documents need") }
            if budget.isLate() { break }
            for (term, count) in Self.counts(stored[field.from], analyzer) where !budget.isLate() {
                let frequency = try documentFrequency(index, term)
                guard frequency >= minFrequency, frequency * 2 <= max(documents, 2) else { continue }
                let idf = BM25.idf(documentFrequency: frequency, documentCount: statistics[index].documentCount)
                weighted.append((Float(count) * idf, name, term))
            }
        }
        weighted.sort { a, b in
            if a.weight != b.weight { return a.weight > b.weight }
            return a.field != b.field ? a.field < b.field : a.term.utf8.lexicographicallyPrecedes(b.term.utf8)
        }
        let best = weighted.prefix(max(terms, 0))
        guard !best.isEmpty, case .text(let key)? = stored[members.all[members.key].name] else { return .none }
        return .boolean(
            .init(
                should: best.map { .term(field: $0.field, $0.term) }, mustNot: [.term(field: schema.key, key)],
                minimumShould: max(best.count * 3 / 10, 1)))
    }

    /// The terms of a stored value, or of a list of them, with their numbers of occurrences; in no particular order.
    private static func counts(_ value: StoredValue?, _ analyzer: TextAnalyzer) -> [(String, Int)] {
        var tokens = TokenBuffer()
        var counts: [[UInt8]: Int] = [:]
        func count(_ value: StoredValue?) {
            switch value {
            case .text(let text)?:
                analyzer.analyze(text, into: &tokens)
                for token in 0..<tokens.count { counts[Array(tokens.term(token)), default: 0] += 1 }
            case .list(let values)?: for value in values { count(value) }
            default: break
            }
        }
        count(value)
        return counts.map { (String(decoding: $0.key, as: UTF8.self), $0.value) }
    }
}
