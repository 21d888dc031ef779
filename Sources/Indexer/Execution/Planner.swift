import Kernels

/// What a search knows before it looks into any segment: frequencies over all of them, so that scores do not depend
/// on how documents are spread.
final class SearchPlan {
    private let reader: IndexReader
    private let similarity: BM25
    private let isScored: Bool
    private var idfs: [[UInt8]: Float] = [:]
    private var normInverses: [Int: NormInverses] = [:]

    init(_ reader: IndexReader, _ similarity: BM25, isScored: Bool) {
        self.reader = reader
        self.similarity = similarity
        self.isScored = isScored
    }

    /// The operators for a query in a segment; nil when nothing there can match.
    ///
    /// Errors: `request` for a field that is not there or does not have terms, `corrupt`.
    func stream(
        _ query: Query, _ segment: SegmentReader, boost: Float = 1, _ damage: DamageReport
    ) throws(IndexError) -> (any DocumentStream)? {
        switch query {
        case .all: return AllStream(documents: segment.documents, score: boost)
        case .none: return nil
        case .boosted(let inner, let factor): return try stream(inner, segment, boost: boost * factor, damage)
        case .term(let name, let term): return try termStream(name, term, segment, boost, damage)
        case .phrase(let name, let terms): return try phraseStream(name, terms, segment, boost, damage)
        case .boolean(let boolean): return try booleanStream(boolean, segment, boost, damage)
        }
    }

    private func termStream(
        _ name: String, _ term: String, _ segment: SegmentReader, _ boost: Float, _ damage: DamageReport
    ) throws(IndexError) -> (any DocumentStream)? {
        let (field, type) = try reader.indexedField(name)
        guard let found = try segment.find(field, term) else { return nil }
        let list = try segment.postings(field, found)
        guard isScored else { return TermStream(list, weight: nil, damage: damage) }
        if type == .keyword { return UnscoredStream(TermStream(list, weight: nil, damage: damage)) }
        let weight = weight(field, boost * (try idf(field, term)), segment)
        return TermStream(list, weight: weight, damage: damage)
    }

    private func phraseStream(
        _ name: String, _ terms: [Query.PhraseTerm], _ segment: SegmentReader, _ boost: Float, _ damage: DamageReport
    ) throws(IndexError) -> (any DocumentStream)? {
        let (field, type) = try reader.indexedField(name)
        guard type == .text else {
            throw .request(problem: "the field \"\(name)\" is no text; phrases need a text field")
        }
        guard terms.count > 1 else {
            guard let only = terms.first else { return nil }
            return try termStream(name, only.term, segment, boost, damage)
        }
        let first = terms.map(\.position).min() ?? 0
        var parts: [PhraseStream.Term] = []
        var sum = 0.0
        for term in terms {
            guard let found = try segment.find(field, term.term) else { return nil }
            parts.append(PhraseStream.Term(try segment.postings(field, found), offset: UInt32(term.position - first)))
            if isScored { sum += Double(try idf(field, term.term)) }
        }
        let weight = isScored ? weight(field, boost * Float(sum), segment) : nil
        return PhraseStream(parts, weight: weight, damage: damage)
    }

    private func booleanStream(
        _ query: Query.Boolean, _ segment: SegmentReader, _ boost: Float, _ damage: DamageReport
    ) throws(IndexError) -> (any DocumentStream)? {
        var must: [any DocumentStream] = []
        for clause in query.must {
            guard let stream = try stream(clause, segment, boost: boost, damage) else { return nil }
            must.append(stream)
        }
        var filters: [any DocumentStream] = []
        for clause in query.filter {
            guard let stream = try stream(clause, segment, damage) else { return nil }
            filters.append(UnscoredStream(stream))
        }
        var should: [any DocumentStream] = []
        for clause in query.should {
            if let stream = try stream(clause, segment, boost: boost, damage) { should.append(stream) }
        }
        var excluded: [any DocumentStream] = []
        for clause in query.mustNot {
            if let stream = try stream(clause, segment, damage) { excluded.append(stream) }
        }
        let optional = Self.union(should)
        let base: any DocumentStream
        switch (must.count + filters.count, optional) {
        case (0, nil): return nil
        case (0, let optional?): base = optional
        case (_, nil): base = Self.intersection(must, filters)
        case (_, let optional?): base = OptionalStream(Self.intersection(must, filters), optional: optional)
        }
        return Self.union(excluded).map { ExclusionStream(base, excluded: $0) } ?? base
    }

    private static func union(_ streams: [any DocumentStream]) -> (any DocumentStream)? {
        streams.count > 1 ? UnionStream(streams) : streams.first
    }

    private static func intersection(
        _ must: [any DocumentStream], _ filters: [any DocumentStream]
    ) -> any DocumentStream {
        if must.count == 1, filters.isEmpty { return must[0] }
        return IntersectionStream(scored: must, filters: filters)
    }

    private func idf(_ field: Int, _ term: String) throws(IndexError) -> Float {
        let id = Array("\(field) \(term)".utf8)
        if let known = idfs[id] { return known }
        let frequency = try reader.documentFrequency(field, term)
        let idf = BM25.idf(
            documentFrequency: frequency, documentCount: reader.statistics[field].documentCount)
        idfs[id] = idf
        return idf
    }

    private func weight(_ field: Int, _ weight: Float, _ segment: SegmentReader) -> TermWeight? {
        guard let norms = segment.norms(field) else { return nil }
        let factors: NormInverses
        if let known = normInverses[field] {
            factors = known
        } else {
            let statistics = reader.statistics[field]
            factors = NormInverses(
                similarity.normInverses(
                    tokenCount: statistics.tokenCount, documentCount: statistics.documentCount))
            normInverses[field] = factors
        }
        return TermWeight(weight: weight, normInverses: factors, norms: norms)
    }
}

extension IndexReader {
    /// Documents of all segments that have a term.
    func documentFrequency(_ field: Int, _ term: String) throws(IndexError) -> Int {
        var sum = 0
        for segment in segments { sum += try segment.find(field, term)?.documentFrequency ?? 0 }
        return sum
    }
}
