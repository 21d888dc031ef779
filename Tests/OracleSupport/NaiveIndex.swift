import Foundation
public import Indexer

/// An index without any idea: it answers by looking at every document, in the plainest code that fits the documentation
/// of `Query`, `Search` and `BM25`. What the engine answers must equal what this answers.
public struct NaiveIndex: Sendable {
    /// The documents in the order of their arrival.
    public let documents: [NaiveDocument]
    private let textFields: Set<String>
    /// Field, term, document: where the term stands.
    private var places: [String: [TermBytes: [Int: [Int]]]] = [:]
    /// Field and document: number of places with a token.
    private var lengths: [String: [Int]] = [:]
    /// Field: number of tokens.
    private var tokenCounts: [String: Int] = [:]

    /// An index of `documents`; fields that are not among `textFields` have keywords.
    public init(_ documents: [NaiveDocument], textFields: Set<String>) {
        self.documents = documents
        self.textFields = textFields
        for (number, document) in documents.enumerated() {
            for (field, tokens) in document.tokens {
                for token in tokens {
                    places[field, default: [:]][token.term, default: [:]][number, default: []].append(token.position)
                }
                lengths[field, default: Array(repeating: 0, count: documents.count)][number] =
                    Set(tokens.map(\.position)).count
                tokenCounts[field, default: 0] += tokens.count
            }
            for (field, values) in document.keywords {
                for value in values where !value.isEmpty {
                    places[field, default: [:]][value, default: [:]][number] = [0]
                }
            }
        }
    }

    /// The terms of a field, in the order of their bytes.
    public func terms(_ field: String) -> [TermBytes] {
        (places[field] ?? [:]).keys.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// Answers a search.
    public func search(_ search: Search) -> NaiveResult {
        answer(search, scores(search.query, search.similarity))
    }

    /// The documents that match a query, with their scores.
    public func scores(_ query: Query, _ similarity: BM25 = BM25()) -> [Int: Float] {
        matches(query, boost: 1, NaiveScoring(k1: similarity.k1, b: similarity.b))
    }

    /// Answers a search whose documents and scores are known. Documents in `deleted` are neither hits nor counted,
    /// though the scores of the others speak of them.
    public func answer(_ search: Search, _ scores: [Int: Float], without deleted: Set<Int> = []) -> NaiveResult {
        let filters = search.filters.map { Set(self.scores($0).keys) }
        let matching = scores.keys.filter { !deleted.contains($0) }.sorted()
        func rest(without omitted: Int?) -> [Int] {
            matching.filter { document in
                filters.indices.allSatisfy { $0 == omitted || filters[$0].contains(document) }
            }
        }
        let found = rest(without: nil)
        var hits: [NaiveResult.Hit]
        switch search.order {
        case .score:
            hits = found.map { NaiveResult.Hit(document: $0, score: scores[$0] ?? 0) }
            hits.sort { $0.score != $1.score ? $0.score > $1.score : $0.document < $1.document }
        case .fields(let fields):
            hits = found.map { document in
                let own = scores[document] ?? 0
                let hasScore = fields.contains { $0.origin == .score }
                let values = fields.map { NaiveOrder.value(documents[document], $0, score: own) }
                return NaiveResult.Hit(document: document, score: hasScore ? own : 0, sort: values)
            }
            hits.sort { NaiveOrder.precedes(($0.sort, $0.document), ($1.sort, $1.document), fields) }
        }
        var groups: Int?
        if let field = search.collapse, search.limit > 0 {
            hits = collapsed(hits, by: field)
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
            total: search.countsMatches ? found.count : nil, hits: Array(hits.prefix(search.limit)),
            facets: search.facets.map { NaiveFacets.count($0, rest(without: $0.without).map { documents[$0] }) },
            groups: groups)
    }

    /// Of the hits with one value, which are in order, the first, with their number.
    private func collapsed(_ hits: [NaiveResult.Hit], by field: String) -> [NaiveResult.Hit] {
        func value(_ hit: NaiveResult.Hit) -> TermBytes? {
            (documents[hit.document].keywords[field] ?? []).filter { !$0.isEmpty }
                .min { $0.lexicographicallyPrecedes($1) }
        }
        var sizes: [TermBytes: Int] = [:]
        for hit in hits { if let value = value(hit) { sizes[value, default: 0] += 1 } }
        var seen: Set<TermBytes> = []
        return hits.compactMap { hit in
            guard let value = value(hit) else { return hit }
            guard seen.insert(value).inserted else { return nil }
            var first = hit
            first.groupSize = sizes[value]
            return first
        }
    }

    // MARK: - Matching

    /// The documents that match, with their scores.
    private func matches(_ query: Query, boost: Float, _ scoring: NaiveScoring) -> [Int: Float] {
        switch query {
        case .all: return Dictionary(uniqueKeysWithValues: documents.indices.map { ($0, boost) })
        case .none: return [:]
        case .boosted(let inner, let factor): return matches(inner, boost: boost * factor, scoring)
        case .term(let field, let term):
            return score(occurrences(field, Array(term.utf8)), field, boost, [Array(term.utf8)], scoring)
        case .phrase(let field, let terms):
            let parts = terms.map { (term: Array($0.term.utf8), position: $0.position) }
            return score(phrase(field, parts), field, boost, parts.map(\.term), scoring)
        case .boolean(let boolean): return combine(boolean, boost, scoring)
        case .constant(let inner, let score): return matches(inner, boost: 1, scoring).mapValues { _ in boost * score }
        case .best(let queries, let others):
            return best(queries.map { matches($0, boost: boost, scoring) }, Double(others))
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
            let wanted = NaiveValues.terms(terms(field), pattern)
            let found = Set(wanted.flatMap { occurrences(field, $0).keys })
            return Dictionary(uniqueKeysWithValues: found.map { ($0, boost) })
        case .near(let field, let phrase): return near(field, phrase, boost, scoring)
        case .phrasePrefix(let field, let terms, let prefix, let limit):
            let all = self.terms(field).filter { $0.starts(with: prefix.term.utf8) }
            let order = all.sorted { a, b in
                let (x, y) = (occurrences(field, a).count, occurrences(field, b).count)
                return x != y ? x > y : a.lexicographicallyPrecedes(b)
            }
            let last = order.prefix(limit).map { String(decoding: $0, as: UTF8.self) }
            let places =
                terms.map { LoosePhrase.Word([$0.term], at: $0.position) } + [.init(last, at: prefix.position)]
            return near(field, LoosePhrase(places, slop: 0), boost, scoring)
        case .scored(let inner, let functions):
            let products = functions.map { factors($0, scoring) }
            return matches(inner, boost: boost, scoring).reduce(into: [:]) { result, hit in
                var product = 1.0
                for function in products { product *= function(hit.key) }
                result[hit.key] = Float(Double(hit.value) * min(product, 1e6))
            }
        case .fuzzy(let field, let fuzzy): return self.fuzzy(field, fuzzy, boost, scoring)
        }
    }

    private func near(
        _ field: String, _ phrase: LoosePhrase, _ boost: Float, _ scoring: NaiveScoring
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
        var found: [Int: Float] = [:]
        for document in documents.indices {
            let tokens = places.map { place in
                place.terms.flatMap { occurrences(field, $0)[document] ?? [] }.map { ($0, $0 - place.position) }
            }
            if tokens.contains(where: \.isEmpty) { continue }
            var narrowest: [Int: Int] = [:]
            func choose(_ place: Int, _ chosen: [Int], _ least: Int, _ greatest: Int) {
                if greatest - least > phrase.slop, place > 0 { return }
                if place == places.count {
                    narrowest[least] = min(narrowest[least] ?? .max, greatest - least)
                    return
                }
                for (position, beginning) in tokens[place] {
                    let isTaken = (0..<place).contains {
                        places[$0].terms == places[place].terms && chosen[$0] >= position
                    }
                    if isTaken { continue }
                    choose(place + 1, chosen + [position], min(least, beginning), max(greatest, beginning))
                }
            }
            choose(0, [], .max / 2, .min / 2)
            if narrowest.isEmpty { continue }
            var sum = 0.0
            for (_, span) in narrowest.sorted(by: { $0.key < $1.key }) { sum += 1 / Double(1 + span) }
            found[document] = scoring.score(
                weight, frequency: Float(sum), length: lengths[document], tokens: tokenCounts[field] ?? 0,
                documents: count)
        }
        return found
    }

    /// What a function gives each document.
    private func factors(_ function: ScoreFunction, _ scoring: NaiveScoring) -> (Int) -> Double {
        func usable(_ value: Double) -> Double { value > 0 ? min(value, 1e6) : 0 }
        switch function {
        case .weight(let weight, let query):
            let found = matches(query, boost: 1, scoring)
            return { found[$0] != nil ? weight : 1 }
        case .value(let field, let factor, let modifier, let missing):
            return { document in
                guard let number = documents[document].numbers[field]?.plain else { return usable(missing) }
                let value = factor * number
                let shaped =
                    switch modifier {
                    case .none: value
                    case .log1p: log10(1 + value)
                    case .ln1p: log(1 + value)
                    case .sqrt: value.squareRoot()
                    case .square: value * value
                    case .reciprocal: 1 / value
                    }
                return usable(shaped)
            }
        case .decay(let field, let decay):
            return { document in
                guard let number = documents[document].numbers[field]?.plain else { return 1 }
                let share = max(abs(number - decay.origin) - decay.offset, 0) / decay.scale
                let factor =
                    switch decay.shape {
                    case .gauss: exp(log(decay.decay) * share * share)
                    case .exponential: exp(log(decay.decay) * share)
                    case .linear: max(1 - (1 - decay.decay) * share, 0)
                    }
                return usable(factor)
            }
        }
    }

    private func constant(_ score: Float, _ isWanted: (NaiveDocument) -> Bool) -> [Int: Float] {
        let found = documents.indices.filter { isWanted(documents[$0]) }
        return Dictionary(uniqueKeysWithValues: found.map { ($0, score) })
    }

    private func fuzzy(_ field: String, _ fuzzy: FuzzyTerm, _ boost: Float, _ scoring: NaiveScoring) -> [Int: Float] {
        let word = Array(fuzzy.word.unicodeScalars)
        let near = terms(field).compactMap { term -> (term: TermBytes, edits: Int, length: Int)? in
            let other = Array(String(decoding: term, as: UTF8.self).unicodeScalars)
            guard other.starts(with: word.prefix(fuzzy.prefix)) else { return nil }
            let edits = NaiveValues.edits(word, other)
            return edits <= fuzzy.edits ? (term, edits, min(word.count, other.count)) : nil
        }
        let nearest = near.sorted { a, b in
            let (x, y) = (occurrences(field, a.term).count, occurrences(field, b.term).count)
            return a.edits != b.edits ? a.edits < b.edits : x != y ? x > y : a.term.lexicographicallyPrecedes(b.term)
        }.prefix(fuzzy.limit)
        let frequency = nearest.map { occurrences(field, $0.term).count }.max() ?? 0
        let count = (lengths[field] ?? []).count { $0 > 0 }
        let idf = scoring.idf(frequency, of: count)
        var sums: [Int: Double] = [:]
        for one in nearest where one.edits < one.length {
            let weight = boost * (1 - Float(one.edits) / Float(one.length)) * idf
            for (document, places) in occurrences(field, one.term) {
                let score: Float =
                    textFields.contains(field)
                    ? scoring.score(
                        weight, frequency: places.count, length: lengths[field]?[document] ?? 0,
                        tokens: tokenCounts[field] ?? 0, documents: count) : 0
                sums[document, default: 0] += Double(score)
            }
        }
        return sums.mapValues { Float($0) }
    }

    private func best(_ clauses: [[Int: Float]], _ others: Double) -> [Int: Float] {
        if clauses.count == 1 { return clauses[0] }
        var result: [Int: Float] = [:]
        for document in documents.indices {
            let scores = clauses.compactMap { $0[document] }.map(Double.init)
            guard let best = scores.max() else { continue }
            result[document] = Float(best + others * (scores.reduce(0, +) - best))
        }
        return result
    }

    /// BM25F in double precision.
    private func combined(
        _ fields: [Query.WeightedField], _ term: TermBytes, _ boost: Float, _ scoring: NaiveScoring
    ) -> [Int: Float] {
        let lengths = fields.map { self.lengths[$0.name] ?? Array(repeating: 0, count: documents.count) }
        let found = fields.map { occurrences($0.name, term) }
        let count = lengths.map { $0.count { $0 > 0 } }.max() ?? 0
        let tokens = fields.reduce(0.0) { $0 + Double($1.weight) * Double(tokenCounts[$1.name] ?? 0) }
        let weight = Double(boost * scoring.idf(found.map(\.count).max() ?? 0, of: count))
        var result: [Int: Float] = [:]
        for document in documents.indices where found.contains(where: { $0[document] != nil }) {
            var (occurrences, length) = (0.0, 0.0)
            for (i, field) in fields.enumerated() {
                occurrences += Double(field.weight) * Double(found[i][document]?.count ?? 0)
                length += Double(field.weight) * Double(NaiveScoring.rounded(lengths[i][document]))
            }
            let (k1, b) = (Double(scoring.k1), Double(scoring.b))
            let inverse = 1 / (k1 * ((1 - b) + b * length / (tokens / Double(max(count, 1)))))
            result[document] = Float(weight - weight / (1 + occurrences * inverse))
        }
        return result
    }

    private func occurrences(_ field: String, _ term: TermBytes) -> [Int: [Int]] { places[field]?[term] ?? [:] }

    /// The places at which a phrase begins, by document.
    private func phrase(_ field: String, _ parts: [(term: TermBytes, position: Int)]) -> [Int: [Int]] {
        guard let first = parts.first else { return [:] }
        var found: [Int: [Int]] = [:]
        for (document, starts) in occurrences(field, first.term) {
            let whole = starts.filter { start in
                parts.allSatisfy { part in
                    let wanted = start - first.position + part.position
                    return occurrences(field, part.term)[document]?.contains(wanted) ?? false
                }
            }
            if !whole.isEmpty { found[document] = whole }
        }
        return found
    }

    private func score(
        _ found: [Int: [Int]], _ field: String, _ boost: Float, _ terms: [TermBytes], _ scoring: NaiveScoring
    ) -> [Int: Float] {
        guard textFields.contains(field), let lengths = lengths[field] else { return found.mapValues { _ in 0 } }
        let count = lengths.count { $0 > 0 }
        let tokens = tokenCounts[field] ?? 0
        let weights = terms.map { Double(scoring.idf(occurrences(field, $0).count, of: count)) }
        let weight = boost * Float(weights.reduce(0, +))
        var scores: [Int: Float] = [:]
        for (document, starts) in found {
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
        let needed = must + filters
        let least = max(query.minimumShould ?? 0, needed.isEmpty ? 1 : 0)
        var result: [Int: Float] = [:]
        for document in documents.indices {
            guard needed.allSatisfy({ $0[document] != nil }) else { continue }
            if excluded.contains(where: { $0[document] != nil }) { continue }
            let optional = should.compactMap { $0[document] }
            if optional.count < least { continue }
            let required = Float(must.reduce(0.0) { $0 + Double($1[document] ?? 0) })
            let wished = Float(optional.reduce(0.0) { $0 + Double($1) })
            result[document] = Float(Double(required) + Double(wished))
        }
        return result
    }
}
