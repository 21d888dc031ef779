import Kernels
package import Segments

/// The explanation of a document's score: a tree that follows the query's.
package struct Explanation: Sendable, Equatable {
    /// A description of the clause, or of the part of the score.
    package var what: String
    /// True if the document matches the clause.
    package var matches: Bool
    /// The contribution to the score: a summand, or a factor where `what` says so; 0 without a match.
    package var value: Float
    /// The parts of this node: clauses of a combination, factors of a term.
    package var details: [Explanation]

    /// A node of the tree.
    package init(_ what: String, matches: Bool = true, value: Float, details: [Explanation] = []) {
        self.what = what
        self.matches = matches
        self.value = value
        self.details = details
    }

    /// The tree as text: one line per node, indented by two spaces per level.
    package var text: String { lines(0).joined(separator: "\n") }

    private func lines(_ level: Int) -> [String] {
        let indent = String(repeating: "  ", count: level)
        return [indent + (matches ? "\(value)" : "no match") + " " + what] + details.flatMap { $0.lines(level + 1) }
    }
}

extension IndexReader {
    /// Returns the explanation of a document's score; nil when the time of `limits` is over before it is complete.
    /// Scores of clauses are computed by the operators of the search itself, so they are equal to the last bit.
    ///
    /// ```swift
    /// print(try reader.explain(query, document: result.hits[0].document)?.text ?? "")
    /// ```
    ///
    /// `document` must be below `documents`. Errors: those of `search`. Complexity: each clause is evaluated once in
    /// the document's window, and once more for each clause around it.
    package func explain(
        _ query: Query, document: Int, similarity: BM25 = BM25(), limits: SearchLimits = SearchLimits()
    ) throws(IndexError) -> Explanation? {
        precondition((0..<documents).contains(document), "there is no document \(document)")
        try validate(query, .single)
        let explainer = Explainer(reader: self, document: document, similarity: similarity, limits: limits)
        let explanation = try explainer.explain(query, boost: 1)
        return limits.isOver ? nil : explanation
    }
}

/// The walk over a query tree that explains one document.
private struct Explainer {
    let reader: IndexReader
    let document: Int
    let similarity: BM25
    let limits: SearchLimits

    /// Explains a clause whose score is multiplied by `boost`, or that only matches; without its score and its parts
    /// once the time is over.
    func explain(_ query: Query, boost: Float, isScored: Bool = true) throws(IndexError) -> Explanation {
        if limits.isOver { return Explanation(query.summary, matches: false, value: 0) }
        let score = try score(isScored ? .boosted(query, boost) : .constant(query, 0))
        var details: [Explanation] = []
        func add(_ clauses: [Query], _ boost: Float, isScored: Bool = true) throws(IndexError) {
            for clause in clauses { details.append(try explain(clause, boost: boost, isScored: isScored)) }
        }
        switch query {
        case .boosted(let inner, let factor): return try explain(inner, boost: boost * factor, isScored: isScored)
        case .boolean(let boolean):
            try add(boolean.must, boost, isScored: isScored)
            try add(boolean.should, boost, isScored: isScored)
            try add(boolean.filter, boost, isScored: false)
            try add(boolean.mustNot, boost, isScored: false)
        case .disjunctionMax(let queries, _): try add(queries, boost, isScored: isScored)
        case .constant(let inner, _): try add([inner], 1, isScored: false)
        case .functionScore(let inner, let functions):
            try add([inner], boost, isScored: isScored)
            for function in functions { details.append(try explain(function)) }
        case _ where score == nil || !isScored: break
        case .term(let field, let term):
            details = [Self.boost(boost)] + (try idf(field, [term])) + (try occurrences([field], [[term]]))
        case .combined(let fields, let term):
            let names = fields.map(\.name)
            details = [Self.boost(boost)] + (try idf(of: term, in: names))
            details += try occurrences(names, [[term]], weights: fields.map(\.weight))
        case .phrase(let field, let terms):
            details = [Self.boost(boost)] + (try idf(field, terms.map(\.term))) + (try length(field))
        case .sloppyPhrase(let field, let phrase):
            details = [Self.boost(boost)] + (try idf(field, phrase.places.flatMap(\.terms))) + (try length(field))
        case .fuzzy(let field, let fuzzy): details = [Self.boost(boost)] + (try similarTerms(field, fuzzy))
        default: break
        }
        return Explanation(query.summary, matches: score != nil, value: score ?? 0, details: details)
    }

    private static func boost(_ boost: Float) -> Explanation { Explanation("boost, a factor", value: boost) }

    /// A function's factor for the document.
    private func explain(_ function: ScoreFunction) throws(IndexError) -> Explanation {
        switch function {
        case .weight(let weight, let query):
            let inner = try explain(query, boost: 1, isScored: false)
            let what = "weight of what matches, a factor"
            return Explanation(what, value: inner.matches ? Float(weight) : 1, details: [inner])
        case .popularity(let popularity): return try explain(popularity)
        }
    }

    /// The popularity of the document, with what each of its numbers gains.
    private func explain(_ popularity: Popularity) throws(IndexError) -> Explanation {
        let gains = try reader.gains(popularity, document: document)
        let details = gains.map { gain in
            Explanation(
                "\(gain.signal.isLoss ? "loss" : "gain") of \(gain.signal.field): it is "
                    + (gain.number.map { "\($0)" } ?? "missing"),
                matches: gain.number != nil, value: Float(gain.gain))
        }
        let factor = popularity.factor { gains[$0].number }
        return Explanation("popularity, a factor", value: Float(factor), details: details)
    }

    /// The document's score for a query; nil when it does not match. Errors: `request`, `corrupt`.
    private func score(_ query: Query) throws(IndexError) -> Float? {
        let (segment, local) = location
        let scope = SegmentScope(documents: segment.documents)
        let plan = try SearchPlan(query, reader, similarity, isScored: true, SearchBudget(limits))
        guard let stream = try plan.stream(segmentIndex, scope) else { return nil }
        let window = scope.window(of: UInt32(local))
        var score: Float?
        scope.withBits { bits in
            setBit(bits, local - window)
            scope.withList { list in
                stream.matches(window, among: bits, isScored: true, into: list)
                if list.count == 1 { score = Float(list.scores[0]) }
            }
        }
        if let (section, field) = scope.corruption { throw segment.corrupt(section, field) }
        return score
    }

    /// The index of the document's segment.
    private var segmentIndex: Int { reader.bases.lastIndex { $0 <= document } ?? 0 }

    /// The document's segment and its id there.
    private var location: (segment: SegmentReader, local: Int) {
        (reader.segments[segmentIndex], document - reader.bases[segmentIndex])
    }

    /// The idf of some terms of a field; none for a keyword field.
    private func idf(_ name: String, _ terms: [String]) throws(IndexError) -> [Explanation] {
        let (field, type) = try reader.indexedField(name)
        if type != .text { return [] }
        let documents = reader.statistics[field].documentCount
        return try terms.map { term throws(IndexError) in
            let frequency = try reader.documentFrequency(field, term)
            return Explanation(
                "idf of \(term), a factor: \(frequency) of \(documents) documents have it",
                value: BM25.idf(documentFrequency: frequency, documentCount: documents))
        }
    }

    /// The idf of a term of a combined query: from the field in which it is most frequent.
    private func idf(of term: String, in names: [String]) throws(IndexError) -> [Explanation] {
        var frequency = 0
        var documents = 0
        for name in names {
            let field = try reader.indexedField(name).index
            frequency = max(frequency, try reader.documentFrequency(field, term))
            documents = max(documents, reader.statistics[field].documentCount)
        }
        return [
            Explanation(
                "idf of \(term), a factor: \(frequency) of \(documents) documents have it",
                value: BM25.idf(documentFrequency: frequency, documentCount: documents))
        ]
    }

    /// The occurrences of terms in the document's fields, with the lengths of these. `terms` lists the terms of each
    /// field.
    private func occurrences(
        _ names: [String], _ terms: [[String]], weights: [Float] = []
    ) throws(IndexError) -> [Explanation] {
        var parts: [Explanation] = []
        for (i, name) in names.enumerated() {
            let field = try reader.indexedField(name).index
            for term in terms.joined() {
                guard let info = try location.segment.find(field, term) else { continue }
                var cursor = PostingsCursor(try location.segment.postings(field, info))
                let slot = cursor.find(UInt32(location.local))
                guard slot >= 0, let words = try words(field) else { continue }
                let weight = i < weights.count ? ", each counting \(weights[i])" : ""
                parts.append(
                    Explanation(
                        "occurrences in \(name)\(weight): it has \(words)", value: Float(cursor.frequency(slot))))
            }
        }
        return parts
    }

    /// The length of the document's text in a field.
    private func length(_ name: String) throws(IndexError) -> [Explanation] {
        let field = try reader.indexedField(name).index
        return try words(field).map { [Explanation("\(name) has \($0)", value: 1)] } ?? []
    }

    /// The length of the document in a text field, as readable text; nil when the segment has no text there.
    private func words(_ field: Int) throws(IndexError) -> String? {
        guard let norms = try location.segment.norms(field) else { return nil }
        let statistics = reader.statistics[field]
        let average = Double(statistics.tokenCount) / Double(max(statistics.documentCount, 1))
        let length = Int(LengthCode.lengths[Int(norms[location.local])])
        return "\(length) words, \((average * 10).rounded() / 10) on average, k1 \(similarity.k1), b \(similarity.b)"
    }

    /// The terms within a few edits of a word that the document has.
    private func similarTerms(_ name: String, _ fuzzy: FuzzyTerm) throws(IndexError) -> [Explanation] {
        var parts: [Explanation] = []
        let similar = try reader.similarTerms(name, to: fuzzy, SearchBudget(limits))
        for match in similar where try score(.constant(.term(field: name, match.term), 1)) != nil {
            let shorter = min(fuzzy.word.unicodeScalars.count, match.term.unicodeScalars.count)
            parts.append(
                Explanation(
                    "\(match.term), \(match.edits) edits away, in \(match.documentFrequency) documents",
                    value: 1 - Float(match.edits) / Float(max(shorter, 1))))
        }
        return parts
    }
}

extension Query {
    /// A short description of the query, without its clauses.
    var summary: String {
        switch self {
        case .all: "every document"
        case .none: "no document"
        case .term(let field, let term): "\(field): \(term)"
        case .phrase(let field, let terms): "\(field): \"\(terms.map(\.term).joined(separator: " "))\""
        case .sloppyPhrase(let field, let phrase):
            "\(field): \(phrase.places.map { $0.terms.joined(separator: "/") }) within \(phrase.slop)"
        case .boolean(let boolean):
            "sum of \(boolean.must.count) required and \(boolean.should.count) optional clauses, "
                + "\(boolean.filter.count) filters, \(boolean.mustNot.count) exclusions"
        case .boosted(let inner, let factor): "\(factor) times \(inner.summary)"
        case .constant(let inner, let score): "\(score) for \(inner.summary)"
        case .disjunctionMax(let queries, let tieBreaker):
            "best of \(queries.count), and \(tieBreaker) times the others"
        case .combined(let fields, let term): "\(fields.map(\.name).joined(separator: "+")): \(term)"
        case .range(let field, _): "\(field) in a range"
        case .exists(let field): "\(field) is there"
        case .documents(let documents): "one of \(documents.count) documents"
        case .pattern(let field, let pattern): "\(field) like \(pattern)"
        case .fuzzy(let field, let fuzzy): "\(field) within \(fuzzy.edits) edits of \(fuzzy.word)"
        case .functionScore(let inner, let functions): "\(inner.summary), times \(functions.count) functions"
        }
    }
}
