/// A query: a tree of clauses that the engine plans once and runs segment by segment.
///
/// Terms are the output of an analyzer, as text; the engine does not analyze them again. Terms are compared byte by
/// byte, so canonically equivalent texts are different terms. Trees may be up to `maxDepth` deep. `IndexReader.search`
/// checks fields and parameters and throws `request` for those that do not fit; building a query never fails.
///
/// ```swift
/// let query = Query.boolean(
///     .init(
///         must: [.disjunctionMax([
///             .boosted(.term(field: "title", "fox"), 3), .term(field: "body", "fox"),
///         ], tieBreaker: 0.1)],
///         mustNot: [.term(field: "tags", "draft")],
///         filter: [.range(field: "year", ValueRange(lower: .init(.integer(2020))))]))
/// ```
public indirect enum Query: Sendable, Equatable {
    /// Matches every document, with the score 1.
    case all
    /// Matches no document.
    case none
    /// Matches documents that have a term in a text or keyword field. Text fields score with BM25, keyword fields with
    /// 0.
    case term(field: String, String)
    /// Matches documents in which the terms occur at exactly these distances from each other. The number of such
    /// occurrences is the frequency, the sum of the terms' idf the weight. Text fields only.
    case phrase(field: String, [PhraseTerm])
    /// Combines clauses, see `Boolean`.
    case boolean(Boolean)
    /// Matches the documents of a query and multiplies their scores by a factor of at least 0. The product of all
    /// factors on a path must stay below 1e30.
    case boosted(Query, Float)
    /// Matches the documents of a query, all with the same score of at least 0.
    case constant(Query, Float)
    /// Matches documents that match at least one of the queries. The score is that of the best-scoring query plus
    /// `tieBreaker`, 0 to 1, times the scores of the remaining ones, so that a word in two fields does not count twice.
    case disjunctionMax([Query], tieBreaker: Float)
    /// Matches documents that have a term in any of several text fields, scored as if these were one field: occurrences
    /// and lengths are added up with the fields' weights (BM25F). The fields should have the same analyzer.
    ///
    /// Source: Robertson, Zaragoza and Taylor, "Simple BM25 extension to multiple weighted fields", 2004.
    case combined(fields: [WeightedField], String)
    /// Matches documents that have a value in a range, in a number or keyword field, with the score 1.
    case range(field: String, ValueRange)
    /// Matches documents that have a value, or a token, in a field, with the score 1.
    case exists(field: String)
    /// Matches documents that have a term accepted by a pattern, with the score 1.
    case pattern(field: String, TermPattern)
    /// Matches documents that have a term within a few edits of a word.
    ///
    /// Each term has the weight of the most frequent one, times 1 - edits / characters of the shorter of the term and
    /// the word. Terms whose weight would be 0 do not match.
    case fuzzy(field: String, FuzzyTerm)

    /// Matches documents in which words occur near each other, see `SloppyPhrase`. Text fields only.
    case sloppyPhrase(field: String, SloppyPhrase)
    /// Matches the listed documents, each with its score. Numbers that the index does not have match nothing.
    case documents([ScoredDocument])
    /// Matches the documents of a query and multiplies their scores by functions of their columns.
    case functionScore(Query, by: [ScoreFunction])

    /// A text field and the weight of its occurrences in a `combined` query.
    public struct WeightedField: Sendable, Hashable {
        /// The field's name.
        public var name: String
        /// The weight of one occurrence and of one token of length: above 0, at most 1,000,000.
        public var weight: Float

        /// A field with its weight.
        public init(_ name: String, weight: Float) {
            self.name = name
            self.weight = weight
        }
    }

    /// The number of a document of a view and a score of at least 0 for it.
    public struct ScoredDocument: Sendable, Equatable {
        /// The number of the document in the view.
        public var document: Int
        /// The score.
        public var score: Float

        /// A document with a score.
        public init(_ document: Int, score: Float) {
            self.document = document
            self.score = score
        }
    }

    /// A term of a phrase and its position.
    public struct PhraseTerm: Sendable, Equatable {
        /// The analyzed term.
        public var term: String
        /// The position relative to the other terms; only differences count. Must fit in 32 bits.
        public var position: Int

        /// A term at a position.
        public init(_ term: String, at position: Int) {
            self.term = term
            self.position = position
        }
    }

    /// A combination of clauses.
    ///
    /// A document matches when all clauses of `must` and `filter` match, none of `mustNot` matches, and at least
    /// `minimumShould` of `should` match. Its score is the sum over `must` plus the sum over the matching `should`
    /// clauses, both in double precision and each rounded to a float; `filter` and `mustNot` never score.
    public struct Boolean: Sendable, Equatable {
        /// Required clauses that score.
        public var must: [Query]
        /// Optional clauses; those that match add their scores.
        public var should: [Query]
        /// Excluded clauses.
        public var mustNot: [Query]
        /// Required clauses that do not score.
        public var filter: [Query]
        /// The minimum number of `should` clauses that match, at least 0. Nil stands for 1 if there is neither a `must`
        /// nor a `filter` clause, and for 0 otherwise.
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

    /// A query for documents that match all of the queries; the scores are added.
    public static func and(_ queries: [Query]) -> Query { .boolean(Boolean(must: queries)) }

    /// A query for documents that match at least one of the queries; the scores of those that match are added.
    public static func or(_ queries: [Query]) -> Query { .boolean(Boolean(should: queries)) }
}

extension Query {
    /// The maximum depth of a query tree; deeper ones are refused, because planning recurses.
    public static let maxDepth = 100

    /// The number of clauses of the tree, for `SearchLimits.clauses`: each query counts 1, and terms of phrases, fields
    /// of combined queries and the terms that a fuzzy or phrase-prefix clause may expand to are counted as well.
    ///
    /// Complexity: O(clauses).
    var clauseCount: Int {
        func count(_ queries: [Query]) -> Int { queries.reduce(0) { $0 + $1.clauseCount } }
        switch self {
        case .all, .none, .term, .range, .exists: return 1
        case .fuzzy(_, let fuzzy): return max(fuzzy.limit, 1)
        case .combined(let fields, _): return fields.count
        case .documents(let documents): return documents.count
        case .pattern(_, .any(let terms)): return terms.count
        case .pattern: return 1
        case .phrase(_, let terms): return 1 + terms.count
        case .sloppyPhrase(_, let phrase): return phrase.places.reduce(1) { $0 + $1.terms.count }
        case .boosted(let inner, _), .constant(let inner, _): return 1 + inner.clauseCount
        case .functionScore(let inner, let functions):
            return functions.reduce(1 + inner.clauseCount) { sum, function in
                if case .weight(_, let query) = function { return sum + 1 + query.clauseCount }
                return sum + 1
            }
        case .disjunctionMax(let queries, _): return 1 + count(queries)
        case .boolean(let boolean):
            return 1 + count(boolean.must) + count(boolean.should) + count(boolean.mustNot) + count(boolean.filter)
        }
    }
}
