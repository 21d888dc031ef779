import Kernels
import TestSupport
import Testing

@testable import Segments

/// `OrdinalCounts` with its one-byte counters, compared with plain integers.
@Suite struct OrdinalCountsTests {
    /// Ordinals of packed documents, some of which are counted hundreds of times.
    @Test(arguments: [1, 2, 31, 64, 700], [false, true])
    func countsAreExact(_ terms: Int, _ isMultiple: Bool) throws {
        var random = SplitMix64(seed: SplitMix64.varied(UInt64(terms)))
        let documents = (0..<5000).map { _ in
            random.chance(10)
                ? [] : Set((0...(isMultiple ? random.below(4) : 0)).map { _ in random.skewed(below: terms) }).sorted()
        }
        var starts = GrowableBuffer<UInt64>()
        var ordinals = GrowableBuffer<UInt64>()
        starts.append(0)
        for document in documents {
            for ordinal in document { ordinals.append(UInt64(ordinal)) }
            starts.append(UInt64(ordinals.count))
        }
        let bits = (0..<79).map { _ in random.chance(30) ? UInt64.max : random.next() & random.next() }
        var expected = [Int](repeating: 0, count: terms)
        for (index, document) in documents.enumerated() where bits[index / 64] >> UInt64(index % 64) & 1 == 1 {
            for ordinal in document { expected[ordinal] += 1 }
        }
        // Some ordinals are counted a multiple of 256 times, so that their bytes are 0 again.
        var counts = OrdinalCounts(ordinals: terms)
        try withColumn(OrdinalColumn.encode(starts: starts, ordinals: ordinals, multiple: isMultiple)) { bytes in
            let column = try #require(OrdinalColumn(bytes, documents: documents.count))
            var words = Array(bits.prefix(78))
            words.append(bits[78] & 0xFF)
            column.count(words, words: 79, base: 0, into: &counts)
            for ordinal in 0..<min(terms, 40) where ordinal % 3 == 0 {
                let missing = (256 - expected[ordinal] % 256) % 256
                guard let document = documents.firstIndex(of: [ordinal]) else { continue }
                for _ in 0..<missing {
                    column.count([1 << UInt64(document % 64)], words: 1, base: document / 64 * 64, into: &counts)
                }
                expected[ordinal] += missing
            }
        }
        #expect((0..<terms).map { counts[$0] } == expected)
        #expect(counts.sum == expected.reduce(0, +))
        for range in [0..<terms, 0..<0, terms / 3..<terms, 0..<(terms + 1) / 2] {
            #expect(counts.sum(range) == expected[range].reduce(0, +))
            let hidden = range.filter { expected[$0] > 0 && expected[$0] % 256 == 0 }
            #expect(counts.hiddenOrdinals(in: range) == hidden.reversed())
        }
    }

    /// Ordinals of no term, as corrupt bytes may have.
    @Test func ordinalsOfNoTermAreNotCounted() throws {
        var starts = GrowableBuffer<UInt64>()
        var ordinals = GrowableBuffer<UInt64>()
        for (index, ordinal) in [0, 9, 3, 100].enumerated() {
            starts.append(UInt64(index))
            ordinals.append(UInt64(ordinal))
        }
        starts.append(4)
        for isMultiple in [false, true] {
            var counts = OrdinalCounts(ordinals: 5)
            try withColumn(OrdinalColumn.encode(starts: starts, ordinals: ordinals, multiple: isMultiple)) { bytes in
                let column = try #require(OrdinalColumn(bytes, documents: 4))
                column.count([0b1111], words: 1, base: 0, into: &counts)
            }
            #expect((0..<5).map { counts[$0] } == [1, 0, 0, 1, 0])
            #expect(counts.sum == 2)
        }
    }
}
