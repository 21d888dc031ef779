import Kernels

/// The values of a keyword field per document, as ranks in the field's term dictionary.
///
/// Bytes: kind u8 (0 one value, 1 several), width of a rank u8, width of a start u8, zeros to 8, number of ranks u64.
/// One value: packed rank + 1 of each document, 0 where missing. Several: packed starts (documents + 1 of them,
/// padded to whole bytes), then the packed ranks of all documents, ascending in each.
struct OrdinalColumn {
    private let isMultiple: Bool
    private let width: Int
    private let startWidth: Int
    private let starts: UnsafeRawPointer
    private let packed: UnsafeRawPointer
    private let total: Int

    /// Nil when the section is not as long as it says.
    init?(_ bytes: UnsafeRawBufferPointer, documents: Int) {
        guard bytes.count >= 16 else { return nil }
        isMultiple = bytes[0] == 1
        width = Int(bytes[1])
        startWidth = Int(bytes[2])
        let count = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self).littleEndian
        guard count <= 1 << 40, width <= 33, startWidth <= 41 else { return nil }
        total = Int(count)
        let startBytes = isMultiple ? packedByteCount(documents + 1, width: startWidth) : 0
        guard bytes.count == 16 + startBytes + packedByteCount(total, width: width) else { return nil }
        if !isMultiple, total != documents { return nil }
        starts = bytes.baseAddress! + 16
        packed = starts + startBytes
    }

    /// Ranks of all documents together, where documents may have several; nil where they have one or none.
    var severalRanks: Int? { isMultiple ? total : nil }

    /// Whether a document has a rank.
    @inline(__always)
    func hasOrdinal(_ document: Int) -> Bool {
        if !isMultiple { return unpack64(packed, index: document, width: width) != 0 }
        return !ranks(of: document).isEmpty
    }

    /// The least rank of a document; nil when it has none.
    @inline(__always)
    func firstOrdinal(_ document: Int) -> Int? {
        if isMultiple { return ranks(of: document).first.map(rank) }
        let value = rank(document)
        return value > 0 ? value &- 1 : nil
    }

    /// The greatest rank of a document; nil when it has none.
    @inline(__always)
    func lastOrdinal(_ document: Int) -> Int? {
        isMultiple ? ranks(of: document).last.map(rank) : firstOrdinal(document)
    }

    @inline(__always)
    private func rank(_ index: Int) -> Int { Int(truncatingIfNeeded: unpack64(packed, index: index, width: width)) }

    /// Calls `body` with each of a document's ranks.
    @inline(__always)
    func forEachOrdinal(_ document: Int, _ body: (Int) -> Void) {
        if !isMultiple {
            let value = rank(document)
            if value > 0 { body(value &- 1) }
            return
        }
        for i in ranks(of: document) { body(rank(i)) }
    }

    /// Counts each rank of the documents of a window whose bits are set.
    ///
    /// Documents in a row are counted without looking for bits and starts. Complexity: O(words + ranks).
    func count(_ bits: UnsafePointer<UInt64>, words: Int, base: Int, into counts: inout RankCounts) {
        for i in 0..<words {
            var word = bits[i]
            let first = base &+ i &* 64
            if word == .max {
                let range = isMultiple ? ranks(of: first..<(first &+ 64)) : first..<(first &+ 64)
                count(range, into: &counts)
                continue
            }
            while word != 0 {
                let document = first &+ word.trailingZeroBitCount
                word &= word &- 1
                let range = isMultiple ? ranks(of: document) : document..<(document &+ 1)
                count(range, into: &counts)
            }
        }
    }

    /// Where the ranks of some documents are.
    @inline(__always)
    private func ranks(of documents: Range<Int>) -> Range<Int> {
        let from = Int(truncatingIfNeeded: unpack64(starts, index: documents.lowerBound, width: startWidth))
        let to = min(Int(truncatingIfNeeded: unpack64(starts, index: documents.upperBound, width: startWidth)), total)
        return from..<max(from, to)
    }

    @inline(__always)
    private func ranks(of document: Int) -> Range<Int> { ranks(of: document..<(document &+ 1)) }

    /// Counts packed ranks: of one value a document they are one too great, so that 0 is left for none.
    @inline(__always)
    private func count(_ places: Range<Int>, into counts: inout RankCounts) {
        let none: UInt64 = isMultiple ? 0 : 1
        let mask: UInt64 = 1 &<< UInt64(truncatingIfNeeded: width) &- 1
        let known = UInt64(truncatingIfNeeded: counts.count)
        let bytes = counts.bytes
        var bit = places.lowerBound &* width
        var counted = places.count
        for _ in places {
            let word = UInt64(littleEndian: packed.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self))
            let rank = (word &>> UInt64(truncatingIfNeeded: bit & 7) & mask) &- none
            bit &+= width
            guard rank < known else {
                counted &-= 1
                continue
            }
            let place = Int(truncatingIfNeeded: rank)
            bytes[place] &+= 1
            if bytes[place] == 0 { counts.noteRound(place) }
        }
        counts.add(counted)
    }

    /// The section's bytes: document d has `ordinals[starts[d] ..< starts[d + 1]]`, ascending.
    static func encode(
        starts: borrowing GrowableBuffer<UInt64>, ordinals: borrowing GrowableBuffer<UInt64>, multiple: Bool
    ) -> GrowableBuffer<UInt8> {
        let documents = starts.count - 1
        var greatest: UInt64 = 0
        for i in 0..<ordinals.count { greatest = max(greatest, ordinals[i]) }
        let width = packedWidth64(for: multiple ? greatest : greatest + 1)
        let startWidth = packedWidth64(for: UInt64(ordinals.count))
        var out = GrowableBuffer<UInt8>(capacity: 64 + ordinals.byteCount / 2)
        out.append(multiple ? 1 : 0)
        out.append(UInt8(width))
        out.append(UInt8(startWidth))
        out.append(repeating: 0, count: 5)
        out.append(littleEndian: UInt64(multiple ? ordinals.count : documents))
        if multiple {
            pack64(starts.base, count: starts.count, width: startWidth, to: &out)
            pack64(ordinals.base, count: ordinals.count, width: width, to: &out)
            return out
        }
        var single = GrowableBuffer<UInt64>(capacity: documents + 1)
        for d in 0..<documents {
            single.append(starts[d] < starts[d + 1] ? ordinals[Int(starts[d])] + 1 : 0)
        }
        pack64(single.base, count: documents, width: width, to: &out)
        return out
    }
}
