/// A query whose fields and terms were looked up once, in all segments.
///
/// Frequencies are those over all segments, so that scores do not depend on how documents are spread.
enum PreparedQuery {
    /// Every document, with this score.
    case all(score: Float)
    case none
    /// Documents with a term; without `weight` they are only matched.
    case term(PreparedTerm, weight: Float?)
    /// Documents with terms at these places, counted from the first.
    case phrase([PreparedTerm], offsets: [UInt32], weight: Float?)
    case boolean(Clauses)
    indirect case constant(PreparedQuery, score: Float)
    case best([PreparedQuery], others: Float)
    /// A term in several fields; without `weight` its documents are only matched.
    case combined([PreparedTerm], CombinedFields, weight: Float?)
    /// Documents with a sort key in a range, in a number field.
    case numbers(field: Int, ClosedRange<UInt64>)
    /// Documents that have something in a field.
    case present(field: Int)
    /// Documents with any of the selected terms. Those of excluded ones must all be known.
    case selection(field: Int, TermSelection, isExcluded: Bool)
    /// Documents whose scores are multiplied.
    indirect case scored(PreparedQuery, by: [PreparedFunction])

    /// Documents in which terms of several places, ordered by their offsets, stand near each other.
    case near([PreparedPlace], slop: Int, weight: Float?)

    /// A place of a loose phrase.
    struct PreparedPlace {
        var terms: [PreparedTerm]
        var place: SpanSearch.Place
    }

    /// A function whose field or query was looked up.
    enum PreparedFunction {
        case value(field: Int, factor: Double, ScoreFunction.Modifier, missing: Double)
        case decay(field: Int, ScoreFunction.Decay)
        case weight(Double, PreparedQuery)
    }

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
    /// No score is above this. Complexity: O(clauses), however deep they stand.
    var greatestScore: Float {
        switch self {
        case .all(let score), .constant(_, let score): score
        case .none, .numbers, .present, .selection: 0
        case .scored(let inner, let functions):
            functions.reduce(inner.greatestScore) { sum, function in
                switch function {
                case .decay: sum
                case .weight(let weight, _): sum * Float(max(weight, 1))
                case .value: sum * Float(ScoreFunction.greatest)
                }
            }
        case .term(_, let weight), .phrase(_, _, let weight), .combined(_, _, let weight), .near(_, _, let weight):
            weight ?? 0
        case .boolean(let clauses): (clauses.must + clauses.should).reduce(0) { $0 + $1.greatestScore }
        case .best(let queries, let others):
            Self.joined(queries.map(\.greatestScore), others: others)
        }
    }

    /// The greatest of some scores and a share of the others.
    private static func joined(_ scores: [Float], others: Float) -> Float {
        let greatest = scores.max() ?? 0
        return others == 0 ? greatest : greatest * (1 - others) + scores.reduce(0, +) * others
    }
}

/// What the segments know of a term.
struct PreparedTerm {
    var field: Int
    var idf: Float
    /// Documents of all segments that have it.
    var documentFrequency: Int
    private var first: TermInfo?
    /// Those of the other segments; most indexes have few.
    private var others: [TermInfo?] = []

    /// What a segment knows; nil when it does not have the term.
    func info(_ segment: Int) -> TermInfo? { segment == 0 ? first : others[segment - 1] }
}

extension PreparedQuery {
    /// Prepares a query that was validated.
    ///
    /// Errors: `request` for a field that is not there or does not have terms, `corrupt`.
    init(
        _ query: Query, _ preparation: inout QueryPreparation, boost: Float = 1, isScored: Bool
    ) throws(IndexError) {
        let reader = preparation.reader
        switch query {
        case .all: self = .all(score: isScored ? boost : 0)
        case .none: self = .none
        case .boosted(let inner, let factor):
            try self.init(inner, &preparation, boost: boost * abs(factor), isScored: isScored)
        case .constant(let inner, let score):
            let prepared = try PreparedQuery(inner, &preparation, isScored: false)
            // Without its sign: the bits of a negative zero are above those of every score.
            self = .constant(prepared, score: isScored ? boost * abs(score) : 0)
        case .best(let queries, let others):
            var prepared: [PreparedQuery] = []
            for query in queries {
                prepared.append(try PreparedQuery(query, &preparation, boost: boost, isScored: isScored))
            }
            self = .best(prepared, others: others)
        case .combined(let fields, let term):
            let combined = try preparation.combined(fields)
            var terms: [PreparedTerm] = []
            for field in combined.fields { terms.append(try PreparedTerm(field.number, term, reader)) }
            let frequency = terms.map(\.documentFrequency).max() ?? 0
            let idf = BM25.idf(documentFrequency: frequency, documentCount: combined.documentCount)
            self = .combined(terms, combined, weight: isScored ? boost * idf : nil)
        case .term(let name, let term):
            let (field, type) = try reader.indexedField(name)
            let prepared = try PreparedTerm(field, term, reader)
            self = .term(prepared, weight: isScored && type == .text ? boost * prepared.idf : nil)
        case .scored(let inner, let functions):
            let prepared = try PreparedQuery(inner, &preparation, boost: boost, isScored: isScored)
            self = isScored ? .scored(prepared, by: try preparation.prepare(functions)) : prepared
        case .range, .exists, .pattern:
            self = .constant(try Self.unscored(query, preparation), score: isScored ? boost : 0)
        case .near(let name, let phrase): try self.init(phrase, name, reader, isScored ? boost : nil)
        case .phrasePrefix(let name, let terms, let prefix, let limit):
            let last = try reader.completions(name, of: prefix.term, limit: limit).map(\.term)
            let places = terms.map { LoosePhrase.Word([$0.term], at: $0.position) }
            let phrase = LoosePhrase(places + [.init(last, at: prefix.position)], slop: 0)
            try self.init(phrase, name, reader, isScored ? boost : nil)
        case .fuzzy(let name, let fuzzy):
            self = try Self.fuzzy(name, fuzzy, reader, isScored ? boost : nil)
        case .phrase(let name, let terms):
            try self.init(phrase: terms, name, reader, isScored ? boost : nil)
        case .boolean(let boolean):
            let scored = isScored ? boost : nil
            self = .boolean(
                Clauses(
                    must: try preparation.prepare(boolean.must, scored),
                    should: try preparation.prepare(boolean.should, scored),
                    mustNot: try preparation.prepareExcluded(boolean.mustNot),
                    filter: try preparation.prepare(boolean.filter, nil), minimumShould: boolean.minimumShould,
                    isScored: isScored))
        }
    }

    /// A query that looks for values, not for words.
    private static func unscored(
        _ query: Query, _ preparation: QueryPreparation
    ) throws(IndexError) -> PreparedQuery {
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
            return .selection(
                field: try reader.indexedField(name).index, try TermSelection(pattern), isExcluded: isExcluded)
        default: return .none
        }
    }

    private static func fuzzy(
        _ name: String, _ fuzzy: FuzzyTerm, _ reader: IndexReader, _ boost: Float?
    ) throws(IndexError) -> PreparedQuery {
        let (field, type) = try reader.indexedField(name)
        let near = try reader.similarTerms(
            name, to: fuzzy.word, edits: fuzzy.edits, prefix: fuzzy.prefix, limit: fuzzy.limit)
        let frequency = near.map(\.documentFrequency).max() ?? 0
        let idf = BM25.idf(
            documentFrequency: frequency, documentCount: reader.statistics[field].documentCount)
        let characters = fuzzy.word.unicodeScalars.count
        var clauses: [PreparedQuery] = []
        for one in near {
            let shorter = min(characters, one.term.unicodeScalars.count)
            if one.edits >= shorter { continue }
            let share = 1 - Float(one.edits) / Float(shorter)
            let weight = type == .text ? boost.map { $0 * share * idf } : nil
            clauses.append(.term(try PreparedTerm(field, one.term, reader), weight: weight))
        }
        if clauses.isEmpty { return .none }
        return .boolean(
            Clauses(must: [], should: clauses, mustNot: [], filter: [], minimumShould: nil, isScored: boost != nil))
    }

    private init(
        _ phrase: LoosePhrase, _ name: String, _ reader: IndexReader, _ boost: Float?
    ) throws(IndexError) {
        let field = try reader.indexedField(name).index
        let first = phrase.places.map(\.position).min() ?? 0
        var places: [PreparedPlace] = []
        var known: [[[UInt8]]] = []
        var sum = 0.0
        for place in phrase.places.sorted(by: { $0.position < $1.position }) {
            let bytes = Set(place.terms.map { Array($0.utf8) }).sorted { $0.lexicographicallyPrecedes($1) }
            var terms: [PreparedTerm] = []
            for term in bytes { terms.append(try PreparedTerm(field, String(decoding: term, as: UTF8.self), reader)) }
            if !known.contains(bytes) { known.append(bytes) }
            let group = known.firstIndex(of: bytes) ?? 0
            let offset = place.position - first
            places.append(PreparedPlace(terms: terms, place: SpanSearch.Place(offset: offset, group: group)))
            // A place weighs what its most frequent term does.
            sum += Double(terms.map(\.idf).min() ?? 0)
        }
        self = places.isEmpty ? .none : .near(places, slop: phrase.slop, weight: boost.map { $0 * Float(sum) })
    }

    private init(
        phrase terms: [Query.PhraseTerm], _ name: String, _ reader: IndexReader, _ boost: Float?
    ) throws(IndexError) {
        let (field, type) = try reader.indexedField(name)
        guard type == .text else {
            throw .request(problem: "the field \"\(name)\" is no text; phrases need a text field")
        }
        var prepared: [PreparedTerm] = []
        prepared.reserveCapacity(terms.count)
        var sum = 0.0
        for term in terms {
            prepared.append(try PreparedTerm(field, term.term, reader))
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
    /// Looks a term up.
    init(_ field: Int, _ term: String, _ reader: IndexReader) throws(IndexError) {
        self.field = field
        others.reserveCapacity(max(reader.segments.count - 1, 0))
        var frequency = 0
        for (number, segment) in reader.segments.enumerated() {
            let info = try segment.find(field, term)
            if let info { segment.fetchList(field, info) }
            frequency += info?.documentFrequency ?? 0
            if number == 0 { first = info } else { others.append(info) }
        }
        documentFrequency = frequency
        idf = BM25.idf(
            documentFrequency: frequency, documentCount: reader.statistics[field].documentCount)
    }
}

/// What the clauses of one query share while they are prepared.
struct QueryPreparation {
    let reader: IndexReader
    let similarity: BM25
    private var known: [[Query.WeightedField]: CombinedFields] = [:]
    /// Whether what is prepared must be known whole, because documents without it are let in, or score more.
    private(set) var isExcluded = false

    init(_ reader: IndexReader, _ similarity: BM25) {
        self.reader = reader
        self.similarity = similarity
    }

    /// Prepares clauses of which no document may be overlooked.
    mutating func prepareExcluded(_ clauses: [Query]) throws(IndexError) -> [PreparedQuery] {
        let before = isExcluded
        isExcluded = true
        defer { isExcluded = before }
        return try prepare(clauses, nil)
    }

    /// Prepares clauses with a boost; without one they are only matched.
    mutating func prepare(_ clauses: [Query], _ boost: Float?) throws(IndexError) -> [PreparedQuery] {
        var prepared: [PreparedQuery] = []
        prepared.reserveCapacity(clauses.count)
        for clause in clauses {
            prepared.append(try PreparedQuery(clause, &self, boost: boost ?? 1, isScored: boost != nil))
        }
        return prepared
    }

    /// Looks up what functions ask for.
    mutating func prepare(_ functions: [ScoreFunction]) throws(IndexError) -> [PreparedQuery.PreparedFunction] {
        var prepared: [PreparedQuery.PreparedFunction] = []
        for function in functions {
            switch function {
            case .value(let name, let factor, let modifier, let missing):
                prepared.append(.value(field: try reader.numberField(name), factor: factor, modifier, missing: missing))
            case .decay(let name, let decay):
                prepared.append(.decay(field: try reader.numberField(name), decay))
            case .weight(let weight, let query):
                prepared.append(.weight(abs(weight), try prepareExcluded([query])[0]))
            }
        }
        return prepared
    }

    /// How several fields score as one.
    mutating func combined(_ fields: [Query.WeightedField]) throws(IndexError) -> CombinedFields {
        if let combined = known[fields] { return combined }
        let combined = try CombinedFields(fields, reader, similarity)
        known[fields] = combined
        return combined
    }
}
