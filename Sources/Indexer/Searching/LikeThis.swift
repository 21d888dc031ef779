import Analyzer

extension IndexReader {
    /// A query for documents that are like one: that have some of the words which tell it apart, the document itself
    /// left out.
    ///
    /// Of the stored texts of some fields the `terms` that weigh most are looked for: weight is occurrences times
    /// rarity, and terms of fewer than `leastFrequency` documents, or of more than half of them, say nothing. Three of
    /// ten must match. `.none` when no word is left.
    ///
    /// Errors: `request` for fields that are no text or not stored, `corrupt`. Complexity: O(text + its terms · log
    /// terms).
    public func like(
        _ document: Int, fields: [String], terms: Int = 25, leastFrequency: Int = 2
    ) throws(IndexError) -> Query {
        let stored = try self.document(document)
        var weighed: [(weight: Float, field: String, term: String)] = []
        for name in fields {
            let (index, field) = try self.field(name)
            guard field.type == .text, let analyzer = schema.analyzer(field.analyzer),
                members.all[members.memberOfField[index]].stored
            else { throw .request(problem: "\"\(name)\" is no stored text; likeness needs one") }
            for (term, count) in Self.counts(stored[field.from], analyzer) {
                let frequency = try documentFrequency(index, term)
                guard frequency >= leastFrequency, frequency * 2 <= max(documents, 2) else { continue }
                let idf = BM25.idf(documentFrequency: frequency, documentCount: statistics[index].documentCount)
                weighed.append((Float(count) * idf, name, term))
            }
        }
        weighed.sort { a, b in
            if a.weight != b.weight { return a.weight > b.weight }
            return a.field != b.field ? a.field < b.field : a.term.utf8.lexicographicallyPrecedes(b.term.utf8)
        }
        let best = weighed.prefix(max(terms, 0))
        guard !best.isEmpty, case .text(let key)? = stored[members.all[members.key].name] else { return .none }
        return .boolean(
            .init(
                should: best.map { .term(field: $0.field, $0.term) }, mustNot: [.term(field: schema.key, key)],
                minimumShould: max(best.count * 3 / 10, 1)))
    }

    /// How often each term stands in a stored value.
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
