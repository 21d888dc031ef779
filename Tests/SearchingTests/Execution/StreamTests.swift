import TestSupport
import Testing

@testable import Searching
@testable import Segments

/// Every operator fulfills the contract of `DocumentStream`, in windows of every size.
@Suite struct StreamTests {
    private typealias Kind = StreamSamples.Kind
    private typealias Sample = StreamSamples.Sample
    private let samples = StreamSamples.shared

    /// Creates a stream for each window size that suits it and checks its contract.
    private func check(_ name: String, _ make: (SegmentScope) -> Sample) {
        Self.check(name, documents: samples.documents, make)
    }

    private static func check(_ name: String, documents: Int, _ make: (SegmentScope) -> Sample) {
        var computed: NaiveMatches?
        for size in SegmentScope.windowSizes {
            let scope = SegmentScope.sized(size, documents: documents)
            let sample = make(scope)
            if sample.stream.widestWindow < size { continue }
            let expected = computed ?? sample.expected()
            computed = expected
            var contract = StreamContract(sample.stream, expected, seed: SplitMix64.varied(UInt64(size)))
            if let problem = contract.problem() { Issue.record("\(name): \(problem)") }
            #expect(scope.corruption == nil)
            if size != 4096 { continue }
            // A search that has scored in small windows counts in the largest ones.
            scope.widen()
            contract = StreamContract(sample.stream, expected, seed: SplitMix64.varied(2), isScored: false)
            if let problem = contract.problem() { Issue.record("\(name), counted: \(problem)") }
        }
    }

    @Test(arguments: StreamSamples.Kind.allCases)
    func termsFulfillTheContract(_ kind: StreamSamples.Kind) {
        check("\(kind)") { samples.term(kind, 1.5, $0) }
        check("\(kind), weight 0") { samples.term(kind, 0, $0) }
        check("\(kind), only matching") { samples.term(kind, nil, $0) }
    }

    @Test func allDocumentsFulfillTheContract() {
        for score in [0, 1, 2.5] as [Float] { check("all, \(score)") { samples.all(score, $0) } }
    }

    /// Clauses of any size, with weights from equal to so different that most clauses are not essential.
    @Test(arguments: [
        [(StreamSamples.Kind.dense, 1 as Float?), (.sparse, 1)], [(.every, 0.01), (.sparse, 5), (.rare, 2)],
        [(.every, 0.2), (.dense, 0.3), (.runs, 0.5), (.ragged, 1), (.three, 9)],
        [(.early, 1), (.late, 1)], [(.early, 2), (.single, 3)], [(.dense, nil), (.sparse, nil)],
        [(.sparse, 1), (.sparse, 1)], [(.oneBlock, 4), (.every, nil), (.runs, 0)],
    ])
    func unionsFulfillTheContract(_ clauses: [(StreamSamples.Kind, Float?)]) {
        check("\(clauses)") { scope in samples.union(clauses.map { samples.term($0.0, $0.1, scope) }, scope) }
    }

    /// A fuzzy term can be a union of that many clauses, whose weights differ slightly or strongly.
    @Test(arguments: [17, 60])
    func wideUnionsFulfillTheContract(_ count: Int) {
        let kinds: [StreamSamples.Kind] = [.ragged, .sparse, .rare, .oneBlock, .three, .single, .early, .late, .near]
        check("\(count) terms") { scope in
            let clauses = (0..<count).map { i in
                samples.term(kinds[i % kinds.count], Float(i % 7 + 1) / (i % 2 == 0 ? 3 : 3000), scope)
            }
            return samples.union(clauses, scope)
        }
    }

    @Test(arguments: [
        (2, [(StreamSamples.Kind.dense, 1 as Float?), (.runs, 2), (.sparse, 1)]),
        (3, [(.every, 0.1), (.dense, 1), (.sparse, 1), (.rare, 3)]), (2, [(.early, 1), (.late, 1)]),
        (3, [(.dense, nil), (.runs, nil), (.near, nil)]), (2, [(.single, 1), (.every, 1)]),
        (4, [(.every, 1), (.dense, 1), (.runs, 1), (.ragged, 1)]),
    ])
    func minimumMatchesFulfillTheContract(_ minimum: Int, _ clauses: [(StreamSamples.Kind, Float?)]) {
        check("\(minimum) of \(clauses)") { scope in
            samples.atLeast(minimum, clauses.map { samples.term($0.0, $0.1, scope) }, scope)
        }
    }

    @Test(
        arguments: [
            ([StreamSamples.Kind.dense, .sparse], []), ([.every, .dense, .runs], []), ([.sparse], [.dense]),
            ([.every], [.three]), ([], [.dense, .runs]), ([.early, .late], []), ([.dense, .dense], [.every]),
            ([.near, .sparse], [.runs]), ([.single, .every], []), ([.ragged, .runs], [.oneBlock]),
        ] as [([StreamSamples.Kind], [StreamSamples.Kind])])
    func intersectionsFulfillTheContract(_ scored: [StreamSamples.Kind], _ filters: [StreamSamples.Kind]) {
        check("\(scored) and \(filters)") { scope in
            samples.intersection(
                scored.enumerated().map { samples.term($0.element, Float($0.offset + 1), scope) },
                filters: filters.map { samples.term($0, nil, scope) }, scope)
        }
    }

    @Test(arguments: [
        (StreamSamples.Kind.sparse, StreamSamples.Kind.dense), (.dense, .sparse), (.every, .three), (.three, .every),
        (.early, .late), (.runs, .runs), (.single, .near),
    ])
    func optionalsAndExclusionsFulfillTheContract(_ base: StreamSamples.Kind, _ other: StreamSamples.Kind) {
        for weight in [nil, 2] as [Float?] {
            check("\(base) with \(other), \(weight ?? -1)") {
                samples.optional(samples.term(base, weight, $0), samples.term(other, 1, $0))
            }
            check("\(base) without \(other), \(weight ?? -1)") {
                samples.exclusion(samples.term(base, weight, $0), samples.term(other, nil, $0))
            }
        }
    }

    @Test(arguments: [
        [(StreamSamples.Kind.sparse, 0 as UInt32), (.near, 1)], [(.near, 1), (.sparse, 0)],
        [(.dense, 0), (.near, 1)], [(.dense, 0), (.dense, 1)], [(.sparse, 0), (.near, 1), (.dense, 2)],
        [(.every, 0), (.dense, 0)], [(.single, 0), (.every, 2)], [(.early, 0), (.late, 1)], [(.sparse, 3), (.near, 4)],
        [(.near, 0), (.near, 0)], [(.every, 5), (.near, 0)],
    ])
    func phrasesFulfillTheContract(_ parts: [(StreamSamples.Kind, UInt32)]) {
        for weight in [2.5, 0, nil] as [Float?] {
            check("\(parts), \(weight ?? -1)") { samples.phrase(parts.map { ($0.0, offset: $0.1) }, weight, $0) }
        }
    }

    /// Operators over operators.
    @Test(arguments: 0..<6)
    func nestedOperatorsFulfillTheContract(_ number: Int) {
        check("nest \(number)") { scope in
            func term(_ kind: Kind, _ weight: Float? = 1) -> Sample { samples.term(kind, weight, scope) }
            func phrase(_ weight: Float?) -> Sample { samples.phrase([(.sparse, 0), (.near, 1)], weight, scope) }
            switch number {
            case 0:
                return samples.union(
                    [
                        samples.intersection([term(.dense), term(.runs)], scope), phrase(4),
                        samples.exclusion(term(.ragged, 3), term(.dense, nil)),
                    ], scope)
            case 1:
                return samples.intersection(
                    [samples.union([term(.sparse), term(.runs, 0.5)], scope), term(.every, 0.1)],
                    filters: [samples.union([term(.dense, nil), phrase(nil)], scope)], scope)
            case 2:
                return samples.optional(
                    samples.atLeast(2, [term(.dense), term(.runs), term(.sparse, 3)], scope),
                    samples.intersection([phrase(2), term(.near)], scope))
            case 3:
                return samples.exclusion(
                    samples.optional(samples.all(1, scope), term(.sparse)),
                    samples.intersection([term(.dense, nil)], filters: [term(.runs, nil)], scope))
            case 4:
                return samples.atLeast(
                    2,
                    [
                        samples.union([term(.early), term(.late)], scope), samples.optional(term(.dense), phrase(1)),
                        samples.intersection([], filters: [term(.runs, nil), term(.every, nil)], scope),
                    ], scope)
            default:
                return samples.union(
                    [
                        samples.union([term(.three, 5), term(.single, 2)], scope),
                        samples.optional(samples.exclusion(term(.runs), term(.early, nil)), samples.all(0.5, scope)),
                        samples.atLeast(3, [term(.dense), term(.ragged), term(.every)], scope),
                    ], scope)
            }
        }
    }

    /// Segments that end at the end of a window, or within the first one.
    @Test(arguments: [700, 4095, 4096, 65_536, 65_537])
    func segmentsOfAnySizeFulfillTheContract(_ documents: Int) throws {
        let samples = try StreamSamples(documents: documents)
        for kind in Kind.allCases {
            Self.check("\(kind) of \(documents)", documents: documents) { samples.term(kind, 1.5, $0) }
        }
        Self.check("operators of \(documents)", documents: documents) { scope in
            func term(_ kind: Kind) -> Sample { samples.term(kind, 1, scope) }
            let base = samples.union([samples.intersection([term(.dense), term(.every)], scope), term(.late)], scope)
            return samples.optional(
                samples.exclusion(base, samples.atLeast(2, [term(.runs), term(.sparse), term(.near)], scope)),
                samples.union([samples.all(1, scope), samples.phrase([(.sparse, 0), (.near, 1)], 2, scope)], scope))
        }
    }

    /// The best hits of a term, collected block by block, equal the best of all its scores; the stream stays usable.
    @Test(arguments: [StreamSamples.Kind.every, .dense, .runs, .ragged, .sparse, .rare, .three, .single, .late])
    func bestHitsOfATermEqualThoseOfAllScores(_ kind: StreamSamples.Kind) {
        var random = SplitMix64(seed: 73)
        let expected = samples.termMatches(kind, 1.5)
        let deletedDocuments = Set((0..<samples.documents).filter { _ in random.chance(60) })
        for limit in [1, 10, 16, 17, 100, 1000, 5000] {
            for deleted in [nil, deletedDocuments] {
                let scope = SegmentScope.sized(4096, documents: samples.documents)
                let stream = samples.termStream(kind, 1.5, scope)
                let best = expected.best(limit, without: deleted ?? [])
                let live = deleted.map { LiveDocuments(documents: samples.documents, deleted: DocumentSet($0)) }
                var top = TopScores(limit: limit)
                stream.collectTop(into: &top, first: 7, live: live)
                let found = top.takeSorted { (score: $0, document: $1) }
                #expect(found.map(\.document) == best.map { $0.document + 7 }, "limit \(limit)")
                #expect(found.map(\.score) == best.map(\.score), "limit \(limit)")
                if let score = stream.minTopScore(limit, live) {
                    #expect(best.count == limit)
                    #expect(score <= best[limit - 1].score)
                }
                guard limit == 10 else { continue }
                var contract = StreamContract(stream, expected, seed: 74)
                if let problem = contract.problem() { Issue.record("after the best hits: \(problem)") }
            }
        }
    }
}
