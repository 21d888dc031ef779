import Kernels
import OracleSupport
import Testing

@testable import Indexer

/// Counts in bytes, compared with whole numbers.
@Suite struct RankCountsTests {
    /// Counts ranks of packed documents, some of which are counted hundreds of times.
    @Test(arguments: [1, 2, 31, 64, 700], [false, true])
    func countsAreExact(_ ranks: Int, _ isMultiple: Bool) throws {
        var random = SplitMix64(seed: SplitMix64.varied(UInt64(ranks)))
        let documents = (0..<5000).map { _ in
            random.chance(10)
                ? [] : Set((0...(isMultiple ? random.below(4) : 0)).map { _ in random.skewed(below: ranks) }).sorted()
        }
        var starts = GrowableBuffer<UInt64>()
        var ordinals = GrowableBuffer<UInt64>()
        starts.append(0)
        for document in documents {
            for rank in document { ordinals.append(UInt64(rank)) }
            starts.append(UInt64(ordinals.count))
        }
        let bits = (0..<79).map { _ in random.chance(30) ? UInt64.max : random.next() & random.next() }
        var wanted = [Int](repeating: 0, count: ranks)
        for (number, document) in documents.enumerated() where bits[number / 64] >> UInt64(number % 64) & 1 == 1 {
            for rank in document { wanted[rank] += 1 }
        }
        // Some ranks are counted just 256 times, whose bytes are 0 again.
        var counts = RankCounts(ranks: ranks)
        try withColumn(OrdinalColumn.encode(starts: starts, ordinals: ordinals, multiple: isMultiple)) { bytes in
            let column = try #require(OrdinalColumn(bytes, documents: documents.count))
            var whole = Array(bits.prefix(78))
            whole.append(bits[78] & 0xFF)
            column.count(whole, words: 79, base: 0, into: &counts)
            for extra in 0..<min(ranks, 40) where extra % 3 == 0 {
                let more = (256 - wanted[extra] % 256) % 256
                guard let document = documents.firstIndex(of: [extra]) else { continue }
                for _ in 0..<more {
                    column.count([1 << UInt64(document % 64)], words: 1, base: document / 64 * 64, into: &counts)
                }
                wanted[extra] += more
            }
        }
        #expect((0..<ranks).map { counts[$0] } == wanted)
        #expect(counts.sum == wanted.reduce(0, +))
        for range in [0..<ranks, 0..<0, ranks / 3..<ranks, 0..<(ranks + 1) / 2] {
            #expect(counts.sum(range) == wanted[range].reduce(0, +))
            #expect(
                counts.hiddenRanks(in: range) == range.filter { wanted[$0] > 0 && wanted[$0] % 256 == 0 }.reversed())
        }
    }

    /// Ranks that no term has, as damaged bytes may say, are not counted.
    @Test func strangeRanksAreLeftOut() throws {
        var starts = GrowableBuffer<UInt64>()
        var ordinals = GrowableBuffer<UInt64>()
        for (number, rank) in [0, 9, 3, 100].enumerated() {
            starts.append(UInt64(number))
            ordinals.append(UInt64(rank))
        }
        starts.append(4)
        for isMultiple in [false, true] {
            var counts = RankCounts(ranks: 5)
            try withColumn(OrdinalColumn.encode(starts: starts, ordinals: ordinals, multiple: isMultiple)) { bytes in
                let column = try #require(OrdinalColumn(bytes, documents: 4))
                column.count([0b1111], words: 1, base: 0, into: &counts)
            }
            #expect((0..<5).map { counts[$0] } == [1, 0, 0, 1, 0] && counts.sum == 2)
        }
    }
}
