import Kernels
import TestSupport
import Testing

@testable import Segments

/// The bounds that impacts promise for a block, and the scores that are computed from them.
@Suite struct ImpactsTests {
    private typealias Document = (frequency: UInt32, code: UInt8)

    /// Returns a block of 1 to 256 documents of a random shape: equal frequencies, short texts with low frequencies,
    /// anything, very high frequencies.
    private static func block(_ random: inout SplitMix64) -> [Document] {
        let shape = random.below(5)
        return (0..<(random.chance(30) ? 256 : 1 + random.below(256))).map { _ in
            switch shape {
            case 0: (1, UInt8(random.below(40)))
            case 1: (UInt32(1 + random.skewed(below: 12)), UInt8(random.below(60)))
            case 2: (UInt32(1 + random.below(300)), UInt8(random.below(256)))
            case 3: (UInt32(1 + random.skewed(below: 2_000_000)), UInt8(random.skewed(below: 256)))
            // Frequencies that grow with the length, so that the front has many pairs.
            default:
                {
                    let frequency = UInt32(1 + random.below(60))
                    return (frequency, UInt8(min(255, Int(frequency) * 3 + random.below(5))))
                }()
            }
        }
    }

    private static func pairs(_ documents: [Document], _ impacts: inout Impacts) -> [UInt8] {
        for document in documents { impacts.add(frequency: document.frequency, normCode: document.code) }
        var out = GrowableBuffer<UInt8>(capacity: 1)
        impacts.finish(into: &out)
        return Array(out.elements)
    }

    /// Returns the number of pairs on the Pareto front of a block: those that no other pair dominates.
    private static func front(_ documents: [Document]) -> Int {
        var minCodes = [UInt32: UInt8]()
        for document in documents {
            let frequency = min(document.frequency, 255)
            minCodes[frequency] = min(minCodes[frequency] ?? 255, document.code)
        }
        var count = 0
        var minCode = 256
        for (_, code) in minCodes.sorted(by: { $0.key > $1.key }) where Int(code) < minCode {
            minCode = Int(code)
            count += 1
        }
        return count
    }

    /// Parameters from hardly any influence of frequency or length to the maximum.
    private static let similarities: [(BM25, tokens: Int, documents: Int)] = [
        (BM25(), 700, 100), (BM25(k1: 0.9, b: 0.4), 12, 10), (BM25(k1: 1.2, b: 0), 30, 3), (BM25(k1: 2, b: 1), 5, 5),
        (BM25(k1: 0, b: 0.75), 5000, 10), (BM25(k1: 100, b: 0.75), 1, 1), (BM25(k1: 0.001, b: 1), 1_000_000, 1),
    ]

    @Test func noDocumentScoresAboveTheBound() {
        var random = SplitMix64(seed: SplitMix64.varied(41))
        var impacts = Impacts()
        defer { impacts.free() }
        var exactBlocks = 0
        for _ in 0..<400 {
            // One accumulator is used for all blocks: nothing may remain of the block before.
            let documents = Self.block(&random)
            let pairs = Self.pairs(documents, &impacts)
            #expect(pairs.count == Impacts.byteCount)
            let isExact = Self.front(documents) <= Impacts.pairs && documents.allSatisfy { $0.frequency < 255 }
            exactBlocks += isExact ? 1 : 0
            for (similarity, tokens, count) in Self.similarities {
                let factors = similarity.normInverses(tokenCount: tokens, documentCount: count)
                let norms = documents.map(\.code)
                let weight = Float(random.pick([1e-6, 0.3, 1, 7.5, 1e6]))
                norms.withUnsafeBufferPointer { norms in
                    let term = TermWeight(
                        weight: weight, normInverses: NormInverses(factors), norms: norms.baseAddress!)
                    let best = documents.indices.map {
                        term.score(frequency: documents[$0].frequency, document: $0)
                    }.max()!
                    var bound: Float = -1
                    term.bounds(pairs, blocks: 1, into: &bound)
                    if bound < best || isExact && bound != best {
                        Issue.record("bound \(bound), best \(best), \(similarity), pairs \(pairs)")
                    }
                }
            }
        }
        #expect(exactBlocks > 50, "too few blocks whose bound is exact")
    }

    @Test func everyDocumentIsDominatedByAPair() {
        var random = SplitMix64(seed: 42)
        var impacts = Impacts()
        defer { impacts.free() }
        for _ in 0..<400 {
            let documents = Self.block(&random)
            let bytes = Self.pairs(documents, &impacts)
            let pairs = (0..<Impacts.pairs).map { (bytes[2 * $0], bytes[2 * $0 + 1]) }
            let uncovered = documents.filter { document in
                !pairs.contains { UInt32($0.0) >= min(document.frequency, 255) && $0.1 <= document.code }
            }
            #expect(uncovered.isEmpty)
        }
    }

    @Test(arguments: PlainList.Occurrences.allCases)
    func writtenListsHaveTheImpactsOfTheirBlocks(_ occurrences: PlainList.Occurrences) throws {
        var random = SplitMix64(seed: 43)
        let documents = 1 << 16
        let lists = PlainList.samples(.sparse, occurrences, below: documents, &random)
        let norms = someNorms(documents, &random)
        let written = try WrittenLists(lists, documents: documents, norms: norms)
        for (listIndex, list) in lists.enumerated() {
            let read = try #require(written.list(listIndex))
            #expect((read.impacts != nil) == (read.blockCount > 1))
            guard let impacts = read.impacts else { continue }
            for (index, document) in list.documents.enumerated() {
                let pairs = (0..<Impacts.pairs).map { impacts + (index / 256 * Impacts.byteCount + $0 * 2) }
                let isDominated = pairs.contains {
                    $0[0] >= min(list.frequency(index), 255) && $0[1] <= norms[Int(document)]
                }
                if !isDominated { Issue.record("document \(index) of list \(listIndex) is not covered") }
            }
        }
    }

    /// Scores of rows of eight documents are equal to those of single documents, to the last bit.
    @Test func rowsAreScoredLikeSingleDocuments() {
        var random = SplitMix64(seed: 44)
        let norms = someNorms(5000, &random)
        for (similarity, tokens, count) in Self.similarities {
            let factors = NormInverses(similarity.normInverses(tokenCount: tokens, documentCount: count))
            norms.withUnsafeBufferPointer { norms in
                let term = TermWeight(weight: 3.7, normInverses: factors, norms: norms.baseAddress!)
                let documents = (0..<256).map { _ in UInt32(random.below(5000)) }
                let frequencies = (0..<256).map { _ in UInt32(1 + random.skewed(below: 1 << 24)) }
                var scores = [Float](repeating: .nan, count: 256)
                term.score(documents, frequencies, rows: 32, into: &scores)
                for i in 0..<256 {
                    let single = term.score(frequency: frequencies[i], document: Int(documents[i]))
                    #expect(scores[i].bitPattern == single.bitPattern)
                }
            }
        }
    }
}
