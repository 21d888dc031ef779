import Foundation
package import Searching
package import Segments

/// The oracle of the engine: an index that evaluates a search document by document, in the plainest code that
/// implements the documentation of `Query`, `Search` and `BM25`. The engine's results must be equal to its results.
package struct NaiveIndex: Sendable {
    /// The documents; their indexes are their ids.
    package let documents: [NaiveDocument]
    private let textFields: Set<String>
    /// Per field, term and document, the positions of the term.
    private var positions: [String: [TermBytes: [Int: [Int]]]] = [:]
    /// Per field and document, the number of positions with a token.
    private var lengths: [String: [Int]] = [:]
    /// Per field, the number of tokens.
    private var tokenCounts: [String: Int] = [:]

    /// An index of `documents`; fields that are not among `textFields` are keyword or number fields.
    package init(_ documents: [NaiveDocument], textFields: Set<String>) {
        self.documents = documents
        self.textFields = textFields
        for (number, document) in documents.enumerated() {
            for (field, tokens) in document.tokens {
                for token in tokens {
                    positions[field, default: [:]][token.term, default: [:]][number, default: []].append(token.position)
                }
                lengths[field, default: Array(repeating: 0, count: documents.count)][number] =
                    Set(tokens.map(\.position)).count
                tokenCounts[field, default: 0] += tokens.count
            }
            for (field, values) in document.keywords {
                for value in values where !value.isEmpty {
                    positions[field, default: [:]][value, default: [:]][number] = [0]
                }
            }
        }
    }

    /// The terms of a field, ordered by their bytes.
    package func terms(_ field: String) -> [TermBytes] {
        (positions[field] ?? [:]).keys.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// Runs a search.
    package func search(_ search: Search) -> NaiveResult {
        result(of: search, scores(search.query, search.similarity))
    }

    /// The documents that match a query, with their scores.
    package func scores(_ query: Query, _ similarity: BM25 = BM25()) -> [Int: Float] {
        matches(query, boost: 1, NaiveScoring(k1: similarity.k1, b: similarity.b))
    }

    /// The result of a search whose matches and scores are known. Documents in `deleted` are neither hits nor counted,
    /// but still contribute to the statistics behind the scores.
    package func result(of search: Search, _ scores: [Int: Float], without deleted: Set<Int> = []) -> NaiveResult {
        let filters = search.filters.map { Set(self.scores($0).keys) }
        let beyond = Set(search.beyond.map { self.scores($0).keys.filter { !deleted.contains($0) } } ?? [])
        let matching = scores.keys.filter { !deleted.contains($0) && !beyond.contains($0) }.sorted()
        func filtered(without omitted: Int?) -> [Int] {
            matching.filter { document in
                filters.indices.allSatisfy { $0 == omitted || filters[$0].contains(document) }
            }
        }
        let matches = filtered(without: nil)
        var hits: [NaiveResult.Hit]
        switch search.order {
        case .score:
            hits = matches.map { NaiveResult.Hit(document: $0, score: scores[$0] ?? 0) }
            hits.sort { $0.score != $1.score ? $0.score > $1.score : $0.document < $1.document }
        case .fields(let fields):
            hits = matches.map { document in
                let score = scores[document] ?? 0
                let hasScore = fields.contains { $0.origin == .score }
                let values = fields.map { NaiveOrder.value(documents[document], $0, score: score) }
                return NaiveResult.Hit(document: document, score: hasScore ? score : 0, sort: values)
            }
            hits.sort { NaiveOrder.precedes(($0.sort, $0.document), ($1.sort, $1.document), fields) }
        }
        var groups: Int?
        if let field = search.collapse, search.limit > 0 {
            let earlier = beyond.filter { document in filters.allSatisfy { $0.contains(document) } }
            hits = collapsed(hits, by: field, beyond: earlier)
            groups = hits.count
        }
        if let after = search.after {
            hits = hits.filter { hit in
                if case .fields(let fields) = search.order {
                    return NaiveOrder.precedes((after.values, after.document), (hit.sort, hit.document), fields)
                }
                return NaiveOrder.precedes(
                    (after.values, after.document), ([.score(hit.score)], hit.document), [.score])
            }
        }
        return NaiveResult(
            total: search.countsMatches ? matches.count : nil, hits: Array(hits.prefix(search.limit)),
            facets: search.facets.map { NaiveFacets.count($0, filtered(without: $0.without).map { documents[$0] }) },
            groups: groups)
    }

    /// The first of the hits with each value that none of the documents `beyond` has, with the number of these; `hits`
    /// are in order.
    private func collapsed(
        _ hits: [NaiveResult.Hit], by field: String, beyond earlier: Set<Int>
    ) -> [NaiveResult.Hit] {
        func value(_ document: Int) -> TermBytes? {
            (documents[document].keywords[field] ?? []).filter { !$0.isEmpty }
                .min { $0.lexicographicallyPrecedes($1) }
        }
        var sizes: [TermBytes: Int] = [:]
        for hit in hits { if let value = value(hit.document) { sizes[value, default: 0] += 1 } }
        var seen = Set(earlier.compactMap(value))
        return hits.compactMap { hit in
            guard let value = value(hit.document) else { return hit }
            guard seen.insert(value).inserted else { return nil }
            var first = hit
            first.groupSize = sizes[value]
            return first
        }
    }

    // MARK: - Matching

    /// The documents that match a query whose scores are multiplied by `boost`, with their scores.
    private func matches(_ query: Query, boost: Float, _ scoring: NaiveScoring) -> [Int: Float] {
        switch query {
        case .all: return Dictionary(uniqueKeysWithValues: documents.indices.map { ($0, boost) })
        case .none: return [:]
        case .documents(let listed):
            let scores = listed.filter { documents.indices.contains($0.document) }.map {
                ($0.document, $0.score * boost)
            }
            return Dictionary(scores, uniquingKeysWith: max)
        case .boosted(let inner, let factor): return matches(inner, boost: boost * factor, scoring)
        case .term(let field, let term):
            return score(occurrences(field, Array(term.utf8)), field, boost, [Array(term.utf8)], scoring)
        case .phrase(let field, let terms):
            let parts = terms.map { (term: Array($0.term.utf8), position: $0.position) }
            return score(phrase(field, parts), field, boost, parts.map(\.term), scoring)
        case .boolean(let boolean): return combine(boolean, boost, scoring)
        case .constant(let inner, let score): return matches(inner, boost: 1, scoring).mapValues { _ in boost * score }
        case .disjunctionMax(let queries, let tieBreaker):
            return disjunctionMax(queries.map { matches($0, boost: boost, scoring) }, Double(tieBreaker))
        case .combined(let fields, let term): return combined(fields, Array(term.utf8), boost, scoring)
        case .range(let field, let range):
            return constant(boost) { document in
                if let number = document.numbers[field] { return NaiveValues.contains(range, number) }
                return (document.keywords[field] ?? []).contains { !$0.isEmpty && NaiveValues.contains(range, $0) }
            }
        case .exists(let field):
            return constant(boost) { document in
                document.numbers[field] != nil || !(document.tokens[field] ?? []).isEmpty
                    || (document.keywords[field] ?? []).contains { !$0.isEmpty }
            }
        case .pattern(let field, let pattern):
            let selected = NaiveValues.terms(terms(field), pattern)
            let matches = Set(selected.flatMap { occurrences(field, $0).keys })
            return Dictionary(uniqueKeysWithValues: matches.map { ($0, boost) })
        case .sloppyPhrase(let field, let phrase): return sloppyPhrase(field, phrase, boost, scoring)
        case .functionScore(let inner, let functions):
            let products = functions.map { factors($0, scoring) }
            return matches(inner, boost: boost, scoring).reduce(into: [:]) { result, hit in
                var product = 1.0
                for function in products { product *= function(hit.key) }
                result[hit.key] = Float(Double(hit.value) * min(product, 1e6))
            }
        case .fuzzy(let field, let fuzzy): return self.fuzzy(field, fuzzy, boost, scoring)
        }
    }

    /// The documents of a sloppy phrase: all assignments of tokens to places are tried.
    private func sloppyPhrase(
        _ field: String, _ phrase: SloppyPhrase, _ boost: Float, _ scoring: NaiveScoring
    ) -> [Int: Float] {
        let places = phrase.places.enumerated().sorted {
            ($0.element.position, $0.offset) < ($1.element.position, $1.offset)
        }.map { (terms: Set($0.element.terms.map { Array($0.utf8) }), position: $0.element.position) }
        guard let lengths = lengths[field], !places.isEmpty else { return [:] }
        let count = lengths.count { $0 > 0 }
        let idfs = phrase.places.map { place in
            Set(place.terms.map { Array($0.utf8) }).map { Double(scoring.idf(occurrences(field, $0).count, of: count)) }
                .min() ?? 0
        }
        let weight = boost * Float(idfs.reduce(0, +))
        var scores: [Int: Float] = [:]
        for document in documents.indices {
            let tokens = places.map { place in
                place.terms.flatMap { occurrences(field, $0)[document] ?? [] }.map { ($0, $0 - place.position) }
            }
            if tokens.contains(where: \.isEmpty) { continue }
            var narrowest: [Int: Int] = [:]
            func choose(_ place: Int, _ chosen: [Int], _ first: Int, _ last: Int) {
                if last - first > phrase.slop, place > 0 { return }
                if place == places.count {
                    narrowest[first] = min(narrowest[first] ?? .max, last - first)
                    return
                }
                for (position, start) in tokens[place] {
                    let isTaken = (0..<place).contains {
                        places[$0].terms == places[place].terms && chosen[$0] >= position
                    }
                    if isTaken { continue }
                    choose(place + 1, chosen + [position], min(first, start), max(last, start))
                }
            }
            choose(0, [], .max / 2, .min / 2)
            if narrowest.isEmpty { continue }
            var sum = 0.0
            for (_, span) in narrowest.sorted(by: { $0.key < $1.key }) { sum += 1 / Double(1 + span) }
            scores[document] = scoring.score(
                weight, frequency: Float(sum), length: lengths[document], tokens: tokenCounts[field] ?? 0,
                documents: count)
        }
        return scores
    }

    /// The factor of a score function for each document.
    private func factors(_ function: ScoreFunction, _ scoring: NaiveScoring) -> (Int) -> Double {
        switch function {
        case .weight(let weight, let query):
            let matches = matches(query, boost: 1, scoring)
            return { matches[$0] != nil ? weight : 1 }
        case .popularity(let popularity):
            return { naiveFactor(popularity, documents[$0]) }
        }
    }

    /// The documents that satisfy a condition, all with the same score.
    private func constant(_ score: Float, _ isMatch: (NaiveDocument) -> Bool) -> [Int: Float] {
        let matches = documents.indices.filter { isMatch(documents[$0]) }
        return Dictionary(uniqueKeysWithValues: matches.map { ($0, score) })
    }

    /// The documents that have a term within a few edits of a word.
    private func fuzzy(_ field: String, _ fuzzy: FuzzyTerm, _ boost: Float, _ scoring: NaiveScoring) -> [Int: Float] {
        let word = Array(fuzzy.word.unicodeScalars)
        let similar = terms(field).compactMap { term -> (term: TermBytes, edits: Int, length: Int)? in
            let other = Array(String(decoding: term, as: UTF8.self).unicodeScalars)
            guard other.starts(with: word.prefix(fuzzy.prefix)) else { return nil }
            let edits = NaiveValues.edits(word, other)
            return edits <= fuzzy.edits ? (term, edits, min(word.count, other.count)) : nil
        }
        let nearest = similar.sorted { a, b in
            let (x, y) = (occurrences(field, a.term).count, occurrences(field, b.term).count)
            return a.edits != b.edits ? a.edits < b.edits : x != y ? x > y : a.term.lexicographicallyPrecedes(b.term)
        }.prefix(fuzzy.limit)
        let frequency = nearest.map { occurrences(field, $0.term).count }.max() ?? 0
        let count = (lengths[field] ?? []).count { $0 > 0 }
        let idf = scoring.idf(frequency, of: count)
        var sums: [Int: Double] = [:]
        for match in nearest where match.edits < match.length {
            let weight = boost * (1 - Float(match.edits) / Float(match.length)) * idf
            for (document, positions) in occurrences(field, match.term) {
                let score: Float =
                    textFields.contains(field)
                    ? scoring.score(
                        weight, frequency: positions.count, length: lengths[field]?[document] ?? 0,
                        tokens: tokenCounts[field] ?? 0, documents: count) : 0
                sums[document, default: 0] += Double(score)
            }
        }
        return sums.mapValues { Float($0) }
    }

    /// The best score of several clauses plus a share of the others.
    private func disjunctionMax(_ clauses: [[Int: Float]], _ tieBreaker: Double) -> [Int: Float] {
        if clauses.count == 1 { return clauses[0] }
        var result: [Int: Float] = [:]
        for document in documents.indices {
            let scores = clauses.compactMap { $0[document] }.map(Double.init)
            guard let best = scores.max() else { continue }
            result[document] = Float(best + tieBreaker * (scores.reduce(0, +) - best))
        }
        return result
    }

    /// BM25F in double precision.
    private func combined(
        _ fields: [Query.WeightedField], _ term: TermBytes, _ boost: Float, _ scoring: NaiveScoring
    ) -> [Int: Float] {
        let lengths = fields.map { self.lengths[$0.name] ?? Array(repeating: 0, count: documents.count) }
        let occurrencesByField = fields.map { occurrences($0.name, term) }
        let count = lengths.map { $0.count { $0 > 0 } }.max() ?? 0
        let tokens = fields.reduce(0.0) { $0 + Double($1.weight) * Double(tokenCounts[$1.name] ?? 0) }
        let weight = Double(boost * scoring.idf(occurrencesByField.map(\.count).max() ?? 0, of: count))
        var result: [Int: Float] = [:]
        for document in documents.indices where occurrencesByField.contains(where: { $0[document] != nil }) {
            var (occurrences, length) = (0.0, 0.0)
            for (i, field) in fields.enumerated() {
                occurrences += Double(field.weight) * Double(occurrencesByField[i][document]?.count ?? 0)
                length += Double(field.weight) * Double(NaiveScoring.rounded(lengths[i][document]))
            }
            let (k1, b) = (Double(scoring.k1), Double(scoring.b))
            let inverse = 1 / (k1 * ((1 - b) + b * length / (tokens / Double(max(count, 1)))))
            result[document] = Float(weight - weight / (1 + occurrences * inverse))
        }
        return result
    }

    private func occurrences(_ field: String, _ term: TermBytes) -> [Int: [Int]] { positions[field]?[term] ?? [:] }

    /// Per document, the positions of the phrase's first term where the phrase occurs.
    private func phrase(_ field: String, _ parts: [(term: TermBytes, position: Int)]) -> [Int: [Int]] {
        guard let first = parts.first else { return [:] }
        var phraseStarts: [Int: [Int]] = [:]
        for (document, candidates) in occurrences(field, first.term) {
            let complete = candidates.filter { start in
                parts.allSatisfy { part in
                    let position = start - first.position + part.position
                    return occurrences(field, part.term)[document]?.contains(position) ?? false
                }
            }
            if !complete.isEmpty { phraseStarts[document] = complete }
        }
        return phraseStarts
    }

    /// Scores documents by the number of their starts, with the sum of the terms' idf as weight.
    private func score(
        _ starts: [Int: [Int]], _ field: String, _ boost: Float, _ terms: [TermBytes], _ scoring: NaiveScoring
    ) -> [Int: Float] {
        guard textFields.contains(field), let lengths = lengths[field] else { return starts.mapValues { _ in 0 } }
        let count = lengths.count { $0 > 0 }
        let tokens = tokenCounts[field] ?? 0
        let weights = terms.map { Double(scoring.idf(occurrences(field, $0).count, of: count)) }
        let weight = boost * Float(weights.reduce(0, +))
        var scores: [Int: Float] = [:]
        for (document, starts) in starts {
            scores[document] = scoring.score(
                weight, frequency: starts.count, length: lengths[document], tokens: tokens, documents: count)
        }
        return scores
    }

    private func combine(_ query: Query.Boolean, _ boost: Float, _ scoring: NaiveScoring) -> [Int: Float] {
        let must = query.must.map { matches($0, boost: boost, scoring) }
        let should = query.should.map { matches($0, boost: boost, scoring) }
        let filters = query.filter.map { matches($0, boost: 1, scoring) }
        let excluded = query.mustNot.map { matches($0, boost: 1, scoring) }
        let required = must + filters
        let minimum = max(query.minimumShould ?? 0, required.isEmpty ? 1 : 0)
        var result: [Int: Float] = [:]
        for document in documents.indices {
            guard required.allSatisfy({ $0[document] != nil }) else { continue }
            if excluded.contains(where: { $0[document] != nil }) { continue }
            let optional = should.compactMap { $0[document] }
            if optional.count < minimum { continue }
            let mustSum = Float(must.reduce(0.0) { $0 + Double($1[document] ?? 0) })
            let shouldSum = Float(optional.reduce(0.0) { $0 + Double($1) })
            result[document] = Float(Double(mustSum) + Double(shouldSum))
        }
        return result
    }
}
