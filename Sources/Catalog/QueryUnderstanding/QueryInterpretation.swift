/// A query as a catalog understands it: what is searched in the place of the typed words, how much of it a document
/// must match, and what the shopper is told about it.
///
/// It has no types of the engine. `QueryInterpreter` makes it, `QueryBuilder` turns it into the engine's query.
struct QueryInterpretation: Sendable, Equatable {
    /// The way to read the free words.
    enum Reading: Sendable, Equatable {
        /// As words.
        case words
        /// As pairs of syllables of pinyin.
        case syllables([String])
        /// As pairs of initials of pinyin.
        case initials([String])
    }

    /// The query that is searched: the typed one, the one without quotes, or the corrected one.
    var query: ParsedQuery
    /// The way in which its free words are read.
    var reading = Reading.words
    /// The number of positions of the free words.
    var positionCount = 0
    /// The minimum number of positions that a document of the first tier must match.
    var minimumPositions = 0
    /// True if titles, series and authors that begin with the unfinished query, or the documents that have all typed
    /// words, come before all others.
    var isBeginning = false
    /// The quoted phrases whose quotes are ignored.
    var quotes: [String] = []
    /// The corrected query that is searched, and one that is only proposed; nil if there is none.
    var correctedQuery: String?
    var didYouMean: String?
    /// The words that were corrected.
    var typos: Set<String> = []
    /// The expansions that differ from what was typed.
    var rewrites = QueryRewrites()
    /// True if the deadline passed before everything was counted.
    var isPartial = false

    /// An interpretation of a query as it was typed.
    init(_ query: ParsedQuery) { self.query = query }

    /// True if documents of the first tier match fewer positions than the query has, and none are listed first.
    var isRelaxed: Bool { minimumPositions < positionCount && !isBeginning }
}
