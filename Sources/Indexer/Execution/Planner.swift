import Kernels

/// What a search knows before it looks into any segment: frequencies over all of them, so that scores do not depend
/// on how documents are spread.
final class SearchPlan {
    private let reader: IndexReader
    private let similarity: BM25
    private var lookUps: [TermName: LookUp] = [:]
    private var normInverses: [Int: NormInverses] = [:]

    /// By bytes: two strings may be equal to Swift and have different ones.
    private struct TermName: Hashable {
        var field: Int
        var term: [UInt8]
    }

    /// What all segments know of a term.
    private struct LookUp {
        var infos: [TermInfo?]
        var idf: Float
    }

    init(_ reader: IndexReader, _ similarity: BM25) {
        self.reader = reader
        self.similarity = similarity
    }

    /// The operators for a query in the segment of that number; nil when nothing there can match.
    ///
    /// Errors: `request` for a field that is not there or does not have terms, `corrupt`.
    func stream(
        _ query: Query, _ number: Int, _ scope: SegmentScope, boost: Float = 1, isScored: Bool
    ) throws(IndexError) -> (any DocumentStream)? {
        switch query {
        case .all: return AllStream(score: isScored ? boost : 0, scope)
        case .none: return nil
        case .boosted(let inner, let factor):
            return try stream(inner, number, scope, boost: boost * abs(factor), isScored: isScored)
        case .term(let name, let term): return try termStream(name, term, number, scope, isScored ? boost : nil)
        case .phrase(let name, let terms): return try phraseStream(name, terms, number, scope, isScored ? boost : nil)
        case .boolean(let boolean): return try booleanStream(boolean, number, scope, boost, isScored: isScored)
        }
    }

    /// `boost` is nil for a stream that only matches.
    private func termStream(
        _ name: String, _ term: String, _ number: Int, _ scope: SegmentScope, _ boost: Float?
    ) throws(IndexError) -> (any DocumentStream)? {
        let (field, type) = try reader.indexedField(name)
        guard let found = try find(field, term, number) else { return nil }
        let segment = reader.segments[number]
        let list = try segment.postings(field, found.info)
        guard let boost, type == .text else { return TermStream(list, weight: nil, scope: scope) }
        return TermStream(list, weight: weight(field, boost * found.idf, segment), scope: scope)
    }

    private func phraseStream(
        _ name: String, _ terms: [Query.PhraseTerm], _ number: Int, _ scope: SegmentScope, _ boost: Float?
    ) throws(IndexError) -> (any DocumentStream)? {
        let (field, type) = try reader.indexedField(name)
        guard type == .text else {
            throw .request(problem: "the field \"\(name)\" is no text; phrases need a text field")
        }
        guard terms.count > 1 else {
            guard let only = terms.first else { return nil }
            return try termStream(name, only.term, number, scope, boost)
        }
        let segment = reader.segments[number]
        let first = terms.map(\.position).min() ?? 0
        var lists: [PostingsList] = []
        var sum = 0.0
        for term in terms {
            guard let found = try find(field, term.term, number) else { return nil }
            lists.append(try segment.postings(field, found.info))
            sum += Double(found.idf)
        }
        var weight: TermWeight?
        if let boost { weight = self.weight(field, boost * Float(sum), segment) }
        let parts = zip(lists, terms).map { list, term in
            let stream = TermStream(list, weight: weight, scope: scope, positions: true)
            return PhraseStream.Part(stream: stream, offset: UInt32(term.position - first))
        }
        return PhraseStream(parts, weight: weight, scope)
    }

    private func booleanStream(
        _ query: Query.Boolean, _ number: Int, _ scope: SegmentScope, _ boost: Float, isScored: Bool
    ) throws(IndexError) -> (any DocumentStream)? {
        func streams(_ clauses: [Query], scored: Bool) throws(IndexError) -> [any DocumentStream] {
            var streams: [any DocumentStream] = []
            for clause in clauses {
                let boost = scored ? boost : 1
                guard let stream = try stream(clause, number, scope, boost: boost, isScored: scored) else { continue }
                streams.append(stream)
            }
            return streams
        }
        var must = try streams(query.must, scored: isScored)
        let filters = try streams(query.filter, scored: false)
        guard must.count == query.must.count, filters.count == query.filter.count else { return nil }
        let should = try streams(query.should, scored: isScored)
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
        } else if !should.isEmpty, isScored {
            optional = Self.atLeast(1, should, scope)
        }
        var base: any DocumentStream = IntersectionStream(scored: must, filters: filters, scope)
        if must.count == 1, filters.isEmpty { base = must[0] }
        if let optional { base = OptionalStream(base, optional: optional) }
        return try excluding(query, number, scope, from: base)
    }

    private func excluding(
        _ query: Query.Boolean, _ number: Int, _ scope: SegmentScope, from base: any DocumentStream
    ) throws(IndexError) -> any DocumentStream {
        var excluded: [any DocumentStream] = []
        for clause in query.mustNot {
            if let stream = try stream(clause, number, scope, isScored: false) { excluded.append(stream) }
        }
        return excluded.isEmpty ? base : ExclusionStream(base, excluded: Self.atLeast(1, excluded, scope))
    }

    private static func atLeast(
        _ minimum: Int, _ streams: [any DocumentStream], _ scope: SegmentScope
    ) -> any DocumentStream {
        if streams.count == 1 { return streams[0] }
        return minimum > 1
            ? MinimumMatchStream(streams, minimum: minimum, scope) : UnionStream(streams, scope)
    }

    /// What a segment knows of a term, and how rare the term is in all of them; nil when the segment does not have it.
    private func find(
        _ field: Int, _ term: String, _ number: Int
    ) throws(IndexError) -> (info: TermInfo, idf: Float)? {
        let documents = reader.statistics[field].documentCount
        if reader.segments.count == 1 {
            guard let info = try reader.segments[0].find(field, term) else { return nil }
            return (info, BM25.idf(documentFrequency: info.documentFrequency, documentCount: documents))
        }
        let name = TermName(field: field, term: Array(term.utf8))
        if let known = lookUps[name] { return known.infos[number].map { ($0, known.idf) } }
        var infos: [TermInfo?] = []
        for segment in reader.segments { infos.append(try segment.find(field, term)) }
        let frequency = infos.reduce(0) { $0 + ($1?.documentFrequency ?? 0) }
        let idf = BM25.idf(documentFrequency: frequency, documentCount: documents)
        lookUps[name] = LookUp(infos: infos, idf: idf)
        return infos[number].map { ($0, idf) }
    }

    private func weight(_ field: Int, _ weight: Float, _ segment: SegmentReader) -> TermWeight? {
        guard let norms = segment.norms(field) else { return nil }
        return TermWeight(weight: weight, normInverses: factors(field), norms: norms)
    }

    private func factors(_ field: Int) -> NormInverses {
        if similarity == BM25() { return reader.usualNormInverses[field] }
        if let known = normInverses[field] { return known }
        let statistics = reader.statistics[field]
        let factors = NormInverses(
            similarity.normInverses(tokenCount: statistics.tokenCount, documentCount: statistics.documentCount))
        normInverses[field] = factors
        return factors
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
