import Indexer

/// What a shopper's words mean in a catalog: decided by counting, without the filter, so that clicking facets never
/// changes what the words mean.
struct Understanding {
    /// The words as a query of the engine.
    private(set) var shopper: ShopperQuery
    /// How many of its units a document must have.
    private(set) var least = 0
    /// Quoted words that are looked for without quotes.
    private(set) var quotes: [String] = []
    /// Whether time ran out before all was counted.
    private(set) var isPartial = false
    private let context: RankingContext
    private let deadline: ContinuousClock.Instant?

    /// Longer queries are sentences: a document may have any of their words, and quotes are punctuation.
    private static let mostCutUnits = 12
    /// With fewer hits, documents that have fewer of the words are let in.
    private static let enoughHits = 24

    /// Understands a query. What is not known when the deadline passes is left as it was typed.
    ///
    /// Quotes around what stands nowhere are ignored, and those in whole sentences. Where no text has all of a query,
    /// those that sound like it are let in.
    init(_ q: String, _ context: RankingContext, until deadline: ContinuousClock.Instant?) throws(IndexError) {
        self.context = context
        self.deadline = deadline
        let fields = NamedField(context)
        var text = QueryText(q) { fields.query($0, $1) != nil }
        shopper = try ShopperQuery(text, context)
        if shopper.hasPhrases {
            let words = try ShopperQuery(text.unquoted, context)
            var isIgnored = words.unitCount > Self.mostCutUnits
            // By themselves: what else is asked for is no fault of theirs.
            if !isIgnored { isIgnored = try hits(of: shopper.allPhrases) == 0 }
            if isIgnored {
                quotes = text.phrases
                text = text.unquoted
                shopper = words
            }
        }
        least = try leastUnits()
        let units = shopper.unitCount
        guard context.profile.ranking.corrects, units > 1, try hits(units) == 0 else { return }
        let sounding = try ShopperQuery(text, context, homophones: true)
        if sounding.readings.homophones { shopper = sounding }
    }

    /// What matches, best first.
    var query: Query { shopper.query(atLeast: least) }

    /// How many of a query's units a document must have.
    ///
    /// With up to four: as many as leave enough hits. With up to twelve: half of what the best document has. Longer
    /// queries are questions: any.
    private mutating func leastUnits() throws(IndexError) -> Int {
        let units = shopper.unitCount
        let lowest = shopper.hasPhrases ? 0 : min(units, 1)
        guard units > 1 || shopper.hasPhrases, units <= Self.mostCutUnits, context.profile.ranking.cuts else {
            return lowest
        }
        var least = units
        if units <= 4 {
            while least > lowest, let found = try hits(least), found < Self.enoughHits { least -= 1 }
            return least
        }
        while least > lowest, try hits(least) == 0 { least -= 1 }
        return max((least + 1) / 2, lowest)
    }

    /// How many documents have at least so many units; nil when there was no time to count.
    private mutating func hits(_ least: Int) throws(IndexError) -> Int? {
        try hits(of: shopper.matching(atLeast: least))
    }

    private mutating func hits(of query: Query) throws(IndexError) -> Int? {
        var search = Search(query, limit: 0)
        search.limits.deadline = deadline
        let result = try context.reader.search(search)
        if result.isPartial { isPartial = true }
        return result.isPartial ? nil : result.total
    }
}
