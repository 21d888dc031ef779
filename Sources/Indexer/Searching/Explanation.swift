import Kernels

/// Why a document has its score by a query: a tree like the query's.
public struct Explanation: Sendable, Equatable {
    /// What was looked for, or what the score is made of.
    public var what: String
    /// Whether the document matches it.
    public var matches: Bool
    /// What it adds; a factor, where its parent says so.
    public var value: Float
    /// What it is made of.
    public var details: [Explanation]

    /// A part of a score.
    public init(_ what: String, matches: Bool = true, value: Float, details: [Explanation] = []) {
        self.what = what
        self.matches = matches
        self.value = value
        self.details = details
    }

    /// The tree as lines, two blanks a level.
    public var text: String { lines(0).joined(separator: "\n") }

    private func lines(_ level: Int) -> [String] {
        let indent = String(repeating: "  ", count: level)
        return [indent + (matches ? "\(value)" : "no match") + " " + what] + details.flatMap { $0.lines(level + 1) }
    }
}

extension IndexReader {
    /// Explains a document's score by a query. The values are the search's own, to the last bit.
    ///
    /// Errors: as of `search`. Complexity: each clause is looked at once in the document's window, and again for each
    /// clause around it.
    public func explain(
        _ query: Query, document: Int, similarity: BM25 = BM25()
    ) throws(IndexError) -> Explanation {
        precondition((0..<documents).contains(document), "there is no document \(document)")
        try validate(query)
        return try Explainer(reader: self, document: document, similarity: similarity).explain(query, boost: 1)
    }
}

/// Explains one document.
private struct Explainer {
    let reader: IndexReader
    let document: Int
    let similarity: BM25

    func explain(_ query: Query, boost: Float, isScored: Bool = true) throws(IndexError) -> Explanation {
        let score = try score(isScored ? .boosted(query, boost) : .constant(query, 0))
        var details: [Explanation] = []
        func add(_ some: [Query], _ boost: Float, isScored: Bool = true) throws(IndexError) {
            for one in some { details.append(try explain(one, boost: boost, isScored: isScored)) }
        }
        switch query {
        case .boosted(let inner, let factor): return try explain(inner, boost: boost * factor, isScored: isScored)
        case .term(let name, let term): if isScored, score != nil { details = try factors(name, term, boost) }
        case .boolean(let boolean):
            try add(boolean.must, boost, isScored: isScored)
            try add(boolean.should, boost, isScored: isScored)
            try add(boolean.filter, boost, isScored: false)
            try add(boolean.mustNot, boost, isScored: false)
        case .best(let queries, _): try add(queries, boost, isScored: isScored)
        case .constant(let inner, _): try add([inner], 1, isScored: false)
        case .scored(let inner, let functions):
            try add([inner], boost, isScored: isScored)
            for case .weight(_, let query) in functions { try add([query], 1, isScored: false) }
        default: break
        }
        return Explanation(query.summary, matches: score != nil, value: score ?? 0, details: details)
    }

    /// The document's score by a query; nil when it does not match.
    private func score(_ query: Query) throws(IndexError) -> Float? {
        let (segment, local) = place
        let scope = SegmentScope(documents: segment.documents)
        let plan = try SearchPlan(query, reader, similarity, isScored: true)
        guard let stream = try plan.stream(number, scope) else { return nil }
        let window = scope.window(of: UInt32(local))
        var score: Float?
        scope.withBits { bits in
            setBit(bits, local - window)
            scope.withList { list in
                stream.matches(window, among: bits, isScored: true, into: list)
                if list.count == 1 { score = Float(list.scores[0]) }
            }
        }
        if let section = scope.damaged { throw segment.corrupt(section, 0, 0, "a list cannot be decoded") }
        return score
    }

    private var number: Int { reader.bases.lastIndex { $0 <= document } ?? 0 }

    private var place: (segment: SegmentReader, local: Int) {
        (reader.segments[number], document - reader.bases[number])
    }

    /// What the score of a term is made of.
    private func factors(_ name: String, _ term: String, _ boost: Float) throws(IndexError) -> [Explanation] {
        let (field, type) = try reader.indexedField(name)
        let (segment, local) = place
        guard type == .text, let info = try segment.find(field, term), let norms = try segment.norms(field) else {
            return []
        }
        var cursor = PostingsCursor(try segment.postings(field, info))
        let slot = cursor.find(UInt32(local))
        guard slot >= 0 else { return [] }
        let frequency = cursor.frequency(slot)
        let statistics = reader.statistics[field]
        let documentFrequency = try reader.documentFrequency(field, term)
        let idf = BM25.idf(documentFrequency: documentFrequency, documentCount: statistics.documentCount)
        let average = Double(statistics.tokenCount) / Double(max(statistics.documentCount, 1))
        let length = LengthCode.lengths[Int(norms[local])]
        return [
            Explanation("boost, a factor", value: boost),
            Explanation(
                "idf, a factor: \(documentFrequency) of \(statistics.documentCount) documents have the term", value: idf
            ),
            Explanation(
                "occurrences, in \(Int(length)) words; \(average) on average, k1 \(similarity.k1), b \(similarity.b)",
                value: Float(frequency)),
        ]
    }
}

extension Query {
    /// The query in a few words.
    var summary: String {
        switch self {
        case .all: "every document"
        case .none: "no document"
        case .term(let field, let term): "\(field): \(term)"
        case .phrase(let field, let terms): "\(field): \"\(terms.map(\.term).joined(separator: " "))\""
        case .phrasePrefix(let field, let terms, let prefix, _):
            "\(field): \"\((terms.map(\.term) + [prefix.term]).joined(separator: " "))…\""
        case .near(let field, let phrase):
            "\(field): \(phrase.places.map { $0.terms.joined(separator: "/") }) within \(phrase.slop)"
        case .boolean(let boolean):
            "sum of \(boolean.must.count) required and \(boolean.should.count) optional clauses, "
                + "\(boolean.filter.count) filters, \(boolean.mustNot.count) exclusions"
        case .boosted(let inner, let factor): "\(factor) times \(inner.summary)"
        case .constant(let inner, let score): "\(score) for \(inner.summary)"
        case .best(let queries, let others): "best of \(queries.count), and \(others) times the others"
        case .combined(let fields, let term): "\(fields.map(\.name).joined(separator: "+")): \(term)"
        case .range(let field, _): "\(field) in a range"
        case .exists(let field): "\(field) is there"
        case .pattern(let field, let pattern): "\(field) like \(pattern)"
        case .fuzzy(let field, let fuzzy): "\(field) within \(fuzzy.edits) edits of \(fuzzy.word)"
        case .scored(let inner, let functions): "\(inner.summary), times \(functions.count) functions"
        }
    }
}
