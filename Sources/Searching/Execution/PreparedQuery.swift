import Analyzer
import Segments

/// A query whose fields and terms have been looked up in all segments, with boosts multiplied into weights.
///
/// Document frequencies are those over all segments, so scores do not depend on how documents are distributed. Weights
/// are boost · idf; a nil weight means that documents are only matched.
enum PreparedQuery {
    /// Matches every document, with this score.
    case all(score: Float)
    case none
    /// Matches documents with a term.
    case term(PreparedTerm, weight: Float?)
    /// Matches documents with terms at positions relative to the first one.
    case phrase([PreparedTerm], offsets: [UInt32], weight: Float?)
    case boolean(Clauses)
    indirect case constant(PreparedQuery, score: Float)
    case disjunctionMax([PreparedQuery], tieBreaker: Float)
    /// Matches documents with a term in any of several fields; the terms are aligned with `CombinedFields.fields`.
    case combined([PreparedTerm], CombinedFields, weight: Float?)
    /// Matches documents with a sort key in a range, in a number field.
    case numbers(field: Int, ClosedRange<UInt64>)
    /// Matches documents that have a value or a token in a field.
    case present(field: Int)
    /// Matches documents with any of the selected terms. If `isExcluded`, an incomplete expansion is an error, because
    /// documents of the missing terms would be let in.
    case selection(field: Int, TermSelection, isExcluded: Bool)
    /// Matches the listed documents, ascending, with their scores.
    case documents([Query.ScoredDocument])
    /// Matches the documents of a query and multiplies their scores.
    indirect case functionScore(PreparedQuery, by: [PreparedFunction])

    /// Matches documents in which terms of several places, ordered by their offsets, occur near each other.
    case sloppyPhrase([PreparedPlace], slop: Int, weight: Float?)

    /// A place of a sloppy phrase.
    struct PreparedPlace {
        /// The alternative terms of the place.
        var terms: [PreparedTerm]
        var place: SpanSearch.Place
    }

    /// A score function whose field or query has been looked up.
    enum PreparedFunction {
        case weight(Double, PreparedQuery)
        case popularity(Popularity, fields: [Int])
    }

    /// The clauses of a combination, see `Query.Boolean`.
    struct Clauses {
        var must: [PreparedQuery]
        var should: [PreparedQuery]
        var mustNot: [PreparedQuery]
        var filter: [PreparedQuery]
        var minimumShould: Int?
        var isScored: Bool
    }
}

extension PreparedQuery {
    /// An upper bound of the scores. Complexity: O(clauses), whatever the depth.
    var greatestScore: Float {
        switch self {
        case .all(let score), .constant(_, let score): score
        case .none, .numbers, .present, .selection: 0
        case .documents(let documents): documents.reduce(0) { max($0, $1.score) }
        case .functionScore(let inner, let functions):
            functions.reduce(inner.greatestScore) { product, function in
                switch function {
                case .weight(let weight, _): product * Float(max(weight, 1))
                case .popularity(let popularity, _): product * Float(popularity.greatestFactor).nextUp
                }
            }
        case .term(_, let weight), .phrase(_, _, let weight), .combined(_, _, let weight),
            .sloppyPhrase(_, _, let weight):
            weight ?? 0
        case .boolean(let clauses): (clauses.must + clauses.should).reduce(0) { $0 + $1.greatestScore }
        case .disjunctionMax(let queries, let tieBreaker):
            Self.combine(queries.map(\.greatestScore), tieBreaker: tieBreaker)
        }
    }

    /// The maximum of some scores plus `tieBreaker` times the sum of the others.
    private static func combine(_ scores: [Float], tieBreaker: Float) -> Float {
        let maximum = scores.max() ?? 0
        return tieBreaker == 0 ? maximum : maximum * (1 - tieBreaker) + scores.reduce(0, +) * tieBreaker
    }
}

/// A term with its info in each segment and its statistics over all of them.
struct PreparedTerm {
    /// The index of the field.
    var field: Int
    /// The inverse document frequency over all segments.
    var idf: Float
    /// The number of documents of all segments that have the term.
    var documentFrequency: Int
    /// The info in the first segment, kept apart so that an index of one segment needs no array.
    private var first: TermInfo?
    /// The infos in the other segments.
    private var others: [TermInfo?] = []

    /// The info in a segment; nil when the segment does not have the term.
    func info(_ segmentIndex: Int) -> TermInfo? { segmentIndex == 0 ? first : others[segmentIndex - 1] }
}

extension PreparedQuery {
    /// Prepares a validated query whose scores are multiplied by `boost`, or that only matches.
    ///
    /// Errors: `request` for a field that does not exist or does not fit, `corrupt`.
    init(_ query: Query, _ preparation: inout QueryPreparation, boost: Float = 1, isScored: Bool) throws(IndexError) {
        let reader = preparation.reader
        switch query {
        case .all: self = .all(score: isScored ? boost : 0)
        case .none: self = .none
        case .documents(let documents): self = .documents(Self.scored(documents, isScored ? boost : 0))
        case .boosted(let inner, let factor):
            try self.init(inner, &preparation, boost: boost * abs(factor), isScored: isScored)
        case .constant(let inner, let score):
            let prepared = try PreparedQuery(inner, &preparation, isScored: false)
            // Without the sign, because scores are compared by their bits and those of -0.0 are above all others.
            self = .constant(prepared, score: isScored ? boost * abs(score) : 0)
        case .disjunctionMax(let queries, let tieBreaker):
            let prepared = try preparation.prepare(queries, isScored ? boost : nil)
            self = .disjunctionMax(prepared, tieBreaker: tieBreaker)
        case .combined(let fields, let term):
            let combined = try preparation.memory.combined(fields, reader, preparation.similarity)
            let terms = try combined.fields.map { field throws(IndexError) in
                try preparation.memory.term(field.fieldIndex, term, reader)
            }
            let frequency = terms.map(\.documentFrequency).max() ?? 0
            let idf = BM25.idf(documentFrequency: frequency, documentCount: combined.documentCount)
            self = .combined(terms, combined, weight: isScored ? boost * idf : nil)
        case .term(let name, let term):
            let (field, type) = try reader.indexedField(name)
            let prepared = try preparation.memory.term(field, term, reader)
            self = .term(prepared, weight: isScored && type == .text ? boost * prepared.idf : nil)
        case .functionScore(let inner, let functions):
            let prepared = try PreparedQuery(inner, &preparation, boost: boost, isScored: isScored)
            self = isScored ? .functionScore(prepared, by: try preparation.prepare(functions)) : prepared
        case .range, .exists, .pattern:
            self = .constant(try Self.unscored(query, preparation), score: isScored ? boost : 0)
        case .sloppyPhrase(let name, let phrase): try self.init(phrase, name, preparation, isScored ? boost : nil)
        case .fuzzy(let name, let fuzzy): self = try Self.fuzzy(name, fuzzy, preparation, isScored ? boost : nil)
        case .phrase(let name, let terms): try self.init(phrase: terms, name, preparation, isScored ? boost : nil)
        case .boolean(let boolean):
            let scored = isScored ? boost : nil
            let hasRequired = !(boolean.must.isEmpty && boolean.filter.isEmpty)
            // Without scores, clauses that need not match make no difference.
            let isIdle = !isScored && hasRequired && boolean.minimumShould ?? 0 == 0
            self = .boolean(
                Clauses(
                    must: try preparation.prepare(boolean.must, scored),
                    should: isIdle ? [] : try preparation.prepare(boolean.should, scored),
                    mustNot: try preparation.prepareExcluded(boolean.mustNot),
                    filter: try preparation.prepare(boolean.filter, nil), minimumShould: boolean.minimumShould,
                    isScored: isScored))
        }
    }

    /// The distinct documents, ascending, with their scores multiplied by `boost`; of equal ones the greatest score
    /// counts.
    private static func scored(_ documents: [Query.ScoredDocument], _ boost: Float) -> [Query.ScoredDocument] {
        let order = documents.sorted { ($0.document, $1.score) < ($1.document, $0.score) }
        var scored: [Query.ScoredDocument] = []
        for listed in order where listed.document != scored.last?.document {
            scored.append(Query.ScoredDocument(listed.document, score: listed.score * boost))
        }
        return scored
    }

    /// Prepares a query whose matches have no score of their own: a range, `exists` or a pattern.
    private static func unscored(_ query: Query, _ preparation: QueryPreparation) throws(IndexError) -> PreparedQuery {
        let reader = preparation.reader
        let isExcluded = preparation.isExcluded
        switch query {
        case .range(let name, let range):
            let (index, field) = try reader.field(name)
            guard let codec = NumberCodec(field) else {
                return .selection(
                    field: try reader.indexedField(name).index, try TermSelection(range, name), isExcluded: isExcluded)
            }
            return try range.keys(name, codec).map { .numbers(field: index, $0) } ?? .none
        case .exists(let name): return .present(field: try reader.field(name).index)
        case .pattern(let name, let pattern):
            let (field, type) = try reader.indexedField(name)
            if type == .vocabulary, case .prefix(let text) = pattern,
                let term = VocabularyTerms.term(prefix: Array(text.utf8))
            {
                return .selection(field: field, .listed([term]), isExcluded: isExcluded)
            }
            return .selection(field: field, try TermSelection(pattern), isExcluded: isExcluded)
        default: return .none
        }
    }

    /// Prepares a fuzzy clause: a disjunction of the similar terms, whose weights fall with the edit distance.
    private static func fuzzy(
        _ name: String, _ fuzzy: FuzzyTerm, _ preparation: QueryPreparation, _ boost: Float?
    ) throws(IndexError) -> PreparedQuery {
        let reader = preparation.reader
        let (field, type) = try reader.indexedField(name)
        let similar = try reader.similarTerms(name, to: fuzzy, preparation.budget)
        let frequency = similar.map(\.documentFrequency).max() ?? 0
        let idf = BM25.idf(documentFrequency: frequency, documentCount: reader.statistics[field].documentCount)
        let characters = fuzzy.word.unicodeScalars.count
        var clauses: [PreparedQuery] = []
        for match in similar {
            let shorter = min(characters, match.term.unicodeScalars.count)
            if match.edits >= shorter { continue }
            let share = 1 - Float(match.edits) / Float(shorter)
            let weight = type == .text ? boost.map { $0 * share * idf } : nil
            clauses.append(.term(try preparation.memory.term(field, match.term, reader), weight: weight))
        }
        if clauses.isEmpty { return .none }
        return .boolean(
            Clauses(must: [], should: clauses, mustNot: [], filter: [], minimumShould: nil, isScored: boost != nil))
    }

    /// Prepares a sloppy phrase. Its weight is the sum of the idf of its places, a place having that of its most
    /// frequent term.
    private init(
        _ phrase: SloppyPhrase, _ name: String, _ preparation: QueryPreparation, _ boost: Float?
    ) throws(IndexError) {
        let reader = preparation.reader
        let field = try reader.indexedField(name).index
        let first = phrase.places.map(\.position).min() ?? 0
        var places: [PreparedPlace] = []
        // The distinct sets of terms; a place refers to one by its index.
        var groups: [[[UInt8]]] = []
        var sum = 0.0
        for place in phrase.places.sorted(by: { $0.position < $1.position }) {
            let bytes = Set(place.terms.map { Array($0.utf8) }).sorted { $0.lexicographicallyPrecedes($1) }
            var terms: [PreparedTerm] = []
            for term in bytes {
                let text = String(decoding: term, as: UTF8.self)
                terms.append(try preparation.memory.term(field, text, reader))
            }
            if !groups.contains(bytes) { groups.append(bytes) }
            let group = groups.firstIndex(of: bytes) ?? 0
            let offset = place.position - first
            places.append(PreparedPlace(terms: terms, place: SpanSearch.Place(offset: offset, group: group)))
            // The minimum idf belongs to the most frequent term.
            sum += Double(terms.map(\.idf).min() ?? 0)
        }
        self = places.isEmpty ? .none : .sloppyPhrase(places, slop: phrase.slop, weight: boost.map { $0 * Float(sum) })
    }

    /// Prepares a phrase: `none` without terms, a term query for a single one.
    private init(
        phrase terms: [Query.PhraseTerm], _ name: String, _ preparation: QueryPreparation, _ boost: Float?
    ) throws(IndexError) {
        let reader = preparation.reader
        let (field, type) = try reader.indexedField(name)
        guard type == .text else {
            throw .request(problem: "the field \"\(name)\" is not a text field, which phrases need")
        }
        var prepared: [PreparedTerm] = []
        prepared.reserveCapacity(terms.count)
        var sum = 0.0
        for term in terms {
            prepared.append(try preparation.memory.term(field, term.term, reader))
            sum += Double(prepared[prepared.count - 1].idf)
        }
        let weight = boost.map { $0 * Float(sum) }
        let first = terms.map(\.position).min() ?? 0
        switch terms.count {
        case 0: self = .none
        case 1: self = .term(prepared[0], weight: weight)
        default: self = .phrase(prepared, offsets: terms.map { UInt32($0.position - first) }, weight: weight)
        }
    }
}

extension PreparedTerm {
    /// Looks a term up in all segments and prefetches the starts of its postings lists.
    ///
    /// Errors: `corrupt`. Complexity: O(segments · log terms).
    init(_ field: Int, _ term: String, _ reader: IndexReader) throws(IndexError) {
        self.field = field
        others.reserveCapacity(max(reader.segments.count - 1, 0))
        var frequency = 0
        for (segmentIndex, segment) in reader.segments.enumerated() {
            let info = try segment.find(field, term)
            if let info { segment.fetchList(field, info) }
            frequency += info?.documentFrequency ?? 0
            if segmentIndex == 0 { first = info } else { others.append(info) }
        }
        documentFrequency = frequency
        idf = BM25.idf(documentFrequency: frequency, documentCount: reader.statistics[field].documentCount)
    }
}

/// The state that the clauses of one query share while they are prepared.
struct QueryPreparation {
    let reader: IndexReader
    let similarity: BM25
    /// The budget of the search, which limits look-ups in dictionaries.
    let budget: SearchBudget
    /// The look-ups that the searches of one request share.
    let memory: SearchMemory
    /// True inside clauses that must be expanded completely, because documents that do not match them are let in or
    /// score higher.
    private(set) var isExcluded = false

    init(_ reader: IndexReader, _ similarity: BM25, _ budget: SearchBudget, _ memory: SearchMemory) {
        self.reader = reader
        self.memory = memory
        self.similarity = similarity
        self.budget = budget
    }

    /// Prepares clauses of which no document may be missed; they only match.
    mutating func prepareExcluded(_ clauses: [Query]) throws(IndexError) -> [PreparedQuery] {
        let wasExcluded = isExcluded
        isExcluded = true
        defer { isExcluded = wasExcluded }
        return try prepare(clauses, nil)
    }

    /// Prepares clauses with a boost; with nil they only match.
    mutating func prepare(_ clauses: [Query], _ boost: Float?) throws(IndexError) -> [PreparedQuery] {
        try clauses.map { clause throws(IndexError) in
            try PreparedQuery(clause, &self, boost: boost ?? 1, isScored: boost != nil)
        }
    }

    /// Prepares score functions: looks up their fields and queries. Errors: `request`, `corrupt`.
    mutating func prepare(_ functions: [ScoreFunction]) throws(IndexError) -> [PreparedQuery.PreparedFunction] {
        try functions.map { function throws(IndexError) in
            switch function {
            case .weight(let weight, let query): .weight(abs(weight), try prepareExcluded([query])[0])
            case .popularity(let popularity):
                .popularity(
                    popularity,
                    fields: try popularity.signals.map { signal throws(IndexError) in
                        try reader.numberField(signal.field)
                    })
            }
        }
    }
}
