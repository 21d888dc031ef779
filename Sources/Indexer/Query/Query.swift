/// What to look for: a tree that the engine plans and runs segment by segment.
///
/// Terms are the bytes an analyzer made, as text; a query does no analysis of its own.
public indirect enum Query: Sendable, Equatable {
    /// Every document, with the score 1.
    case all
    /// No document.
    case none
    /// Documents that have a term.
    case term(field: String, String)
    /// Documents that have the terms at these distances from each other.
    case phrase(field: String, [PhraseTerm])
    /// A combination, see `Boolean`.
    case boolean(Boolean)
    /// A query whose scores are multiplied.
    case boosted(Query, Float)
    /// The documents of a query, all with the same score.
    case constant(Query, Float)
    /// Documents that match at least one of the queries, with the score of the one that scores best, and `others` times
    /// the scores of the rest: so that a word in two fields does not count twice.
    case best([Query], others: Float)
    /// Documents that have a term in any of several text fields, scored as if these were one: occurrences and lengths
    /// are added up with the fields' weights (BM25F). The fields should have one analyzer.
    ///
    /// Source: Robertson, Zaragoza and Taylor, "Simple BM25 extension to multiple weighted fields", 2004.
    case combined(fields: [WeightedField], String)
    /// Documents with a value in a range, in a number or keyword field; with the score 1.
    case range(field: String, ValueRange)
    /// Documents that have a value, or a token, in a field; with the score 1.
    case exists(field: String)
    /// Documents that have a term of a pattern; with the score 1.
    case pattern(field: String, TermPattern)
    /// Documents that have a term near a word. Each term weighs as much as the most frequent of them, less for every
    /// edit: 1 - edits / characters of the shorter of the two; a term that would weigh nothing is none.
    case fuzzy(field: String, FuzzyTerm)

    /// Documents in which words stand near each other.
    case near(field: String, LoosePhrase)
    /// Documents with terms at these distances, behind them one that begins like the last: of those at most `limit`,
    /// the most frequent.
    case phrasePrefix(field: String, [PhraseTerm], prefix: PhraseTerm, limit: Int)
    /// The documents of a query, their scores multiplied by functions.
    case scored(Query, by: [ScoreFunction])

    /// A text field and how many times its words count.
    public struct WeightedField: Sendable, Hashable {
        /// The field's name.
        public var name: String
        /// Above 0; 1 counts a word once.
        public var weight: Float

        /// A field with its weight.
        public init(_ name: String, weight: Float) {
            self.name = name
            self.weight = weight
        }
    }

    /// A term of a phrase.
    public struct PhraseTerm: Sendable, Equatable {
        /// The term.
        public var term: String
        /// Its place, relative to the other terms.
        public var position: Int

        /// A term at a place.
        public init(_ term: String, at position: Int) {
            self.term = term
            self.position = position
        }
    }

    /// Queries joined.
    ///
    /// A document matches when all of `must` and `filter` match, none of `mustNot`, and, if there is neither `must` nor
    /// `filter`, at least one of `should` (or `minimumShould` of them). Its score is the sum over `must` plus the sum
    /// over the matching `should`; `filter` and `mustNot` never score.
    public struct Boolean: Sendable, Equatable {
        /// All must match, and score.
        public var must: [Query]
        /// Those that match add their scores.
        public var should: [Query]
        /// None may match.
        public var mustNot: [Query]
        /// All must match, without scoring.
        public var filter: [Query]
        /// How many of `should` must match at least; nil for one if there is neither `must` nor `filter`, else none.
        public var minimumShould: Int?

        /// A combination of the given clauses.
        public init(
            must: [Query] = [], should: [Query] = [], mustNot: [Query] = [], filter: [Query] = [],
            minimumShould: Int? = nil
        ) {
            self.must = must
            self.should = should
            self.mustNot = mustNot
            self.filter = filter
            self.minimumShould = minimumShould
        }
    }

    /// Documents that match all of the queries.
    public static func and(_ queries: [Query]) -> Query { .boolean(Boolean(must: queries)) }

    /// Documents that match at least one of the queries.
    public static func or(_ queries: [Query]) -> Query { .boolean(Boolean(should: queries)) }
}

extension Query {
    /// Most queries inside each other.
    public static let deepest = 100

    /// How many queries it is made of, terms of phrases among them. Complexity: O(clauses).
    var clauseCount: Int {
        func count(_ queries: [Query]) -> Int { queries.reduce(0) { $0 + $1.clauseCount } }
        switch self {
        case .all, .none, .term, .range, .exists: return 1
        case .fuzzy(_, let fuzzy): return max(fuzzy.limit, 1)
        case .combined(let fields, _): return fields.count
        case .pattern(_, .any(let terms)): return terms.count
        case .pattern: return 1
        case .phrase(_, let terms): return 1 + terms.count
        case .phrasePrefix(_, let terms, _, let limit): return 1 + terms.count + max(limit, 1)
        case .near(_, let phrase): return phrase.places.reduce(1) { $0 + $1.terms.count }
        case .boosted(let inner, _), .constant(let inner, _): return 1 + inner.clauseCount
        case .scored(let inner, let functions):
            return functions.reduce(1 + inner.clauseCount) { sum, function in
                if case .weight(_, let query) = function { return sum + 1 + query.clauseCount }
                return sum + 1
            }
        case .best(let queries, _): return 1 + count(queries)
        case .boolean(let boolean):
            return 1 + count(boolean.must) + count(boolean.should) + count(boolean.mustNot) + count(boolean.filter)
        }
    }
}
