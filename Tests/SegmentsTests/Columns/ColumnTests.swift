import Kernels
import TestSupport
import Testing

@testable import Segments

/// Calls `body` with the bytes of a section, after which eight more are readable, as they are in a file.
func withColumn<T>(_ column: consuming GrowableBuffer<UInt8>, _ body: (UnsafeRawBufferPointer) throws -> T)
    rethrows -> T
{
    let count = column.count
    column.append(repeating: 0xFF, count: 8)
    return try body(UnsafeRawBufferPointer(start: column.base, count: count))
}

@Suite struct NumberColumnTests {
    @Test(arguments: 0...64)
    func keysOfEveryWidthRoundTrip(_ width: Int) throws {
        var random = SplitMix64(seed: UInt64(width))
        for (count, missing) in [(1, 0), (1, 100), (63, 0), (64, 10), (65, 50), (300, 2), (129, 100)] {
            let span = width == 0 ? 0 : UInt64.max >> UInt64(64 - width)
            let minimum = UInt64.random(in: 0...(UInt64.max - span), using: &random)
            var values = (0..<count).map { _ in
                random.chance(missing) ? nil : minimum + UInt64.random(in: 0...span, using: &random)
            }
            if count > 2, missing < 100 {
                values[1] = minimum
                values[count - 1] = minimum + span
            }
            var keys = GrowableBuffer<UInt64>()
            var isPresent = GrowableBuffer<Bool>()
            for value in values {
                keys.append(value ?? 0)
                isPresent.append(value != nil)
            }
            try withColumn(NumberColumn.encode(keys: keys, isPresent: isPresent)) { bytes in
                let column = try #require(NumberColumn(bytes, documents: count))
                #expect((0..<count).map { column.key($0) } == values)
                #expect(column.present == values.count { $0 != nil })
                #expect(NumberColumn(UnsafeRawBufferPointer(rebasing: bytes.dropLast()), documents: count) == nil)
                #expect(NumberColumn(bytes, documents: count + 64) == nil || width == 0)
            }
        }
    }

    @Test(arguments: [1, 4095, 4096, 4097, 10_000]) func zonesHaveTheirMinimumAndMaximum(_ count: Int) throws {
        var random = SplitMix64(seed: UInt64(count))
        // The second zone, if there is one, has no key.
        let values = (0..<count).map { document in
            document / NumberColumn.zoneSize == 1 || random.chance(20) ? UInt64?.none : UInt64(document) * 3 + 7
        }
        var keys = GrowableBuffer<UInt64>()
        var isPresent = GrowableBuffer<Bool>()
        for value in values {
            keys.append(value ?? 0)
            isPresent.append(value != nil)
        }
        try withColumn(NumberColumn.encode(keys: keys, isPresent: isPresent)) { bytes in
            let column = try #require(NumberColumn(bytes, documents: count))
            for zone in 0..<((count + NumberColumn.zoneSize - 1) / NumberColumn.zoneSize) {
                let zoneValues = values[(zone * NumberColumn.zoneSize)..<min((zone + 1) * NumberColumn.zoneSize, count)]
                let present = zoneValues.compactMap(\.self)
                #expect(column.zone(zone) == present.min().map { $0...(present.max() ?? 0) })
            }
        }
    }

    @Test func keysSortLikeNumbers() {
        let integers = [Int64.min, .min + 1, -2, -1, 0, 1, 2, .max - 1, .max]
        #expect(integers.map { SortKey.of($0) } == integers.map { SortKey.of($0) }.sorted())
        #expect(integers.map { SortKey.integer(SortKey.of($0)) } == integers)
        let floats = [
            -Double.infinity, -1e300, -1, -Double.leastNonzeroMagnitude, -0.0, 0.0, .leastNonzeroMagnitude, 1, 1e300,
            .infinity,
        ]
        #expect(floats.map { SortKey.of($0) } == floats.map { SortKey.of($0) }.sorted())
        #expect(floats.map { SortKey.float(SortKey.of($0)) } == floats)
        // A filter cannot distinguish the two zeros.
        #expect(SortKey.of(-0.0) == SortKey.of(0.0))
    }
}

@Suite struct NumberBucketTests {
    /// Keys at every distance from the first bucket, some missing, some beyond the last bucket.
    @Test(arguments: [1, 2, 3, 7, 1000, 65_537, (1 << 32) - 1] as [UInt64])
    func bucketCountsEqualDivision(_ width: UInt64) throws {
        var random = SplitMix64(seed: SplitMix64.varied(width))
        let spans: [UInt64] = [0, 5, width, width * 3 + 1, (1 << 32) - 200]
        for span in spans where span < (1 << 32) - 100 {
            for missing in [0, 40] { try check(width, span, missing, &random) }
        }
    }

    private func check(_ width: UInt64, _ span: UInt64, _ missing: Int, _ random: inout SplitMix64) throws {
        let count = 1000
        var keys = GrowableBuffer<UInt64>()
        var isPresent = GrowableBuffer<Bool>()
        for _ in 0..<count {
            let distance: UInt64 = random.chance(50) ? UInt64.random(in: 0...span, using: &random) : span
            keys.append(77 + distance)
            isPresent.append(!random.chance(missing))
        }
        var bits: [UInt64] = (0..<16).map { _ in random.chance(40) ? UInt64.max : random.next() }
        bits[15] &= 1 << 40 - 1
        let offset = UInt64(random.below(100))
        let bucketCount = min(Int((span + offset) / width) + 1, 5000)
        var expected = [Int](repeating: 0, count: bucketCount)
        var minimum = UInt64.max
        for document in 0..<count where isPresent[document] {
            minimum = min(minimum, keys[document])
            let bucket = Int((keys[document] - 77 + offset) / width)
            let isSet = bits[document / 64] >> UInt64(document % 64) & 1 == 1
            if isSet, bucket < bucketCount { expected[bucket] += 1 }
        }
        var counts = [Int](repeating: 0, count: bucketCount)
        try withColumn(NumberColumn.encode(keys: keys, isPresent: isPresent)) { bytes in
            let column = try #require(NumberColumn(bytes, documents: count))
            counts.withUnsafeMutableBufferPointer { counts in
                column.count(bits, words: 16, offset: offset + (minimum - 77), width: width, into: counts)
            }
        }
        #expect(counts == expected, "\(span) by \(width) from \(offset)")
    }
}

@Suite struct OrdinalColumnTests {
    private func roundTrip(_ documents: [[UInt64]], multiple: Bool) throws {
        var starts = GrowableBuffer<UInt64>()
        var ordinals = GrowableBuffer<UInt64>()
        starts.append(0)
        for document in documents {
            for ordinal in document { ordinals.append(ordinal) }
            starts.append(UInt64(ordinals.count))
        }
        try withColumn(OrdinalColumn.encode(starts: starts, ordinals: ordinals, multiple: multiple)) { bytes in
            let column = try #require(OrdinalColumn(bytes, documents: documents.count))
            for (index, document) in documents.enumerated() {
                var ordinalsRead: [UInt64] = []
                column.forEachOrdinal(index) { ordinalsRead.append(UInt64($0)) }
                #expect(ordinalsRead == document)
            }
            #expect(
                OrdinalColumn(UnsafeRawBufferPointer(rebasing: bytes.dropLast()), documents: documents.count) == nil)
        }
    }

    @Test(arguments: [0, 1, 2, 8, 15, 16, 31, 32])
    func ordinalsOfEveryWidthRoundTrip(_ width: Int) throws {
        var random = SplitMix64(seed: UInt64(width))
        let last = width == 32 ? UInt64(UInt32.max) : (1 << UInt64(width)) - 1
        for count in [1, 7, 64, 300] {
            let single = (0..<count).map { _ in random.chance(30) ? [] : [UInt64.random(in: 0...last, using: &random)] }
            try roundTrip(single + [[last]], multiple: false)
            try roundTrip(single + [[last]], multiple: true)
            let several = (0..<count).map { _ in
                Set((0..<random.below(5)).map { _ in UInt64.random(in: 0...last, using: &random) }).sorted()
            }
            try roundTrip(several, multiple: true)
        }
        try roundTrip([[], [], []], multiple: false)
        try roundTrip([[], [], []], multiple: true)
    }
}
