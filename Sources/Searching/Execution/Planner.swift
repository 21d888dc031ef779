import Segments

/// The plan of a search: a prepared query from which the operators of each segment are built.
///
/// A query that is run on several segments is prepared once; building the operators of a segment opens its postings
/// lists and columns. Not thread-safe: patterns memoize states, and the budget belongs to one search.
struct SearchPlan {
    private let reader: IndexReader
    private let query: PreparedQuery
    /// True if the similarity has the default parameters, whose factors the reader keeps.
    private let isDefaultSimilarity: Bool
    private let budget: SearchBudget
    /// Per field, the factors of a similarity with other parameters; empty for the default ones.
    private let normInverses: [NormInverses]

    /// Looks up the fields and terms of a validated query; the operators score only if `isScored`.
    ///
    /// Errors: `request` for a field that does not exist or does not fit, `corrupt`. Complexity: O(terms · segments ·
    /// log terms of the dictionary), patterns excluded.
    init(
        _ query: Query, _ reader: IndexReader, _ similarity: BM25, isScored: Bool,
        _ budget: SearchBudget = SearchBudget(), sharing memory: SearchMemory = .single
    ) throws(IndexError) {
        self.reader = reader
        self.budget = budget
        var preparation = QueryPreparation(reader, similarity, budget, memory)
        self.query = try PreparedQuery(query, &preparation, isScored: isScored)
        isDefaultSimilarity = similarity == BM25()
        normInverses =
            isDefaultSimilarity
            ? []
            : reader.statistics.map {
                NormInverses(similarity.normInverses(tokenCount: $0.tokenCount, documentCount: $0.documentCount))
            }
    }

    /// Builds the operators for the segment with an index in the reader; nil when no document of the segment can match.
    ///
    /// Errors: `corrupt`, and `request` if a pattern is too complex or an excluded pattern has too many terms.
    func stream(_ segmentIndex: Int, _ scope: SegmentScope) throws(IndexError) -> (any DocumentStream)? {
        try stream(query, segmentIndex, scope)
    }

    private func stream(
        _ query: PreparedQuery, _ segmentIndex: Int, _ scope: SegmentScope
    ) throws(IndexError) -> (any DocumentStream)? {
        switch query {
        case .all(let score): return AllStream(score: score, scope)
        case .none: return nil
        case .documents(let documents): return listedStream(documents, segmentIndex, scope)
        case .term(let term, let weight):
            guard let list = try list(term, segmentIndex) else { return nil }
            return TermStream(
                list, field: term.field, weight: try self.weight(term.field, weight, segmentIndex), scope: scope)
        case .phrase(let terms, let offsets, let weight):
            return try phraseStream(terms, offsets, weight, segmentIndex, scope)
        case .boolean(let boolean): return try booleanStream(boolean, segmentIndex, scope)
        case .constant(let inner, let score):
            return try stream(inner, segmentIndex, scope).map { ConstantStream($0, score: score) }
        case .disjunctionMax(let queries, let tieBreaker):
            let streams = try streams(queries, segmentIndex, scope)
            return streams.count < 2 ? streams.first : DisjunctionMaxStream(streams, tieBreaker: tieBreaker, scope)
        case .combined(let terms, let combined, let weight):
            return try combinedStream(terms, combined, weight, segmentIndex, scope)
        case .numbers(let field, let keys):
            let column = try reader.column(segmentIndex, .field(field))
            let test = NumberTest(column, keys, documents: reader.segments[segmentIndex].documents)
            return test.cost == 0 ? nil : ColumnStream(test, scope)
        case .sloppyPhrase(let places, let slop, let weight):
            return try sloppyPhraseStream(places, slop, weight, segmentIndex, scope)
        case .functionScore(let inner, let functions):
            guard let base = try stream(inner, segmentIndex, scope) else { return nil }
            return FunctionScoreStream(
                base,
                try functions.map { function throws(IndexError) in
                    try segmentFunction(function, segmentIndex, scope)
                })
        case .present(let field): return try presentStream(field, segmentIndex, scope)
        case .selection(let field, let selection, let isExcluded):
            let stream = try selectionStream(field, selection, segmentIndex, scope)
            // With an incomplete expansion, documents that must not match would match.
            if isExcluded, budget.isOutOfTerms {
                throw .request(
                    problem: "the query expands to too many values, and an exclusion in "
                        + "\"\(reader.schema.fields[field].name)\" needs all of them; use a narrower one")
            }
            return stream
        }
    }

    /// The operator of a sloppy phrase; nil if the segment lacks all terms of a place.
    private func sloppyPhraseStream(
        _ places: [PreparedQuery.PreparedPlace], _ slop: Int, _ weight: Float?, _ segmentIndex: Int,
        _ scope: SegmentScope
    ) throws(IndexError) -> (any DocumentStream)? {
        var filters: [any DocumentStream] = []
        var parts: [[TermStream]] = []
        for place in places {
            var lists: [(field: Int, list: PostingsList)] = []
            for term in place.terms {
                if let list = try list(term, segmentIndex) { lists.append((term.field, list)) }
            }
            if lists.isEmpty { return nil }
            // Matching and reading positions move through the lists independently, so each has cursors of its own.
            let streams = lists.map { TermStream($0.list, field: $0.field, weight: nil, scope: scope) }
            filters.append(streams.count == 1 ? streams[0] : UnionStream(streams, scope))
            parts.append(lists.map { TermStream($0.list, field: $0.field, weight: nil, scope: scope, positions: true) })
        }
        let base = filters.count == 1 ? filters[0] : IntersectionStream(scored: [], filters: filters, scope)
        let termWeight = try self.weight(places[0].terms.first?.field ?? 0, weight, segmentIndex)
        return SloppyPhraseStream(base, parts, SpanSearch(places.map(\.place), slop: slop), weight: termWeight, scope)
    }

    /// The operator for those of the listed documents that the segment has.
    private func listedStream(
        _ documents: [Query.ScoredDocument], _ segmentIndex: Int, _ scope: SegmentScope
    ) -> ListedStream? {
        let base = reader.bases[segmentIndex]
        let listed = documents.lazy.filter { (base..<base + scope.documents).contains($0.document) }
        return listed.isEmpty ? nil : ListedStream(listed.map { ($0.document - base, Double($0.score)) }, scope)
    }

    /// A score function bound to the columns of a segment.
    private func segmentFunction(
        _ function: PreparedQuery.PreparedFunction, _ segmentIndex: Int, _ scope: SegmentScope
    ) throws(IndexError) -> SegmentFunction {
        func codec(_ field: Int) -> NumberCodec { NumberCodec(reader.schema.fields[field]) ?? .integer }
        switch function {
        case .weight(let weight, let query): return .weight(weight, try stream(query, segmentIndex, scope))
        case .popularity(let popularity, let fields):
            let columns = try fields.map { field throws(IndexError) in
                (try reader.column(segmentIndex, .field(field)), codec(field))
            }
            return .popularity(SegmentPopularity(popularity, columns))
        }
    }

    /// The operator for documents that have a value or a token in a field.
    private func presentStream(
        _ field: Int, _ segmentIndex: Int, _ scope: SegmentScope
    ) throws(IndexError) -> (any DocumentStream)? {
        let segment = reader.segments[segmentIndex]
        let count = segment.statistics[field].documentCount
        switch reader.schema.fields[field].type {
        case .text:
            guard count > 0, let norms = try segment.norms(field) else { return nil }
            return ColumnStream(LengthTest(norms: norms, cost: count), scope)
        case .vocabulary: return AllStream(score: 0, scope)
        case .keyword:
            guard let column = try segment.ordinals(field) else { return AllStream(score: 0, scope) }
            return count == 0 ? nil : ColumnStream(OrdinalTest(column: column, cost: count), scope)
        case .integer, .float, .boolean, .date, .price:
            let test = NumberTest(
                try reader.column(segmentIndex, .field(field)), 0...UInt64.max, documents: segment.documents)
            return test.cost == 0 ? nil : ColumnStream(test, scope)
        case .stored, .suggestion: return nil
        }
    }

    /// The operator for documents with any of the selected terms: short lists are united in one set, long ones are
    /// streams of their own.
    private func selectionStream(
        _ field: Int, _ selection: TermSelection, _ segmentIndex: Int, _ scope: SegmentScope
    ) throws(IndexError) -> (any DocumentStream)? {
        let segment = reader.segments[segmentIndex]
        guard let terms = try segment.terms(field) else { return nil }
        var infos: [TermInfo] = []
        let isIntact = selection.forEachTerm(terms, budget) { info in
            guard budget.chargeTerm() else { return false }
            infos.append(info)
            return true
        }
        guard isIntact else { throw segment.corrupt(.termBlocks, field) }
        try selection.checkComplexity()
        var streams: [any DocumentStream] = []
        var set: TermSetStream?
        let memory = BlockMemory()
        let isShort = infos.count <= Self.maxSeparateLists
        for (i, info) in infos.enumerated() {
            if i & 255 == 255, budget.isLate() { break }
            let list = try segment.postings(field, info)
            let isLong = info.documentFrequency >= scope.documents / 64
            if isShort || isLong, streams.count < Self.maxSeparateLists {
                streams.append(TermStream(list, field: field, weight: nil, scope: scope))
                continue
            }
            let target = set ?? TermSetStream(scope)
            set = target
            guard target.insert(list, memory) else {
                throw segment.corrupt(.postings, field, offset: info.postingsOffset)
            }
        }
        if let set {
            set.finish()
            streams.append(set)
        }
        return streams.count < 2 ? streams.first : UnionStream(streams, scope)
    }

    /// The maximum number of lists that are united window by window.
    private static let maxSeparateLists = 8

    /// The operator of a term in combined fields; nil if the segment has the term in none of them.
    private func combinedStream(
        _ terms: [PreparedTerm], _ combined: CombinedFields, _ weight: Float?, _ segmentIndex: Int,
        _ scope: SegmentScope
    ) throws(IndexError) -> (any DocumentStream)? {
        var parts: [CombinedFieldsStream.Part] = []
        for (field, term) in zip(combined.fields, terms) {
            guard let list = try list(term, segmentIndex),
                let norms = try reader.segments[segmentIndex].norms(field.fieldIndex)
            else { continue }
            // With a weight of 1 and the field's factors, the bound of the stream is what the field can add.
            let share = weight.map { _ in TermWeight(weight: 1, normInverses: field.factors, norms: norms) }
            let stream = TermStream(list, field: term.field, weight: share, scope: scope)
            parts.append(CombinedFieldsStream.Part(stream: stream, weight: Double(field.weight)))
        }
        if parts.isEmpty { return nil }
        let lengths = try combined.fields.map { field throws(IndexError) in
            CombinedFieldsStream.Length(
                weight: Double(field.weight), norms: try reader.segments[segmentIndex].norms(field.fieldIndex))
        }
        return CombinedFieldsStream(parts, lengths, combined, weight: weight, scope)
    }

    /// The operator of a phrase; nil if the segment lacks one of the terms.
    private func phraseStream(
        _ terms: [PreparedTerm], _ offsets: [UInt32], _ weight: Float?, _ segmentIndex: Int, _ scope: SegmentScope
    ) throws(IndexError) -> (any DocumentStream)? {
        // Checked for all terms before any list is opened.
        if terms.contains(where: { $0.info(segmentIndex) == nil }) { return nil }
        let weight = try self.weight(terms[0].field, weight, segmentIndex)
        var parts: [PhraseStream.Part] = []
        parts.reserveCapacity(terms.count)
        for (term, offset) in zip(terms, offsets) {
            guard let list = try list(term, segmentIndex) else { return nil }
            let stream = TermStream(list, field: term.field, weight: weight, scope: scope, positions: true)
            parts.append(PhraseStream.Part(stream: stream, offset: offset))
        }
        return PhraseStream(parts, weight: weight, scope)
    }

    /// The operator of a combination: an intersection of the required clauses, with optional clauses added and excluded
    /// ones removed; nil if nothing can match.
    private func booleanStream(
        _ query: PreparedQuery.Clauses, _ segmentIndex: Int, _ scope: SegmentScope
    ) throws(IndexError) -> (any DocumentStream)? {
        var must = try streams(query.must, segmentIndex, scope)
        guard must.count == query.must.count else { return nil }
        let filters = try streams(query.filter, segmentIndex, scope)
        guard filters.count == query.filter.count else { return nil }
        let should = try streams(query.should, segmentIndex, scope)
        let required = must.count + filters.count
        let minimum = max(query.minimumShould ?? 0, required == 0 ? 1 : 0)
        guard should.count >= minimum else { return nil }
        var optional: (any DocumentStream)?
        if minimum > 0 {
            // The `should` clauses as a whole are one more required clause; the sum of `must` is rounded separately.
            let selected = Self.atLeast(minimum, should, scope)
            if required == 0 { return try excluding(query, segmentIndex, scope, from: selected) }
            if must.count > 1 { must = [IntersectionStream(scored: must, filters: [], scope)] }
            must.append(selected)
        } else if !should.isEmpty, query.isScored {
            optional = Self.atLeast(1, should, scope)
        }
        var base: any DocumentStream
        if must.count == 1, filters.isEmpty {
            base = must[0]
        } else {
            base = IntersectionStream(scored: must, filters: filters, scope)
        }
        if let optional { base = OptionalStream(base, optional: optional) }
        return try excluding(query, segmentIndex, scope, from: base)
    }

    /// The operators of those clauses that can match in the segment, in their order.
    private func streams(
        _ clauses: [PreparedQuery], _ segmentIndex: Int, _ scope: SegmentScope
    ) throws(IndexError) -> [any DocumentStream] {
        var streams: [any DocumentStream] = []
        streams.reserveCapacity(clauses.count)
        for clause in clauses {
            if let stream = try stream(clause, segmentIndex, scope) { streams.append(stream) }
        }
        return streams
    }

    /// `base` without the documents of the excluded clauses.
    private func excluding(
        _ query: PreparedQuery.Clauses, _ segmentIndex: Int, _ scope: SegmentScope, from base: any DocumentStream
    ) throws(IndexError) -> any DocumentStream {
        let excluded = try streams(query.mustNot, segmentIndex, scope)
        return excluded.isEmpty ? base : ExclusionStream(base, excluded: Self.atLeast(1, excluded, scope))
    }

    /// The operator for documents that at least `minimum` of the streams match.
    private static func atLeast(
        _ minimum: Int, _ streams: [any DocumentStream], _ scope: SegmentScope
    ) -> any DocumentStream {
        if streams.count == 1 { return streams[0] }
        return minimum > 1 ? MinimumMatchStream(streams, minimum: minimum, scope) : UnionStream(streams, scope)
    }

    /// The postings list of a term in a segment; nil when the segment does not have the term. Errors: `corrupt`.
    private func list(_ term: PreparedTerm, _ segmentIndex: Int) throws(IndexError) -> PostingsList? {
        guard let info = term.info(segmentIndex) else { return nil }
        return try reader.segments[segmentIndex].postings(term.field, info)
    }

    /// The weight of a term of a text field, with the norms of a segment; nil if documents are only matched.
    private func weight(_ field: Int, _ weight: Float?, _ segmentIndex: Int) throws(IndexError) -> TermWeight? {
        guard let weight, let norms = try reader.segments[segmentIndex].norms(field) else { return nil }
        let factors = isDefaultSimilarity ? reader.usualNormInverses[field] : normInverses[field]
        return TermWeight(weight: weight, normInverses: factors, norms: norms)
    }
}
