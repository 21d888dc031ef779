import Kernels

/// Makes the operators that run a query in a segment.
struct SearchPlan {
    private let reader: IndexReader
    private let query: PreparedQuery
    private let isUsual: Bool
    private let budget: SearchBudget
    /// By field, for a similarity that is not the usual one.
    private let normInverses: [NormInverses]

    /// Looks up what the query asks for; the operators score only if `isScored`.
    ///
    /// Errors: `request` for a field that is not there or does not have terms, `corrupt`.
    init(
        _ query: Query, _ reader: IndexReader, _ similarity: BM25, isScored: Bool,
        _ budget: SearchBudget = SearchBudget()
    ) throws(IndexError) {
        self.reader = reader
        self.budget = budget
        var preparation = QueryPreparation(reader, similarity)
        self.query = try PreparedQuery(query, &preparation, isScored: isScored)
        isUsual = similarity == BM25()
        normInverses =
            isUsual
            ? []
            : reader.statistics.map {
                NormInverses(similarity.normInverses(tokenCount: $0.tokenCount, documentCount: $0.documentCount))
            }
    }

    /// The operators for the segment of that number; nil when nothing there can match.
    ///
    /// Errors: `corrupt`.
    func stream(_ number: Int, _ scope: SegmentScope) throws(IndexError) -> (any DocumentStream)? {
        try stream(query, number, scope)
    }

    private func stream(
        _ query: PreparedQuery, _ number: Int, _ scope: SegmentScope
    ) throws(IndexError) -> (any DocumentStream)? {
        switch query {
        case .all(let score): return AllStream(score: score, scope)
        case .none: return nil
        case .term(let term, let weight):
            guard let list = try list(term, number) else { return nil }
            return TermStream(list, weight: try self.weight(term.field, weight, number), scope: scope)
        case .phrase(let terms, let offsets, let weight):
            return try phraseStream(terms, offsets, weight, number, scope)
        case .boolean(let boolean): return try booleanStream(boolean, number, scope)
        case .constant(let inner, let score):
            return try stream(inner, number, scope).map { ConstantStream($0, score: score) }
        case .best(let queries, let others):
            let streams = try streams(queries, number, scope)
            return streams.count < 2 ? streams.first : BestStream(streams, others: others, scope)
        case .combined(let terms, let combined, let weight):
            return try combinedStream(terms, combined, weight, number, scope)
        case .numbers(let field, let keys):
            let test = NumberTest(
                try reader.column(number, .field(field)), keys, documents: reader.segments[number].documents)
            return test.cost == 0 ? nil : ColumnStream(test, scope)
        case .near(let places, let slop, let weight):
            return try loosePhraseStream(places, slop, weight, number, scope)
        case .scored(let inner, let functions):
            guard let base = try stream(inner, number, scope) else { return nil }
            return FunctionStream(
                base, try functions.map { function throws(IndexError) in try segmentFunction(function, number, scope) })
        case .present(let field): return try presentStream(field, number, scope)
        case .selection(let field, let selection, let isExcluded):
            let stream = try selectionStream(field, selection, number, scope)
            // What must not match would match.
            if isExcluded, budget.isOutOfTerms {
                throw .request(
                    problem: "the query stands for too many values, and what is excluded of "
                        + "\"\(reader.schema.fields[field].name)\" must be known whole; name fewer")
            }
            return stream
        }
    }

    private func loosePhraseStream(
        _ places: [PreparedQuery.PreparedPlace], _ slop: Int, _ weight: Float?, _ number: Int, _ scope: SegmentScope
    ) throws(IndexError) -> (any DocumentStream)? {
        var filters: [any DocumentStream] = []
        var parts: [[TermStream]] = []
        for place in places {
            let found = try place.terms.map { term throws(IndexError) in try list(term, number) }
            let lists = found.compactMap(\.self)
            if lists.isEmpty { return nil }
            // What matches and what reads positions go their own ways through the lists.
            let streams = lists.map { TermStream($0, weight: nil, scope: scope) }
            filters.append(streams.count == 1 ? streams[0] : UnionStream(streams, scope))
            parts.append(lists.map { TermStream($0, weight: nil, scope: scope, positions: true) })
        }
        let base = filters.count == 1 ? filters[0] : IntersectionStream(scored: [], filters: filters, scope)
        let own = try self.weight(places[0].terms.first?.field ?? 0, weight, number)
        return LoosePhraseStream(base, parts, SpanSearch(places.map(\.place), slop: slop), weight: own, scope)
    }

    private func segmentFunction(
        _ function: PreparedQuery.PreparedFunction, _ number: Int, _ scope: SegmentScope
    ) throws(IndexError) -> SegmentFunction {
        func codec(_ field: Int) -> NumberCodec { NumberCodec(reader.schema.fields[field]) ?? .integer }
        switch function {
        case .value(let field, let factor, let modifier, let missing):
            let column = try reader.column(number, .field(field))
            return .value(column, codec(field), factor: factor, modifier, missing: missing)
        case .decay(let field, let decay):
            return .decay(try reader.column(number, .field(field)), codec(field), decay)
        case .weight(let weight, let query): return .weight(weight, try stream(query, number, scope))
        }
    }

    /// The documents that have something in a field.
    private func presentStream(
        _ field: Int, _ number: Int, _ scope: SegmentScope
    ) throws(IndexError) -> (any DocumentStream)? {
        let segment = reader.segments[number]
        let count = segment.statistics[field].documentCount
        switch reader.schema.fields[field].type {
        case .text:
            guard count > 0, let norms = try segment.norms(field) else { return nil }
            return ColumnStream(LengthTest(norms: norms, cost: count), scope)
        case .keyword:
            guard let column = try segment.ordinals(field) else { return AllStream(score: 0, scope) }
            return count == 0 ? nil : ColumnStream(OrdinalTest(column: column, cost: count), scope)
        case .integer, .float, .boolean, .date, .price:
            let test = NumberTest(
                try reader.column(number, .field(field)), 0...UInt64.max, documents: segment.documents)
            return test.cost == 0 ? nil : ColumnStream(test, scope)
        case .stored: return nil
        }
    }

    /// The documents with any of the selected terms: those of most lists as one set, long lists by themselves.
    private func selectionStream(
        _ field: Int, _ selection: TermSelection, _ number: Int, _ scope: SegmentScope
    ) throws(IndexError) -> (any DocumentStream)? {
        let segment = reader.segments[number]
        guard let terms = try segment.terms(field) else { return nil }
        var infos: [TermInfo] = []
        let isIntact = selection.forEachTerm(terms, budget) { info in
            guard budget.takeTerm() else { return false }
            infos.append(info)
            return true
        }
        guard isIntact else {
            throw segment.corrupt(.termBlocks, field, 0, "a block of terms cannot be decoded")
        }
        try selection.checkComplexity()
        var streams: [any DocumentStream] = []
        var set: SetStream?
        let memory = BlockMemory()
        let isShort = infos.count <= Self.fewLists
        for (place, info) in infos.enumerated() {
            if place & 255 == 255, budget.isLate() { break }
            let list = try segment.postings(field, info)
            let isLong = info.documentFrequency >= scope.documents / 64
            if isShort || isLong, streams.count < Self.fewLists {
                streams.append(TermStream(list, weight: nil, scope: scope))
                continue
            }
            let own = set ?? SetStream(scope)
            set = own
            guard own.insert(list, memory) else {
                throw segment.corrupt(.postings, field, info.postingsOffset, "a list cannot be decoded")
            }
        }
        if let set {
            set.finish()
            streams.append(set)
        }
        return streams.count < 2 ? streams.first : UnionStream(streams, scope)
    }

    /// So many lists, or fewer, are joined window by window.
    private static let fewLists = 8

    private func combinedStream(
        _ terms: [PreparedTerm], _ combined: CombinedFields, _ weight: Float?, _ number: Int, _ scope: SegmentScope
    ) throws(IndexError) -> (any DocumentStream)? {
        var parts: [CombinedStream.Part] = []
        for (field, term) in zip(combined.fields, terms) {
            guard let list = try list(term, number), let norms = try reader.segments[number].norms(field.number) else {
                continue
            }
            // With a weight of 1 and the field's own factors, its bound tells how much the field can add.
            let share = weight.map { _ in TermWeight(weight: 1, normInverses: field.factors, norms: norms) }
            let stream = TermStream(list, weight: share, scope: scope)
            parts.append(CombinedStream.Part(stream: stream, weight: Double(field.weight)))
        }
        if parts.isEmpty { return nil }
        let lengths = try combined.fields.map { field throws(IndexError) in
            CombinedStream.Length(
                weight: Double(field.weight), norms: try reader.segments[number].norms(field.number))
        }
        return CombinedStream(parts, lengths, combined, weight: weight, scope)
    }

    private func phraseStream(
        _ terms: [PreparedTerm], _ offsets: [UInt32], _ weight: Float?, _ number: Int, _ scope: SegmentScope
    ) throws(IndexError) -> (any DocumentStream)? {
        // A segment that lacks a term is left before any list is opened.
        if terms.contains(where: { $0.info(number) == nil }) { return nil }
        let weight = try self.weight(terms[0].field, weight, number)
        var parts: [PhraseStream.Part] = []
        parts.reserveCapacity(terms.count)
        for (term, offset) in zip(terms, offsets) {
            guard let list = try list(term, number) else { return nil }
            let stream = TermStream(list, weight: weight, scope: scope, positions: true)
            parts.append(PhraseStream.Part(stream: stream, offset: offset))
        }
        return PhraseStream(parts, weight: weight, scope)
    }

    private func booleanStream(
        _ query: PreparedQuery.Clauses, _ number: Int, _ scope: SegmentScope
    ) throws(IndexError) -> (any DocumentStream)? {
        var must = try streams(query.must, number, scope)
        guard must.count == query.must.count else { return nil }
        let filters = try streams(query.filter, number, scope)
        guard filters.count == query.filter.count else { return nil }
        let should = try streams(query.should, number, scope)
        let required = must.count + filters.count
        let minimum = max(query.minimumShould ?? 0, required == 0 ? 1 : 0)
        guard should.count >= minimum else { return nil }
        var optional: (any DocumentStream)?
        if minimum > 0 {
            // What must match as often as that is a clause like the others, after theirs were summed up.
            let wanted = Self.atLeast(minimum, should, scope)
            if required == 0 { return try excluding(query, number, scope, from: wanted) }
            if must.count > 1 { must = [IntersectionStream(scored: must, filters: [], scope)] }
            must.append(wanted)
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
        return try excluding(query, number, scope, from: base)
    }

    private func streams(
        _ clauses: [PreparedQuery], _ number: Int, _ scope: SegmentScope
    ) throws(IndexError) -> [any DocumentStream] {
        var streams: [any DocumentStream] = []
        streams.reserveCapacity(clauses.count)
        for clause in clauses {
            if let stream = try stream(clause, number, scope) { streams.append(stream) }
        }
        return streams
    }

    private func excluding(
        _ query: PreparedQuery.Clauses, _ number: Int, _ scope: SegmentScope, from base: any DocumentStream
    ) throws(IndexError) -> any DocumentStream {
        let excluded = try streams(query.mustNot, number, scope)
        return excluded.isEmpty ? base : ExclusionStream(base, excluded: Self.atLeast(1, excluded, scope))
    }

    private static func atLeast(
        _ minimum: Int, _ streams: [any DocumentStream], _ scope: SegmentScope
    ) -> any DocumentStream {
        if streams.count == 1 { return streams[0] }
        return minimum > 1
            ? MinimumMatchStream(streams, minimum: minimum, scope) : UnionStream(streams, scope)
    }

    /// The postings of a term in a segment; nil when it does not have the term.
    private func list(_ term: PreparedTerm, _ number: Int) throws(IndexError) -> PostingsList? {
        guard let info = term.info(number) else { return nil }
        return try reader.segments[number].postings(term.field, info)
    }

    private func weight(_ field: Int, _ weight: Float?, _ number: Int) throws(IndexError) -> TermWeight? {
        guard let weight, let norms = try reader.segments[number].norms(field) else { return nil }
        let factors = isUsual ? reader.usualNormInverses[field] : normInverses[field]
        return TermWeight(weight: weight, normInverses: factors, norms: norms)
    }
}

extension IndexReader {
    /// The most that a document could score by a query: every clause matching as often as one likes, in a text as
    /// short as one likes.
    ///
    /// Errors: `request` for fields that are not there or do not fit, `corrupt`.
    public func greatestScore(of query: Query) throws(IndexError) -> Float {
        var preparation = QueryPreparation(self, BM25())
        return try PreparedQuery(query, &preparation, isScored: true).greatestScore
    }

    /// Documents of all segments that have a term of a field.
    ///
    /// Errors: `request` for a field that is not there or does not have terms, `corrupt`.
    public func documentFrequency(_ field: String, _ term: String) throws(IndexError) -> Int {
        try documentFrequency(try indexedField(field).index, term)
    }

    /// Documents of all segments that have a term.
    func documentFrequency(_ field: Int, _ term: String) throws(IndexError) -> Int {
        var sum = 0
        for segment in segments { sum += try segment.find(field, term)?.documentFrequency ?? 0 }
        return sum
    }
}
