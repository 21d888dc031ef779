import Analyzer
import Searching
import Segments

/// The interpretation of a query in a catalog: its tiers, which are the numbers of positions that a document must match
/// (minimum should match), and whether its quotes and homophones count.
///
/// It is decided by counting matches, without the request's filter, so that selecting facets never changes it.
struct QueryInterpretation {
    /// The builder of the engine's query.
    private(set) var builder: QueryBuilder
    /// The minimum number of positions that a document of the first tier must match.
    private(set) var minimumPositions = 0
    /// True if documents of the first tier match fewer positions than the query has, and none are listed first.
    var isRelaxed: Bool { minimumPositions < builder.positionCount && !builder.isBeginning }
    /// The quoted phrases whose quotes are ignored.
    private(set) var quotes: [String] = []
    /// The corrected query that is searched, and one that is only proposed; nil if there is none.
    private(set) var correctedQuery: String?
    private(set) var didYouMean: String?
    /// The words that were corrected, and those that were read as pinyin.
    private(set) var typos: Set<String> = []
    private(set) var pinyin: Set<String> = []
    /// True if the deadline passed before everything was counted.
    private(set) var isPartial = false
    private let context: QueryContext
    private let ranksByScore: Bool

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
        var parsed = ParsedQuery(q) { fields.query($0, $1) != nil }
        builder = try QueryBuilder(parsed, context)
        if builder.hasPhrases {
            let unquoted = try QueryBuilder(parsed.unquoted, context)
            var isIgnored = unquoted.isSentence
            // The phrases are counted alone: the rest of the query must not make their quotes ignored.
            if !isIgnored { isIgnored = try hits(of: builder.allPhrases) == 0 }
            if isIgnored {
                quotes = parsed.phrases
                parsed = parsed.unquoted
                builder = unquoted
            }
        }
        minimumPositions = try countedMinimum()
        if context.corrects, !builder.isBeginning { try correct(parsed) }
        // What was left out when the time was over may have made a difference.
        if context.limits.isOver { isPartial = true }
    }

    /// Interprets the query of a request. Errors: `corrupt` of the index.
    init(_ request: SearchRequest, _ context: QueryContext) throws(IndexError) {
        try self.init(request.q, context, ranksByScore: request.sort.isEmpty)
    }

    /// Returns the queries of the tiers, the best first: what matches enough of the positions, and the rest that
    /// matches one. There is one tier if the request says so, and for pinyin, of which one syllable says little.
    ///
    /// Errors: `corrupt` of the index.
    func tiers() throws(IndexError) -> [Query] {
        if builder.isEmpty { return [.none] }
        let hasRest = context.matching.words == .most && pinyin.isEmpty && lowestMinimum < minimumPositions
        var minimums = hasRest ? [minimumPositions, lowestMinimum] : [minimumPositions]
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
        var minimum = positions
        while minimum > lowest, try hits(minimum) == 0 { minimum -= 1 }
        return builder.typedPositionCount <= 4 ? minimum : max((minimum + 1) / 2, lowest)
    }

    /// The number of documents that match at least `minimum` positions; nil if the deadline passed while counting.
    private mutating func hits(_ minimum: Int) throws(IndexError) -> Int? {
        try hits(of: builder.matching(atLeast: minimum))
    }

    /// The number of documents that match a query; nil, and `isPartial`, if the deadline passed while counting.
    private mutating func hits(of query: Query) throws(IndexError) -> Int? {
        var search = Search(query, limit: 0)
        search.limits = context.limits
        let result = try context.reader.search(search)
        if result.isPartial { isPartial = true }
        return result.isPartial ? nil : result.total
    }
}

// MARK: - What no document matches as it was typed

extension QueryInterpretation {
    /// Reads the free words as pinyin, corrects their spelling or admits what sounds like them, whichever matches
    /// first, if no document matches all of them; proposes a correction if few do.
    private mutating func correct(_ parsed: ParsedQuery) throws(IndexError) {
        let positions = builder.positionCount
        guard positions > 0, !parsed.free.isEmpty, let typed = try hits(positions), typed < Self.enoughHits else {
            return
        }
        let words = try FreeWords(parsed.free, context, positions: positions)
        if typed > 0 { return try propose(words, parsed, typed) }
        if try readPinyin(words, parsed, leastShare: try words.arePinyin() ? 0.5 : 1) { return }
        if !words.hasVowels, try readInitials(words, parsed) { return }
        if try correctSpelling(words, parsed) { return }
        if try readPinyin(words, parsed, leastShare: 0.5) { return }
        if words.hasVowels, try readInitials(words, parsed) { return }
        if !isPartial, !context.limits.isOver, context.matching.words != .all {
            builder = try QueryBuilder(parsed, context, nearMisses: true)
        }
    }

    /// Proposes the corrected query if it has far more hits than the typed one. What it finds follows the documents
    /// that have all of the typed words.
    private mutating func propose(_ words: FreeWords, _ parsed: ParsedQuery, _ typed: Int) throws(IndexError) {
        guard let corrected = try words.corrected() else { return }
        var other = parsed
        other.replaceFreeWords(by: corrected)
        var both = try QueryBuilder(other, context)
        guard let found = try hits(of: both.matching(atLeast: both.positionCount)), found >= Self.farMore * typed
        else { return }
        didYouMean = other.text
        guard ranksByScore, context.matching.words != .all else { return }
        let exact = try builder.query(atLeast: builder.positionCount)
        var search = Search(exact, limit: Self.enoughHits)
        search.limits = context.limits
        let result = try context.reader.search(search)
        if result.isPartial { return isPartial = true }
        both.listFirst(result.hits.map(\.document), of: exact)
        builder = both
        minimumPositions = try countedMinimum()
    }

    /// The number of times as many hits that a proposed query must have.
    private static let farMore = 10

    /// Replaces the free words by corrected ones if these occur. Returns false if there are none.
    private mutating func correctSpelling(_ words: FreeWords, _ parsed: ParsedQuery) throws(IndexError) -> Bool {
        guard let corrected = try words.corrected() else { return false }
        var other = parsed
        other.replaceFreeWords(by: corrected)
        let builder = try QueryBuilder(other, context)
        let matching = builder.matching(atLeast: builder.positionCount)
        guard let found = try hits(of: matching) else { return false }
        // Known words stay unless all of the corrected ones, or more of them than of the typed ones, occur together.
        if found == 0, try !words.hasUnknownWord() {
            guard let typed = try greatestMatch(of: self.builder), let meant = try greatestMatch(of: builder),
                meant > typed
            else { return false }
        }
        return try search(other, builder, words, corrected)
    }

    /// The greatest number of positions that a document matches; nil if the deadline passed while counting.
    private mutating func greatestMatch(of builder: QueryBuilder) throws(IndexError) -> Int? {
        var minimum = builder.positionCount - 1
        while minimum > 0 {
            guard let found = try hits(of: builder.matching(atLeast: minimum)) else { return nil }
            if found > 0 { break }
            minimum -= 1
        }
        return minimum
    }

    /// Searches the corrected query by its builder. Returns false, and leaves the typed one, if no document matches.
    private mutating func search(
        _ query: ParsedQuery, _ corrected: QueryBuilder, _ words: FreeWords, _ correctedWords: [String]
    ) throws(IndexError) -> Bool {
        let typed = (builder, minimumPositions)
        builder = corrected
        minimumPositions = try countedMinimum()
        if try hits(minimumPositions) == 0 {
            (builder, minimumPositions) = typed
            return false
        }
        correctedQuery = query.text
        typos = Set(words.all.map(\.text)).subtracting(correctedWords)
        return true
    }

    /// Reads the free words as syllables of pinyin, if a document matches a share of their pairs. Returns false if none
    /// does or if they are no pinyin.
    private mutating func readPinyin(
        _ words: FreeWords, _ parsed: ParsedQuery, leastShare: Double
    ) throws(IndexError) -> Bool {
        let siblings = words.groups.flatMap(\.pinyin)
        guard !siblings.isEmpty, words.mayBePinyin else { return false }
        for syllables in PinyinQuery.syllables(of: words.all.map(\.text).joined(separator: " "), least: 2, limit: 4) {
            let pairs = PinyinQuery.pairs(syllables)
            if try read(pairs, siblings, words, parsed, leastShare) { return true }
        }
        return false
    }

    /// Reads a single word as initials of pinyin. Returns false if no document matches most of their pairs.
    private mutating func readInitials(_ words: FreeWords, _ parsed: ParsedQuery) throws(IndexError) -> Bool {
        let siblings = words.groups.flatMap(\.initials)
        guard !siblings.isEmpty, words.isLatin, words.all.count == 1 else { return false }
        let letters = words.all[0].text.map { String($0) }
        guard (3...Self.maxInitials).contains(letters.count) else { return false }
        let pairs = zip(letters, letters.dropFirst()).map { $0 + $1 }
        return try read(pairs, siblings, words, parsed, 0.6)
    }

    /// The number of pairs up to which all of them must match.
    private static let maxExactPairs = 2
    /// The maximum number of initials.
    private static let maxInitials = 24

    /// Searches pairs in the place of the free words, if a document matches a share of them.
    private mutating func read(
        _ pairs: [String], _ siblings: [SearchFields.Siblings], _ words: FreeWords, _ parsed: ParsedQuery,
        _ leastShare: Double
    ) throws(IndexError) -> Bool {
        let builder = try QueryBuilder(pairs: pairs, siblings, parsed, context)
        // The same pair over and over is no text, and few pairs must all match.
        guard pairs.count == 1 || builder.positionCount > 1 else { return false }
        let share = pairs.count <= Self.maxExactPairs ? 1 : leastShare
        let least = Int((Double(builder.positionCount) * share).rounded(.up))
        guard let found = try hits(of: builder.matching(atLeast: max(least, 1))), found > 0 else { return false }
        self.builder = builder
        pinyin = Set(words.all.map(\.text))
        minimumPositions = try countedMinimum()
        return true
    }
}
