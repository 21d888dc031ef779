import Kernels

/// A number per document, for sorting and display.
///
/// Numbers are kept as 64-bit keys that order like the numbers (`sortKey`), less the least of them, packed to the width
/// of the greatest. Bytes: width u8, zeros to 8, least key u64, documents with a value u64; for each zone of 4,096
/// documents the least and the greatest key u64 (the least above the greatest where none has one); then, unless all
/// have one, a bit per document in words of 64; then the packed keys of all documents (0 where missing).
struct NumberColumn {
    /// Documents of a zone.
    static let zoneSize = 4096

    let count: Int
    /// Documents that have a value.
    let present: Int
    private let width: Int
    /// The least key.
    let least: UInt64
    private let zones: UnsafeRawPointer
    private let bits: UnsafeRawPointer?
    private let packed: UnsafeRawPointer

    /// Nil when the section is not as long as it says.
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

    /// Between which keys those of the first documents lie, and maybe of a few more; nil when none of them has one.
    func keys(documents: Int) -> ClosedRange<UInt64>? {
        var all: ClosedRange<UInt64>?
        for number in 0..<Self.zones(min(documents, count)) {
            guard let zone = zone(number) else { continue }
            all = min(all?.lowerBound ?? .max, zone.lowerBound)...max(all?.upperBound ?? 0, zone.upperBound)
        }
        return all
    }

    /// Whether every document has a value.
    var isComplete: Bool { bits == nil }

    /// Zones of so many documents.
    private static func zones(_ documents: Int) -> Int { (documents + zoneSize - 1) / zoneSize }

    /// Between which keys those of a zone's documents lie; nil when none of them has one.
    func zone(_ number: Int) -> ClosedRange<UInt64>? {
        let least = zones.loadUnaligned(fromByteOffset: number &* 16, as: UInt64.self).littleEndian
        let greatest = zones.loadUnaligned(fromByteOffset: number &* 16 &+ 8, as: UInt64.self).littleEndian
        return least <= greatest ? least...greatest : nil
    }

    /// The sort key of a document's number; nil when it has none.
    @inline(__always)
    func key(_ document: Int) -> UInt64? {
        if let bits {
            let word = bits.loadUnaligned(fromByteOffset: document &>> 6 &* 8, as: UInt64.self).littleEndian
            if word &>> UInt64(document & 63) & 1 == 0 { return nil }
        }
        return least &+ unpack64(packed, index: document, width: width)
    }

    /// Which of the `count` documents from `base`, a multiple of 64, on have keys in a range: at most 64, a bit each.
    @inline(__always)
    func bits(_ base: Int, count: Int, _ keys: ClosedRange<UInt64>) -> UInt64 {
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

    /// Counts the documents whose bits are set by the stretch that their keys lie in: those of one width, the first of
    /// which begins `offset` before the least key. Keys of no stretch, as damaged bytes may have, are left out.
    ///
    /// Shape: `offset` plus the greatest key less the least, and `width`, are below 2^32. Complexity: O(words +
    /// documents with a bit), a multiplication each.
    func count(
        _ set: UnsafePointer<UInt64>, words: Int, offset: UInt64, width stretch: UInt64,
        into counts: UnsafeMutableBufferPointer<Int>
    ) {
        guard counts.count <= Self.mostInLanes else {
            return count(set, words: words, offset: offset, width: stretch, into: counts, lanes: 0)
        }
        // Neighbours count in different places: one would wait for the other where both lie in the same stretch.
        withUnsafeTemporaryAllocation(of: Int.self, capacity: counts.count << 2) { places in
            places.initialize(repeating: 0)
            count(set, words: words, offset: offset, width: stretch, into: places, lanes: 2)
            for (place, count) in places.enumerated() { counts[place &>> 2] &+= count }
        }
    }

    /// Where neighbours seldom lie in the same stretch, clearing four places for each would take longer than it saves.
    private static let mostInLanes = 256

    /// Counts, each stretch in 2 ^ `lanes` places, that of a document told by its number.
    @inline(__always)
    private func count(
        _ set: UnsafePointer<UInt64>, words: Int, offset: UInt64, width stretch: UInt64,
        into places: UnsafeMutableBufferPointer<Int>, lanes: Int
    ) {
        let known = UInt64(places.count &>> lanes)
        let lane = 1 &<< lanes &- 1
        let counts = places.baseAddress.unsafelyUnwrapped
        // The upper half of the product is the quotient: both factors are below 2^32 and the error is below one part in
        // 2^32 (Granlund and Montgomery, "Division by invariant integers using multiplication", 1994).
        let factor = stretch == 1 ? 0 : UInt64.max / stretch &+ 1
        @inline(__always) func take(_ document: Int) {
            let key = unpack64(packed, index: document, width: width) &+ offset
            let place = factor == 0 ? key : key.multipliedFullWidth(by: factor).high
            if place < known { counts[Int(truncatingIfNeeded: place) &<< lanes &+ (document & lane)] &+= 1 }
        }
        for i in 0..<words {
            var word = set[i]
            if let bits { word &= bits.loadUnaligned(fromByteOffset: i &* 8, as: UInt64.self).littleEndian }
            if word == .max {
                for document in (i &* 64)..<(i &* 64 &+ 64) { take(document) }
                continue
            }
            while word != 0 {
                take(i &* 64 &+ word.trailingZeroBitCount)
                word &= word &- 1
            }
        }
    }

    /// The section's bytes for `keys`, of which those with `isPresent` count.
    static func encode(
        keys: borrowing GrowableBuffer<UInt64>, isPresent: borrowing GrowableBuffer<Bool>
    ) -> GrowableBuffer<UInt8> {
        var least = UInt64.max
        var greatest: UInt64 = 0
        var present = 0
        for i in 0..<keys.count where isPresent[i] {
            least = min(least, keys[i])
            greatest = max(greatest, keys[i])
            present += 1
        }
        if present == 0 { least = 0 }
        let width = present == 0 ? 0 : packedWidth64(for: greatest - least)
        var out = GrowableBuffer<UInt8>(capacity: 64 + packedByteCount(keys.count, width: width))
        out.append(littleEndian: UInt64(width))
        out.append(littleEndian: least)
        out.append(littleEndian: UInt64(present))
        appendZones(keys, isPresent, to: &out)
        var shifted = GrowableBuffer<UInt64>(capacity: keys.count + 1)
        var word: UInt64 = 0
        for i in 0..<keys.count {
            shifted.append(isPresent[i] ? keys[i] - least : 0)
            if isPresent[i] { word |= 1 << UInt64(i & 63) }
            if i & 63 == 63 || i + 1 == keys.count {
                if present != keys.count { out.append(littleEndian: word) }
                word = 0
            }
        }
        pack64(shifted.base, count: shifted.count, width: width, to: &out)
        return out
    }

    private static func appendZones(
        _ keys: borrowing GrowableBuffer<UInt64>, _ isPresent: borrowing GrowableBuffer<Bool>,
        to out: inout GrowableBuffer<UInt8>
    ) {
        for zone in 0..<zones(keys.count) {
            var least = UInt64.max
            var greatest: UInt64 = 0
            for i in (zone * zoneSize)..<min((zone + 1) * zoneSize, keys.count) where isPresent[i] {
                least = min(least, keys[i])
                greatest = max(greatest, keys[i])
            }
            out.append(littleEndian: least)
            out.append(littleEndian: greatest)
        }
    }
}

/// Numbers as unsigned keys of the same order.
enum SortKey {
    /// The key of a whole number.
    static func of(_ value: Int64) -> UInt64 { UInt64(bitPattern: value) ^ 1 << 63 }

    /// The key of a floating-point number: negative numbers have all bits flipped; the two zeros are one.
    static func of(_ value: Double) -> UInt64 {
        let bits = value == 0 ? 0 : value.bitPattern
        return bits >> 63 == 1 ? ~bits : bits | 1 << 63
    }

    /// The whole number of a key.
    static func integer(_ key: UInt64) -> Int64 { Int64(bitPattern: key ^ 1 << 63) }

    /// The floating-point number of a key.
    static func float(_ key: UInt64) -> Double { Double(bitPattern: key >> 63 == 1 ? key ^ 1 << 63 : ~key) }
}
