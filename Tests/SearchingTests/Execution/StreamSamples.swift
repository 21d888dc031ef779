import TestSupport
import Testing

@testable import Searching
@testable import Segments

/// A segment of random postings lists, streams over them and the expected matches.
struct StreamSamples {
    /// The kinds of lists; the raw value is the index of the list.
    enum Kind: Int, CaseIterable {
        case every, dense, runs, ragged, sparse, rare, oneBlock, three, single, early, late, near
    }

    /// The number of documents of the segment.
    let documents: Int
    private var written: WrittenLists
    private let lengths: [Int]
    private let norms: UnsafeMutablePointer<UInt8>
    private let factors: NormInverses
    private let tokens: Int
    private static let similarity = BM25()

    /// Samples that span three of the largest windows, the last of them short. Created once and only read afterwards.
    nonisolated(unsafe) static let shared: StreamSamples = {
        do {
            return try StreamSamples(documents: 140_001)
        } catch {
            preconditionFailure("\(error)")
        }
    }()

    init(documents limit: Int) throws {
        var random = SplitMix64(seed: SplitMix64.varied(71))
        func list(
            _ count: Int, _ spread: PlainList.Spread, _ occurrences: PlainList.Occurrences = .few, from first: Int = 0,
            below end: Int = limit
        ) -> PlainList {
            var list = PlainList(count, spread, occurrences, from: first, below: end, using: &random)
            // A term occurs at a position only once.
            list.positions = list.positions.map { Array(Set($0)).sorted() }
            return list
        }
        var lists = [
            list(limit, .consecutive, .once), list(limit, .dense), list(limit / 5, .runs), list(limit / 15, .ragged),
            list(limit / 23, .sparse), list(400, .sparse, .once), list(256, .sparse), list(3, .sparse),
            list(1, .sparse, .many, from: limit / 2), list(700, .ragged, from: limit / 50, below: min(5000, limit)),
            list(limit / 70, .sparse, from: limit - limit / 16),
        ]
        lists.append(Self.neighbors(lists[Kind.sparse.rawValue], lists[Kind.dense.rawValue], &random))
        documents = limit
        tokens = limit * 9
        lengths = (0..<limit).map { _ in random.skewed(below: 300) + 1 }
        let codes = lengths.map { LengthCode.encode($0) }
        written = try WrittenLists(lists, documents: limit, norms: codes)
        norms = .allocate(capacity: limit)
        norms.initialize(from: codes, count: limit)
        factors = NormInverses(Self.similarity.normInverses(tokenCount: tokens, documentCount: limit))
    }

    /// The same lists with modified bytes.
    func corrupted(_ change: (_ postings: inout [UInt8], _ positions: inout [UInt8]) -> Void) -> StreamSamples {
        var postings = written.postingsBytes
        var positions = written.positionsBytes
        change(&postings, &positions)
        var copy = self
        copy.written = WrittenLists(written, postings: postings, positions: positions)
        return copy
    }

    /// The offset of a list in the postings section.
    func start(of kind: Kind) -> Int { written.infos[kind.rawValue].postingsOffset }

    /// A list whose positions are often directly after those of two other lists.
    private static func neighbors(_ a: PlainList, _ b: PlainList, _ random: inout SplitMix64) -> PlainList {
        var positionsByDocument: [UInt32: Set<UInt32>] = [:]
        for (list, share) in [(a, 70), (b, 5)] {
            for (i, document) in list.documents.enumerated() where random.chance(share) {
                for position in list.positions[i] where random.chance(80) {
                    positionsByDocument[document, default: []].insert(position + 1)
                }
            }
        }
        let documents = positionsByDocument.keys.filter { !(positionsByDocument[$0] ?? []).isEmpty }.sorted()
        return PlainList(documents, positions: documents.map { (positionsByDocument[$0] ?? []).sorted() })
    }

    /// A stream and its expected matches, which are computed on demand.
    struct Sample {
        var stream: any DocumentStream
        var expected: () -> NaiveMatches

        init(_ stream: any DocumentStream, _ expected: @autoclosure @escaping () -> NaiveMatches) {
            self.stream = stream
            self.expected = expected
        }
    }

    private func termWeight(_ weight: Float?) -> TermWeight? {
        weight.map { TermWeight(weight: $0, normInverses: factors, norms: UnsafePointer(norms)) }
    }

    private func matches(_ list: PlainList, _ weight: Float?) -> NaiveMatches {
        NaiveMatches(list, weight: weight, lengths: lengths, tokens: tokens)
    }

    func termStream(_ kind: Kind, _ weight: Float?, _ scope: SegmentScope, positions: Bool = false) -> TermStream {
        guard let list = written.list(kind.rawValue) else { preconditionFailure("no list \(kind)") }
        return TermStream(list, field: 0, weight: termWeight(weight), scope: scope, positions: positions)
    }

    func termMatches(_ kind: Kind, _ weight: Float?) -> NaiveMatches { matches(written.lists[kind.rawValue], weight) }

    func term(_ kind: Kind, _ weight: Float? = 1.5, _ scope: SegmentScope) -> Sample {
        Sample(termStream(kind, weight, scope), termMatches(kind, weight))
    }

    func phrase(_ parts: [(Kind, offset: UInt32)], _ weight: Float? = 3, _ scope: SegmentScope) -> Sample {
        let streams = parts.map {
            PhraseStream.Part(stream: termStream($0.0, weight, scope, positions: true), offset: $0.offset)
        }
        return Sample(
            PhraseStream(streams, weight: termWeight(weight), scope),
            matches(.phrase(parts.map { (written.lists[$0.0.rawValue], $0.offset) }), weight))
    }

    func union(_ clauses: [Sample], _ scope: SegmentScope) -> Sample {
        Sample(UnionStream(clauses.map(\.stream), scope), .atLeast(1, clauses.map { $0.expected() }))
    }

    func atLeast(_ minimum: Int, _ clauses: [Sample], _ scope: SegmentScope) -> Sample {
        Sample(
            MinimumMatchStream(clauses.map(\.stream), minimum: minimum, scope),
            .atLeast(minimum, clauses.map { $0.expected() }))
    }

    func intersection(_ scored: [Sample], filters: [Sample] = [], _ scope: SegmentScope) -> Sample {
        Sample(
            IntersectionStream(scored: scored.map(\.stream), filters: filters.map(\.stream), scope),
            .all((scored + filters).map { $0.expected() }))
    }

    func optional(_ base: Sample, _ optional: Sample) -> Sample {
        Sample(
            OptionalStream(base.stream, optional: optional.stream), base.expected().adding(optional.expected()))
    }

    func exclusion(_ base: Sample, _ excluded: Sample) -> Sample {
        Sample(
            ExclusionStream(base.stream, excluded: excluded.stream), base.expected().excluding(excluded.expected()))
    }

    func all(_ score: Float, _ scope: SegmentScope) -> Sample {
        Sample(AllStream(score: score, scope), NaiveMatches(all: documents, score: score))
    }
}
