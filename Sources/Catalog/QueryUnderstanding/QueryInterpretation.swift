import Searching
import Segments

/// The interpretation of a query in a catalog: the number of positions that a document must match (minimum should
/// match), and whether its quotes and homophones count.
///
/// It is decided by counting matches, without the request's filter, so that selecting facets never changes it.
struct QueryInterpretation {
    /// The builder of the engine's query.
    private(set) var builder: QueryBuilder
    /// The minimum number of positions that a document must match.
    private(set) var minimumPositions = 0
    /// The quoted phrases whose quotes are ignored.
    private(set) var quotes: [String] = []
    /// True if the deadline passed before everything was counted.
    private(set) var isPartial = false
    private let context: QueryContext
    private let deadline: ContinuousClock.Instant?

    /// The maximum number of positions of a query that is not a sentence. In a sentence, any position is enough and
    /// quotes are punctuation.
    private static let maxStrictPositions = 12
    /// The number of hits below which documents with fewer positions are admitted.
    private static let enoughHits = 24

    /// Interprets a query. What has not been counted when the deadline passes stays as it was typed.
    ///
    /// Quotes are ignored around phrases that occur nowhere, and in sentences. If no document matches all positions,
    /// documents that sound like the query are admitted. Errors: `corrupt` of the index.
    init(_ q: String, _ context: QueryContext, until deadline: ContinuousClock.Instant?) throws(IndexError) {
        self.context = context
        self.deadline = deadline
        let fields = NamedField(context)
        var parsed = ParsedQuery(q) { fields.query($0, $1) != nil }
        builder = try QueryBuilder(parsed, context)
        if builder.hasPhrases {
            let unquoted = try QueryBuilder(parsed.unquoted, context)
            var isIgnored = unquoted.positionCount > Self.maxStrictPositions
            // The phrases are counted alone: the rest of the query must not make their quotes ignored.
            if !isIgnored { isIgnored = try hits(of: builder.allPhrases) == 0 }
            if isIgnored {
                quotes = parsed.phrases
                parsed = parsed.unquoted
                builder = unquoted
            }
        }
        minimumPositions = try countedMinimum()
        let positions = builder.positionCount
        guard context.corrects, positions > 0, try hits(positions) == 0 else { return }
        builder = try QueryBuilder(parsed, context, nearMisses: true)
    }

    /// Returns the engine's query: the matching documents, best first. Errors: `corrupt` of the index.
    func query() throws(IndexError) -> Query { try builder.query(atLeast: minimumPositions) }

    /// Returns the minimum number of positions that a document must match, by counting.
    ///
    /// For up to four positions: the largest number that leaves enough hits. For up to twelve: half of what the best
    /// document matches. For more: one. Quoted phrases alone are enough.
    private mutating func countedMinimum() throws(IndexError) -> Int {
        let positions = builder.positionCount
        switch context.matching.words {
        case .all: return positions
        case .any: return min(positions, 1)
        case .most: break
        }
        let lowest = builder.hasPhrases ? 0 : min(positions, 1)
        guard positions > 1 || builder.hasPhrases, positions <= Self.maxStrictPositions, context.profile.ranking.cuts
        else { return lowest }
        var minimum = positions
        if positions <= 4 {
            while minimum > lowest, let found = try hits(minimum), found < Self.enoughHits { minimum -= 1 }
            return minimum
        }
        while minimum > lowest, try hits(minimum) == 0 { minimum -= 1 }
        return max((minimum + 1) / 2, lowest)
    }

    /// The number of documents that match at least `minimum` positions; nil if the deadline passed while counting.
    private mutating func hits(_ minimum: Int) throws(IndexError) -> Int? {
        try hits(of: builder.matching(atLeast: minimum))
    }

    /// The number of documents that match a query; nil, and `isPartial`, if the deadline passed while counting.
    private mutating func hits(of query: Query) throws(IndexError) -> Int? {
        var search = Search(query, limit: 0)
        search.limits.deadline = deadline
        let result = try context.reader.search(search)
        if result.isPartial { isPartial = true }
        return result.isPartial ? nil : result.total
    }
}
