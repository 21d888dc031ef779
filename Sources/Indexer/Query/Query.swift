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
