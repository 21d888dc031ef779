import Analyzer
import Searching
import Segments

/// Decides how a query is understood in a catalog, by counting matches: the number of positions that a document must
/// match (minimum should match), whether its quotes count, and what is read in the place of its words.
///
/// The request's filter is not counted, so that selecting facets never changes how a query is understood.
///
/// ```swift
/// let interpreter = try QueryInterpreter("applied \"stochastic\" proces", context)
/// interpreter.interpretation.correctedQuery   // what is searched instead, if no document has these words
/// let queries = try interpreter.tiers()       // the engine's queries for it, the best matches first
/// ```
struct QueryInterpreter {
    /// The decision.
    private(set) var interpretation: QueryInterpretation
    /// The builder of the engine's query for it.
    private var builder: QueryBuilder
    private let context: QueryContext
    private let ranksByScore: Bool
    /// The counts for the builder; nil before they were needed.
    private var counts: MatchCounts?

    /// The number of hits below which a correction is looked for.
    private static let enoughHits = 24

    /// Interprets a query. What has not been counted when the context's limits are over stays as it was typed.
    ///
    /// Quotes are ignored around phrases that occur nowhere, and in sentences. If no document matches all positions,
    /// the words are read as pinyin, their spelling is corrected, or documents that sound like them are admitted.
    /// The hits of a proposed query are added only if hits are ordered by score (`ranksByScore`). Errors: `corrupt` of
    /// the index.
    init(_ q: String, _ context: QueryContext, ranksByScore: Bool = true) throws(IndexError) {
        self.context = context
        self.ranksByScore = ranksByScore
        let fields = NamedField(context)
        var parsed = try ParsedQuery(q) { part throws(IndexError) in try fields.query(part) != nil }
        interpretation = QueryInterpretation(parsed)
        builder = try QueryBuilder(parsed, context)
        try builder.listSuggestions(for: parsed)
        if builder.hasPhrases {
            var unquoted = try QueryBuilder(parsed.unquoted, context)
            var isIgnored = unquoted.isSentence
            // The phrases are counted alone: the rest of the query must not make their quotes ignored.
            if !isIgnored { isIgnored = try hits(of: builder.allPhrases) == 0 }
            if isIgnored {
                interpretation.quotes = parsed.phrases.map(\.text)
                parsed = parsed.unquoted
                interpretation.query = parsed
                try unquoted.listSuggestions(for: parsed)
                builder = unquoted
            }
        }
        interpretation.minimumPositions = try countedMinimum()
        if context.corrects, !builder.isBeginning { try correct(parsed) }
        interpretation.positionCount = builder.positionCount
        interpretation.isBeginning = builder.isBeginning
        interpretation.rewrites.formUnion(builder.rewrites)
        // What was left out when the time was over may have made a difference.
        if context.limits.isOver { interpretation.isPartial = true }
    }

    /// Interprets the query of a request. Errors: `corrupt` of the index.
    init(_ request: SearchRequest, _ context: QueryContext) throws(IndexError) {
        try self.init(request.q, context, ranksByScore: request.sort.isEmpty)
    }

    /// True if the query consists of blanks and punctuation only, or of nothing but excluded parts.
    var isEmpty: Bool { builder.isEmpty }
    var onlyExcludes: Bool { builder.onlyExcludes }

    /// Returns the engine's queries of the tiers, the best first: what matches enough of the positions, and the rest
    /// that matches one. There is one tier if the request says so, and for pinyin, of which one syllable says little.
    ///
    /// Errors: `corrupt` of the index.
    func tiers() throws(IndexError) -> [Query] {
        if isEmpty { return [.none] }
        let minimum = interpretation.minimumPositions
        let hasRest =
            context.matching.words == .most && interpretation.reading == .words && lowestMinimum < minimum
        var minimums = hasRest ? [minimum, lowestMinimum] : [minimum]
        if !context.matching.ranksInTiers { minimums.removeFirst(minimums.count - 1) }
        return try minimums.map { minimum throws(IndexError) in try builder.query(atLeast: minimum) }
    }

    /// The minimum number of positions that any hit must match: one, and none beside quoted phrases.
    private var lowestMinimum: Int { builder.hasPhrases ? 0 : min(builder.positionCount, 1) }

    /// Returns the minimum number of positions that a document of the first tier must match, by counting.
    ///
    /// For up to four positions: the largest number that a document matches. For up to twelve: half of it. For more:
    /// one. Quoted phrases alone are enough.
    private mutating func countedMinimum() throws(IndexError) -> Int {
        let positions = builder.positionCount
        switch context.matching.words {
        case .all: return positions
        case .any: return min(positions, 1)
        case .most: break
        }
        let lowest = lowestMinimum
        guard positions > 1 || builder.hasPhrases, !builder.isSentence, context.profile.ranking.cuts else {
            return lowest
        }
        let greatest = try counted().map { max($0.greatest, lowest) } ?? positions
        return builder.typedPositionCount <= 4 ? greatest : max((greatest + 1) / 2, lowest)
    }

    /// The documents that match so many positions, at least until `enoughHits` match all of them; nil if the deadline
    /// passed while counting.
    private mutating func counted() throws(IndexError) -> MatchCounts? {
        if let counts { return counts }
        counts = try counts(of: builder, until: Self.enoughHits)
        return counts
    }

    /// The documents that match so many positions of a builder, until `enough` match all of them; nil, and `isPartial`,
    /// if the deadline passed while counting.
    private mutating func counts(of builder: QueryBuilder, until enough: Int) throws(IndexError) -> MatchCounts? {
        let counts = try builder.matchCounts(until: enough)
        if counts.isPartial { interpretation.isPartial = true }
        return counts.isPartial ? nil : counts
    }

    /// Replaces the builder by one whose matches were counted until `enoughHits` or more.
    private mutating func use(_ builder: QueryBuilder, _ counts: MatchCounts?) throws(IndexError) {
        self.builder = builder
        self.counts = counts
        interpretation.minimumPositions = try countedMinimum()
    }

    /// The number of documents that match a query; nil, and `isPartial`, if the deadline passed while counting.
    private mutating func hits(of query: Query) throws(IndexError) -> Int? {
        var search = Search(query, filters: context.scope, limit: 0)
        search.limits = context.limits
        let result = try context.search(search)
        if result.isPartial { interpretation.isPartial = true }
        return result.isPartial ? nil : result.total
    }
}

// MARK: - What no document matches as it was typed

extension QueryInterpreter {
    /// Reads the free words as pinyin, corrects their spelling or admits what sounds like them, whichever matches
    /// first, if no document matches all of them; proposes a correction if few do.
    private mutating func correct(_ parsed: ParsedQuery) throws(IndexError) {
        let positions = builder.positionCount
        guard positions > 0, !parsed.free.isEmpty, let counts = try counted(),
            counts.atLeast(positions) < Self.enoughHits
        else { return }
        let typed = counts.atLeast(positions)
        let words = try FreeWords(parsed.free, context, positions: positions)
        if typed > 0 { return try propose(words, parsed, typed) }
        if try readPinyin(words, parsed, leastShare: try words.arePinyin() ? 0.5 : 1) { return }
        if !words.hasVowels, try readInitials(words, parsed) { return }
        if try correctSpelling(words, parsed) { return }
        if try readPinyin(words, parsed, leastShare: 0.5) { return }
        if words.hasVowels, try readInitials(words, parsed) { return }
        if !interpretation.isPartial, !context.limits.isOver, context.matching.words != .all {
            builder.admitHomophones(of: parsed)
            try builder.listSuggestions(for: parsed, nearMisses: true)
        }
    }

    /// Proposes the corrected query if it has far more hits than the typed one. What it finds follows the documents
    /// that have all of the typed words.
    private mutating func propose(_ words: FreeWords, _ parsed: ParsedQuery, _ typed: Int) throws(IndexError) {
        guard let corrected = try words.corrected() else { return }
        var other = parsed
        other.replaceFreeWords(by: corrected)
        var both = try QueryBuilder(other, context)
        let farMore = Self.farMore * typed
        guard let counts = try counts(of: both, until: max(farMore, Self.enoughHits)),
            counts.atLeast(both.positionCount) >= farMore
        else { return }
        interpretation.didYouMean = other.text
        guard ranksByScore, context.matching.words != .all else { return }
        let exact = try builder.query(atLeast: builder.positionCount)
        var search = Search(exact, limit: Self.enoughHits)
        search.limits = context.limits
        let result = try context.search(search)
        if result.isPartial { return interpretation.isPartial = true }
        interpretation.query = other
        both.listFirst(result.hits.map(\.document), of: exact)
        try use(both, counts)
    }

    /// The number of times as many hits that a proposed query must have.
    private static let farMore = 10

    /// Replaces the free words by corrected ones if these occur. Returns false if there are none.
    private mutating func correctSpelling(_ words: FreeWords, _ parsed: ParsedQuery) throws(IndexError) -> Bool {
        guard let corrected = try words.corrected() else { return false }
        var other = parsed
        other.replaceFreeWords(by: corrected)
        let builder = try QueryBuilder(other, context)
        guard let counts = try counts(of: builder, until: Self.enoughHits) else { return false }
        // Known words stay unless all of the corrected ones, or more of them than of the typed ones, occur together.
        if counts.atLeast(builder.positionCount) == 0, try !words.hasUnknownWord() {
            guard let typed = try counted(), counts.greatest > typed.greatest else { return false }
        }
        return try search(other, builder, counts, words, corrected)
    }

    /// Searches the corrected query by its builder. Returns false, and leaves the typed one, if no document matches.
    private mutating func search(
        _ query: ParsedQuery, _ corrected: QueryBuilder, _ correctedCounts: MatchCounts, _ words: FreeWords,
        _ correctedWords: [String]
    ) throws(IndexError) -> Bool {
        let typed = (builder, counts, interpretation.minimumPositions)
        try use(corrected, correctedCounts)
        let hasMatches =
            interpretation.minimumPositions > 0
            ? correctedCounts.atLeast(interpretation.minimumPositions) > 0
            : try hits(of: corrected.matchingRequired) != 0
        guard hasMatches else {
            (builder, counts, interpretation.minimumPositions) = typed
            return false
        }
        try builder.listSuggestions(for: query)
        interpretation.query = query
        interpretation.correctedQuery = query.text
        interpretation.typos = Set(words.all.map(\.text)).subtracting(correctedWords)
        return true
    }

    /// Reads the free words as syllables of pinyin, if a document matches a share of their pairs. Returns false if none
    /// does or if they are no pinyin.
    private mutating func readPinyin(
        _ words: FreeWords, _ parsed: ParsedQuery, leastShare: Double
    ) throws(IndexError) -> Bool {
        guard words.groups.contains(where: { !$0.pinyin.isEmpty }), words.mayBePinyin else { return false }
        for syllables in PinyinQuery.syllables(of: words.all.map(\.text).joined(separator: " "), least: 2, limit: 4) {
            let pairs = PinyinQuery.pairs(syllables)
            if try read(.syllables(pairs), pairs.count, words, parsed, leastShare) { return true }
        }
        return false
    }

    /// Reads a single word as initials of pinyin. Returns false if no document matches most of their pairs.
    private mutating func readInitials(_ words: FreeWords, _ parsed: ParsedQuery) throws(IndexError) -> Bool {
        guard words.groups.contains(where: { !$0.initials.isEmpty }), words.isLatin, words.all.count == 1 else {
            return false
        }
        let letters = words.all[0].text.map { String($0) }
        guard (3...Self.maxInitials).contains(letters.count) else { return false }
        let pairs = zip(letters, letters.dropFirst()).map { $0 + $1 }
        return try read(.initials(pairs), pairs.count, words, parsed, 0.6)
    }

    /// The number of pairs up to which all of them must match.
    private static let maxExactPairs = 2
    /// The maximum number of initials.
    private static let maxInitials = 24

    /// Searches pairs in the place of the free words, if a document matches a share of them.
    private mutating func read(
        _ reading: QueryInterpretation.Reading, _ pairs: Int, _ words: FreeWords, _ parsed: ParsedQuery,
        _ leastShare: Double
    ) throws(IndexError) -> Bool {
        var builder = try QueryBuilder(parsed, as: reading, context)
        // The same pair over and over is no text, and few pairs must all match.
        guard pairs == 1 || builder.positionCount > 1 else { return false }
        let share = pairs <= Self.maxExactPairs ? 1 : leastShare
        let least = Int((Double(builder.positionCount) * share).rounded(.up))
        guard let counts = try counts(of: builder, until: Self.enoughHits), counts.atLeast(max(least, 1)) > 0 else {
            return false
        }
        try builder.listSuggestions(for: parsed)
        interpretation.reading = reading
        interpretation.rewrites.pinyin = Set(words.all.map(\.text))
        try use(builder, counts)
        return true
    }
}
