import Analyzer
import Searching
import Segments

/// The expansions of a query that differ from what was typed, as a reply reports them.
struct QueryRewrites: Sendable, Equatable {
    /// The unknown terms that were rewritten as pinyin.
    var pinyin: Set<String> = []
    /// The synonyms that were added, as `from → to`.
    var synonyms: Set<String> = []
    /// True if documents that only sound like the query were admitted.
    var homophones = false

    /// Adds the rewrites of another part of the query.
    mutating func formUnion(_ other: QueryRewrites) {
        pinyin.formUnion(other.pinyin)
        synonyms.formUnion(other.synonyms)
        homophones = homophones || other.homophones
    }
}

/// The positions of a query expanded by their synonyms, and unknown terms rewritten.
///
/// An unknown term is a Latin-script term that occurs in no field of any group. It is rewritten as pinyin or as the
/// initials of pinyin: whatever matches a document first.
struct QueryExpansion {
    /// The positions of the query, in order.
    let positions: [QueryPosition]
    /// The query of each position, aligned with `positions`.
    private(set) var queries: [Query]
    /// The rewrites that were made.
    private(set) var rewrites = QueryRewrites()
    /// The query in the terms of each group, aligned with `groups`.
    private let analyzed: [AnalyzedQuery]
    private let groups: [SearchFields]
    private let context: QueryContext
    /// The query of each position without any expansion.
    let typedQueries: [Query]
    /// True for the positions whose terms are unknown and may be rewritten, aligned with `positions`.
    private var isUnknown: [Bool] = []

    /// The maximum number of terms of a query that are rewritten. A query with more unknown terms is in another
    /// language than its catalog: the remaining ones stay as they are.
    private static let maxRewrittenTerms = 6
    /// The maximum number of synonyms that are added to a position; a list may have more.
    private static let maxSynonyms = 16
    /// The maximum number of dictionary lookups for the synonyms of a query in one group of fields.
    private static let maxSynonymLookups = 512

    /// Expands a query that was analyzed for each group of fields, in the order of the groups; nothing is added once
    /// the context's limits are over.
    ///
    /// Errors: `corrupt` of the index.
    init(_ analyzed: [AnalyzedQuery], _ groups: [SearchFields], _ context: QueryContext) throws(IndexError) {
        let positions = QueryPosition.all(analyzed)
        self.analyzed = analyzed
        self.groups = groups
        self.context = context
        self.positions = positions
        typedQueries = positions.map { position in
            let query = Query.disjunctionMax(
                of: position.members.map { groups[$0.group].query(analyzed[$0.group].terms[$0.term]) })
            return position.count == 1 ? query : .boosted(query, Float(position.count))
        }
        queries = typedQueries
        for position in positions {
            let isUnknown = context.limits.isOver ? false : try hasUnknownTerm(position)
            self.isUnknown.append(isUnknown)
        }
        if context.matching.isUnfinished, !context.limits.isOver { try completeLastWord() }
        try addSynonyms()
        if context.matching.corrects { try rewriteUnknownTerms() }
    }

    private func term(_ member: QueryPosition.Member) -> AnalyzedQuery.Term {
        analyzed[member.group].terms[member.term]
    }

    /// Adds the words that begin with the last word of the query, which is unfinished.
    private mutating func completeLastWord() throws(IndexError) {
        let ends = positions.map { $0.members.flatMap { term($0).spans.map(\.upperBound) }.max() ?? 0 }
        guard let last = ends.indices.max(by: { ends[$0] < ends[$1] }) else { return }
        guard let word = positions[last].members.compactMap({ term($0).word }).first else { return }
        let groups = positions[last].members.map { self.groups[$0.group] }
        guard let beginning = try UnfinishedQuery.words(beginning: word, groups, context.reader) else { return }
        queries[last] = .disjunctionMax(of: [queries[last], beginning])
        isUnknown[last] = false
    }

    /// The folded word at a position if it consists of Latin letters; nil otherwise.
    func latinWord(_ position: QueryPosition) -> String? {
        position.members.lazy.compactMap { term($0).latin }.first
    }

    /// True if a position has a Latin-script word that occurs in no field of any group and is not a part of a code.
    private func hasUnknownTerm(_ position: QueryPosition) throws(IndexError) -> Bool {
        if latinWord(position) == nil || position.members.contains(where: { term($0).isPartOfCode }) { return false }
        for member in position.members {
            for term in [term(member).text] + term(member).alternatives {
                for field in groups[member.group].words {
                    if try context.reader.documentFrequency(field.name, term) > 0 { return false }
                }
            }
        }
        return true
    }
}

// MARK: - Synonyms

extension QueryExpansion {
    private mutating func addSynonyms() throws(IndexError) {
        var alternatives = [[Query]](repeating: [], count: positions.count)
        for (groupIndex, group) in groups.enumerated() {
            guard let table = context.synonyms[group.analyzer.name] else { continue }
            let phrase = analyzed[groupIndex].phrase.terms
            let last = phrase.last.map { slots(of: [$0], groupIndex) } ?? []
            let matches = table.matches(in: phrase, unfinished: last.contains { isUnknown[$0] })
            var found = SynonymQueries(
                positions: positions.count, maxPerPosition: Self.maxSynonyms, maxLookups: Self.maxSynonymLookups)
            for match in matches where !context.limits.isOver {
                if match.isUnfinished { try found.complete(match, at: last, group, context.reader) }
                let slots = slots(of: phrase[match.terms], groupIndex)
                let texts = try found.add(
                    match, for: slots.map { (slot: $0, query: typedQueries[$0]) }, group, context)
                rewrites.synonyms.formUnion(texts)
            }
            for slot in positions.indices { alternatives[slot] += found.queries[slot] }
        }
        for slot in positions.indices where !alternatives[slot].isEmpty {
            queries[slot] = .disjunctionMax(of: [queries[slot]] + alternatives[slot])
            isUnknown[slot] = false
        }
    }

    /// The indexes of the positions that have one of some terms of a group.
    private func slots(of terms: some Sequence<Query.PhraseTerm>, _ group: Int) -> [Int] {
        let texts = Set(terms.map(\.term))
        return positions.indices.filter { slot in
            positions[slot].members.contains { $0.group == group && texts.contains(term($0).text) }
        }
    }
}

/// The synonyms of a query in one group of fields, collected by position within limits.
private struct SynonymQueries {
    /// The queries for the synonyms of each position, without duplicates.
    private(set) var queries: [[Query]]
    private let maxPerPosition: Int
    /// The number of dictionary lookups that are left.
    private var lookups: Int

    /// Collects at most `maxPerPosition` synonyms for each position, with at most `maxLookups` lookups in all.
    init(positions: Int, maxPerPosition: Int, maxLookups: Int) {
        queries = [[Query]](repeating: [], count: positions)
        self.maxPerPosition = maxPerPosition
        lookups = maxLookups
    }

    /// Adds the whole word of which the query has only a prefix, if it occurs in a field of the group.
    mutating func complete(
        _ match: SynonymTable.Match, at slots: [Int], _ group: SearchFields, _ reader: IndexReader
    ) throws(IndexError) {
        guard let whole = match.from.phrase.terms.last, hasRoom(at: slots) else { return }
        lookups -= 1
        guard try group.hasTerms(of: QueryPhrase(terms: [whole]), reader) else { return }
        add(.combined(fields: group.words, whole.term), at: slots)
    }

    /// Adds the synonyms of some positions that occur in a field of the group. Returns them as `from → to`.
    mutating func add(
        _ match: SynonymTable.Match, for positions: [(slot: Int, query: Query)], _ group: SearchFields,
        _ context: QueryContext
    ) throws(IndexError) -> [String] {
        var texts: [String] = []
        let slots = positions.map(\.slot)
        var typedScore: Float = 0
        for position in positions { typedScore += try context.greatestScore(of: position.query) }
        for target in match.to where target.phrase.terms != match.from.phrase.terms {
            guard hasRoom(at: slots) else { break }
            lookups -= 1
            guard try group.hasTerms(of: target.phrase, context.reader) else { continue }
            let synonym = group.query(target.phrase)
            // A synonym never scores more than the words that it replaces.
            let synonymScore = try context.greatestScore(of: synonym)
            let share =
                SynonymTable.weight * (typedScore > 0 && synonymScore > typedScore ? typedScore / synonymScore : 1)
            // A text that has the synonym matches each of the positions; their scores add up to that of the synonym.
            add(.boosted(synonym, share / Float(slots.count)), at: slots)
            texts.append("\(match.from.text) → \(target.text)")
        }
        return texts
    }

    private func hasRoom(at slots: [Int]) -> Bool {
        lookups > 0 && !slots.isEmpty && slots.allSatisfy { queries[$0].count < maxPerPosition }
    }

    private mutating func add(_ query: Query, at slots: [Int]) {
        for slot in slots where !queries[slot].contains(query) { queries[slot].append(query) }
    }
}

// MARK: - Unknown terms

extension QueryExpansion {
    /// Rewrites the first `maxRewrittenTerms` unknown terms as pinyin or as initials of pinyin, in this order: the
    /// first kind of rewrite that matches a document replaces the term.
    private mutating func rewriteUnknownTerms() throws(IndexError) {
        for slot in positions.indices.filter({ isUnknown[$0] }).prefix(Self.maxRewrittenTerms) {
            guard let latin = latinWord(positions[slot]) else { continue }
            let groups = positions[slot].members.map { self.groups[$0.group] }
            var candidates = try matching(groups.flatMap { Self.pinyin(latin, $0) })
            if !candidates.isEmpty {
                rewrites.pinyin.insert(latin)
            }
            if candidates.isEmpty {
                candidates = try matching(groups.flatMap { Self.initials(latin, $0) })
                if !candidates.isEmpty { rewrites.pinyin.insert(latin) }
            }
            if !candidates.isEmpty { queries[slot] = .disjunctionMax(of: candidates) }
        }
    }

    /// The queries that match at least one document, in the given order.
    private func matching(_ candidates: [Query]) throws(IndexError) -> [Query] {
        var matching: [Query] = []
        for query in candidates where !context.limits.isOver {
            var search = Search(query, limit: 0)
            search.limits = context.limits
            if try context.search(search).total ?? 0 > 0 { matching.append(query) }
        }
        return matching
    }

    /// Queries for a word as at least two syllables of pinyin, one for each way to divide it and each field.
    private static func pinyin(_ word: String, _ group: SearchFields) -> [Query] {
        let fields = group.pinyin.flatMap(\.fields)
        if fields.isEmpty { return [] }
        return PinyinQuery.syllables(of: word, least: 2).map(PinyinQuery.pairs).flatMap { pairs in
            fields.map { phrase(pairs, $0) }
        }
    }

    /// Queries for a word of two to eight letters as the initials of syllables, one for each field.
    private static func initials(_ word: String, _ group: SearchFields) -> [Query] {
        guard (2...8).contains(word.utf8.count) else { return [] }
        let letters = word.map { String($0) }
        let pairs = zip(letters, letters.dropFirst()).map { $0 + $1 }
        return group.initials.flatMap(\.fields).map { phrase(pairs, $0) }
    }

    /// Pairs of syllables or initials as a phrase of a field.
    private static func phrase(_ pairs: [String], _ field: Query.WeightedField) -> Query {
        if pairs.count == 1 { return .combined(fields: [field], pairs[0]) }
        let terms = pairs.enumerated().map { Query.PhraseTerm($1, at: $0) }
        return .boosted(.phrase(field: field.name, terms), field.weight)
    }
}
