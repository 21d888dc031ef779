import TestSupport
import Testing

@testable import Searching
@testable import Segments

/// Streams over corrupt bytes: their output may be wrong, but it stays within the segment, and they terminate.
@Suite struct StreamCorruptionTests {
    /// Streams of every class.
    private static func streams(_ samples: StreamSamples, _ scope: SegmentScope) -> [any DocumentStream] {
        func term(_ kind: StreamSamples.Kind, _ weight: Float? = 1) -> StreamSamples.Sample {
            samples.term(kind, weight, scope)
        }
        func phrase(_ weight: Float?) -> StreamSamples.Sample {
            samples.phrase([(.sparse, 0), (.near, 1), (.dense, 1)], weight, scope)
        }
        let terms = [term(.dense), term(.runs), term(.ragged), term(.sparse), term(.oneBlock), term(.early)]
        return StreamSamples.Kind.allCases.flatMap { [term($0).stream, term($0, nil).stream] } + [
            phrase(1).stream, phrase(nil).stream, samples.union(terms, scope).stream,
            samples.atLeast(2, terms, scope).stream, samples.intersection(Array(terms.prefix(3)), scope).stream,
            samples.optional(term(.sparse), phrase(2)).stream, samples.exclusion(term(.runs), term(.near, nil)).stream,
        ]
    }

    /// Calls all operations of a stream and checks that their output stays within the segment.
    private static func exercise(_ stream: any DocumentStream, _ random: inout SplitMix64) {
        let scope = stream.scope
        let list = CandidateList(1 << 16)
        func check(_ base: Int) {
            precondition(list.count <= scope.windowSize)
            for i in 0..<list.count {
                precondition(Int(list.slots[i]) < min(scope.windowSize, scope.documents - base))
                precondition(i == 0 || list.slots[i] > list.slots[i - 1])
            }
        }
        var from = 0
        while let base = stream.nextWindow(from: from) {
            precondition(base >= from && base < scope.documents && base % scope.windowSize == 0)
            from = base + scope.windowSize
            let window = NaiveWindow(NaiveMatches(all: scope.documents, score: 1), base: base, size: scope.windowSize)
            let bits = GuardedBytes(numbers: window.randomBits(using: &random))
            stream.restrict(base, bits.numbers(UInt64.self).baseAddress!)
            stream.match(base, into: bits.numbers(UInt64.self).baseAddress!)
            let documents = scope.documents - base
            for (i, word) in bits.numbers(UInt64.self).enumerated() where documents - i * 64 < 64 {
                precondition(documents <= i * 64 ? word == 0 : word >> UInt64(documents - i * 64) == 0)
            }
            for minScore in [-Double.infinity, 0, Double(random.below(100)) / 50] {
                stream.collect(base, minScore: minScore, into: list)
                check(base)
            }
            stream.matches(base, into: list)
            check(base)
            stream.matches(
                base, among: bits.numbers(UInt64.self).baseAddress!, isScored: random.chance(50), into: list)
            check(base)
            for isRequired in [true, false] {
                list.count = 0
                for candidate in window.candidates(using: &random) { list.append(candidate.slot, candidate.score) }
                stream.refine(base, list, isRequired: isRequired, minScore: 1)
                check(base)
            }
            stream.filter(base, list)
            precondition(stream.count(base) <= scope.windowSize)
            _ = stream.bound(base)
        }
    }

    /// Exercises all streams over some samples.
    static func run(_ samples: StreamSamples, _ random: inout SplitMix64) {
        let scope = SegmentScope.sized(random.pick([4096, 16_384]), documents: samples.documents)
        for stream in streams(samples, scope) {
            exercise(stream, &random)
            guard let term = stream as? TermStream else { continue }
            var top = TopScores(limit: 10)
            term.collectTop(into: &top, first: 0, live: nil)
            precondition(top.takeSorted { (score: $0, document: $1) }.allSatisfy { $0.document < samples.documents })
        }
    }

    @Test func randomBytesAreSafe() async {
        await #expect(processExitsWith: .success) {
            let intact = try StreamSamples(documents: 20_000)
            var random = SplitMix64(seed: SplitMix64.varied(75))
            for _ in 0..<40 {
                let corrupted = intact.corrupted { postings, positions in
                    for _ in 0..<(1 + random.below(60)) {
                        postings[random.below(postings.count)] = UInt8(random.below(256))
                        positions[random.below(positions.count)] ^= 1 << UInt8(random.below(8))
                    }
                    // Lists start with their skip tables, on which everything else depends.
                    for kind in StreamSamples.Kind.allCases where random.chance(30) && kind != .single {
                        postings[intact.start(of: kind) + random.below(40)] ^= UInt8(1 + random.below(255))
                    }
                }
                StreamCorruptionTests.run(corrupted, &random)
            }
        }
    }

    /// Skip tables whose blocks all claim to end at the same document, or in any order.
    @Test func unorderedSkipTablesAreSafe() async {
        await #expect(processExitsWith: .success) {
            let intact = try StreamSamples(documents: 20_000)
            var random = SplitMix64(seed: 76)
            for kind in [StreamSamples.Kind.every, .dense, .runs, .sparse] {
                let blocks = (intact.termMatches(kind, nil).count + 255) / 256
                for last in [0, 5, 255, 256, 4095, 19_999] as [UInt32] {
                    let corrupted = intact.corrupted { postings, _ in
                        for block in 0..<blocks where last == 5 || random.chance(60) {
                            let value = random.chance(90) ? last : UInt32(random.below(20_000))
                            for byte in 0..<4 {
                                postings[intact.start(of: kind) + block * 4 + byte] = UInt8(
                                    truncatingIfNeeded: value >> UInt32(8 * byte))
                            }
                        }
                    }
                    StreamCorruptionTests.run(corrupted, &random)
                }
            }
        }
    }
}
