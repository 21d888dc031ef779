package import Kernels

/// A column of numbers, at most one per document, for filters, sorting, counting and display.
///
/// Numbers are stored as 64-bit keys of the same order (`SortKey`), less the minimum key, packed to the width of the
/// maximum.
///
/// Bytes: width u8 │ 0 × 7 │ minimum key u64 │ documents with a value u64 │ zones │ [not all documents have a value]
/// bit a document, u64… │ packed(documents, width), 0 where there is no value. A zone is the minimum key u64 and the
/// maximum key u64 of 4,096 documents, the minimum above the maximum where none has a value.
///
/// A column is immutable, may be used by any thread, and must not outlive its segment's reader. Documents are not
/// checked to be below `count`; corrupt values are returned as they are.
///
/// ```swift
/// guard let year = try segment.numbers(field) else { return }
/// if let key = year.key(document) { print(SortKey.integer(key)) }
/// let keys = SortKey.of(2_000)...SortKey.of(2_009)
/// let matches = year.bits(64, count: 64, keys)  // bit i: document 64 + i has a year from 2000 to 2009
/// ```
package struct NumberColumn {
    /// The number of documents of a zone; the last zone may be shorter.
    package static let zoneSize = 4096

    /// The number of documents.
    package let count: Int
    /// The number of documents that have a value.
    package let present: Int
    /// Bits per value, 0...56 or 64.
    private let width: Int
    /// The minimum key.
    package let least: UInt64
    private let zones: UnsafeRawPointer
    /// A bit for each document, set if it has a value; nil if all have one.
    private let bits: UnsafeRawPointer?
    private let packed: UnsafeRawPointer

    /// Creates a column over its section; nil if the section does not have the size that its header implies. The bytes
    /// are not copied.
    init?(_ bytes: UnsafeRawBufferPointer, documents: Int) {
        guard bytes.count >= 24 else { return nil }
        count = documents
        width = Int(bytes[0])
        least = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self).littleEndian
        present = Int(truncatingIfNeeded: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self).littleEndian)
        let bitBytes = present == documents ? 0 : (documents + 63) / 64 * 8
        let zoneBytes = Self.zones(documents) * 16
        guard width <= 64, width <= 56 || width == 64, 0...documents ~= present,
            bytes.count == 24 + zoneBytes + bitBytes + packedByteCount(documents, width: width)
        else { return nil }
        zones = bytes.baseAddress! + 24
        bits = bitBytes == 0 ? nil : zones + zoneBytes
        packed = zones + zoneBytes + bitBytes
    }

    /// Returns bounds of the keys of the first documents, rounded up to whole zones; nil if none of them has a value.
    /// Complexity: O(zones).
    package func keys(documents: Int) -> ClosedRange<UInt64>? {
        var bounds: ClosedRange<UInt64>?
        for zoneIndex in 0..<Self.zones(min(documents, count)) {
            guard let zone = zone(zoneIndex) else { continue }
            bounds = min(bounds?.lowerBound ?? .max, zone.lowerBound)...max(bounds?.upperBound ?? 0, zone.upperBound)
        }
        return bounds
    }

    /// True if every document has a value.
    package var isComplete: Bool { bits == nil }

    /// Returns the number of zones of a number of documents.
    private static func zones(_ documents: Int) -> Int { (documents + zoneSize - 1) / zoneSize }

    /// Returns the minimum and the maximum key of a zone's documents; nil if none of them has a value.
    package func zone(_ zone: Int) -> ClosedRange<UInt64>? {
        let minimum = zones.loadUnaligned(fromByteOffset: zone &* 16, as: UInt64.self).littleEndian
        let maximum = zones.loadUnaligned(fromByteOffset: zone &* 16 &+ 8, as: UInt64.self).littleEndian
        return minimum <= maximum ? minimum...maximum : nil
    }

    /// Returns the sort key of a document's value; nil if it has none. Complexity: O(1).
    @inline(__always)
    package func key(_ document: Int) -> UInt64? {
        if let bits {
            let word = bits.loadUnaligned(fromByteOffset: document &>> 6 &* 8, as: UInt64.self).littleEndian
            if word &>> UInt64(document & 63) & 1 == 0 { return nil }
        }
        return least &+ unpack64(packed, index: document, width: width)
    }

    /// Returns a bit mask of the documents `base ..< base + count` whose keys are in a range; bit i is document `base +
    /// i`.
    ///
    /// Shape: `base` is a multiple of 64, `count` at most 64. Complexity: O(count).
    @inline(__always)
    package func bits(_ base: Int, count: Int, _ keys: ClosedRange<UInt64>) -> UInt64 {
        if keys.upperBound < least { return 0 }
        let from = keys.lowerBound > least ? keys.lowerBound &- least : 0
        let span = keys.upperBound &- least &- from
        var word: UInt64 = 0
        for i in 0..<count {
            let isInside = unpack64(packed, index: base &+ i, width: width) &- from <= span
            word |= (isInside ? 1 : 0) &<< UInt64(truncatingIfNeeded: i)
        }
        guard let bits else { return word }
        return word & bits.loadUnaligned(fromByteOffset: base &>> 6 &* 8, as: UInt64.self).littleEndian
    }

    /// Counts the documents whose bits are set by the bucket of their key. Buckets have one width; the first one begins
    /// `offset` below the minimum key. Keys outside of all buckets, as corrupt bytes may have, are not counted.
    ///
    /// Shape: `set` has `words` words, bit i of which is document i. `offset` + maximum key − minimum key, and `width`,
    /// are below 2^32. Counts are added to `counts`.
    /// Complexity: O(words + documents with a bit), a multiplication each.
    package func count(
        _ set: UnsafePointer<UInt64>, words: Int, offset: UInt64, width bucketWidth: UInt64,
        into counts: UnsafeMutableBufferPointer<Int>
    ) {
        guard counts.count <= Self.maxBucketsWithLanes else {
            return count(set, words: words, offset: offset, width: bucketWidth, into: counts, lanes: 0)
        }
        // Neighboring documents use different counters: with one, they would wait for each other in a common bucket.
        withUnsafeTemporaryAllocation(of: Int.self, capacity: counts.count << 2) { counters in
            counters.initialize(repeating: 0)
            count(set, words: words, offset: offset, width: bucketWidth, into: counters, lanes: 2)
            for (index, count) in counters.enumerated() { counts[index &>> 2] &+= count }
        }
    }

    /// The maximum number of buckets with four counters each. With more, neighbors seldom share a bucket, and clearing
    /// the counters would take longer than they save.
    private static let maxBucketsWithLanes = 256

    /// Counts with 2^`lanes` counters for each bucket, of which a document uses the one of its number modulo 2^`lanes`.
    @inline(__always)
    private func count(
        _ set: UnsafePointer<UInt64>, words: Int, offset: UInt64, width bucketWidth: UInt64,
        into counters: UnsafeMutableBufferPointer<Int>, lanes: Int
    ) {
        let bucketCount = UInt64(counters.count &>> lanes)
        let lane = 1 &<< lanes &- 1
        let counts = counters.baseAddress.unsafelyUnwrapped
        // The upper half of the product is the quotient: both factors are below 2^32 and the error is below one part in
        // 2^32 (Granlund and Montgomery, "Division by invariant integers using multiplication", 1994).
        let factor = bucketWidth == 1 ? 0 : UInt64.max / bucketWidth &+ 1
        @inline(__always) func add(_ document: Int) {
            let key = unpack64(packed, index: document, width: width) &+ offset
            let bucket = factor == 0 ? key : key.multipliedFullWidth(by: factor).high
            if bucket < bucketCount { counts[Int(truncatingIfNeeded: bucket) &<< lanes &+ (document & lane)] &+= 1 }
        }
        for i in 0..<words {
            var word = set[i]
            if let bits { word &= bits.loadUnaligned(fromByteOffset: i &* 8, as: UInt64.self).littleEndian }
            if word == .max {
                for document in (i &* 64)..<(i &* 64 &+ 64) { add(document) }
                continue
            }
            while word != 0 {
                add(i &* 64 &+ word.trailingZeroBitCount)
                word &= word &- 1
            }
        }
    }

    /// Encodes a column. `keys` has the key of each document; those without `isPresent` are ignored. Complexity:
    /// O(documents).
    package static func encode(
        keys: borrowing GrowableBuffer<UInt64>, isPresent: borrowing GrowableBuffer<Bool>
    ) -> GrowableBuffer<UInt8> {
        var minimum = UInt64.max
        var maximum: UInt64 = 0
        var present = 0
        for i in 0..<keys.count where isPresent[i] {
            minimum = min(minimum, keys[i])
            maximum = max(maximum, keys[i])
            present += 1
        }
        if present == 0 { minimum = 0 }
        let width = present == 0 ? 0 : packedWidth64(for: maximum - minimum)
        var out = GrowableBuffer<UInt8>(capacity: 64 + packedByteCount(keys.count, width: width))
        out.append(littleEndian: UInt64(width))
        out.append(littleEndian: minimum)
        out.append(littleEndian: UInt64(present))
        appendZones(keys, isPresent, to: &out)
        var shifted = GrowableBuffer<UInt64>(capacity: keys.count + 1)
        var word: UInt64 = 0
        for i in 0..<keys.count {
            shifted.append(isPresent[i] ? keys[i] - minimum : 0)
            if isPresent[i] { word |= 1 << UInt64(i & 63) }
            if i & 63 == 63 || i + 1 == keys.count {
                if present != keys.count { out.append(littleEndian: word) }
                word = 0
            }
        }
        pack64(shifted.base, count: shifted.count, width: width, to: &out)
        return out
    }

    /// Appends the minimum and the maximum key of each zone.
    private static func appendZones(
        _ keys: borrowing GrowableBuffer<UInt64>, _ isPresent: borrowing GrowableBuffer<Bool>,
        to out: inout GrowableBuffer<UInt8>
    ) {
        for zone in 0..<zones(keys.count) {
            var minimum = UInt64.max
            var maximum: UInt64 = 0
            for i in (zone * zoneSize)..<min((zone + 1) * zoneSize, keys.count) where isPresent[i] {
                minimum = min(minimum, keys[i])
                maximum = max(maximum, keys[i])
            }
            out.append(littleEndian: minimum)
            out.append(littleEndian: maximum)
        }
    }
}

/// Numbers as unsigned 64-bit keys that sort like the numbers.
package enum SortKey {
    /// Returns the key of an integer: the sign bit is flipped.
    package static func of(_ value: Int64) -> UInt64 { UInt64(bitPattern: value) ^ 1 << 63 }

    /// Returns the key of a floating-point number: negative numbers have all bits flipped, others the sign bit; -0
    /// becomes 0.
    package static func of(_ value: Double) -> UInt64 {
        let bits = value == 0 ? 0 : value.bitPattern
        return bits >> 63 == 1 ? ~bits : bits | 1 << 63
    }

    /// Returns the integer of a key.
    package static func integer(_ key: UInt64) -> Int64 { Int64(bitPattern: key ^ 1 << 63) }

    /// Returns the floating-point number of a key.
    package static func float(_ key: UInt64) -> Double { Double(bitPattern: key >> 63 == 1 ? key ^ 1 << 63 : ~key) }
}
