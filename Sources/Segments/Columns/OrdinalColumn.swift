package import Kernels

/// A column of the values of a keyword field: for each document the ordinals of its terms in the field's dictionary.
///
/// Bytes: kind u8 (0 one value a document, 1 several) │ width of an ordinal u8 │ width of a start u8 │ 0 × 5 │ values
/// u64. One value: packed(documents, width) of ordinal + 1, 0 where there is none. Several: packed(documents + 1, start
/// width) of the index of a document's first value, then packed(values, width), in which each document's ordinals
/// ascend.
///
/// A column is immutable, may be used by any thread, and must not outlive its segment's reader. Documents are not
/// checked to exist; ordinals in corrupt bytes may be those of no term.
///
/// ```swift
/// guard let brands = try segment.ordinals(field) else { return }
/// brands.forEachOrdinal(document) { print(texts.text($0)) }
/// var counts = OrdinalCounts(ordinals: dictionary.count)
/// brands.count(matches, words: words, base: 0, into: &counts)
/// ```
package struct OrdinalColumn {
    /// True if documents may have several values.
    private let isMultiple: Bool
    /// Bits per ordinal.
    private let width: Int
    /// Bits per start.
    private let startWidth: Int
    /// The packed starts, if `isMultiple`.
    private let starts: UnsafeRawPointer
    /// The packed ordinals; each plus one, unless `isMultiple`.
    private let packed: UnsafeRawPointer
    /// The number of packed ordinals.
    private let total: Int

    /// Creates a column over its section; nil if the section does not have the size that its header implies. The bytes
    /// are not copied.
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

    /// The number of values of all documents together, if documents may have several; nil if each has one or none.
    package var ordinalCount: Int? { isMultiple ? total : nil }

    /// True if a document has a value. Complexity: O(1).
    @inline(__always)
    package func hasOrdinal(_ document: Int) -> Bool {
        if !isMultiple { return unpack64(packed, index: document, width: width) != 0 }
        return !indexes(of: document).isEmpty
    }

    /// Returns the minimum ordinal of a document; nil if it has none. Complexity: O(1).
    @inline(__always)
    package func firstOrdinal(_ document: Int) -> Int? {
        if isMultiple { return indexes(of: document).first.map(packedValue) }
        let value = packedValue(document)
        return value > 0 ? value &- 1 : nil
    }

    /// Returns the maximum ordinal of a document; nil if it has none. Complexity: O(1).
    @inline(__always)
    package func lastOrdinal(_ document: Int) -> Int? {
        isMultiple ? indexes(of: document).last.map(packedValue) : firstOrdinal(document)
    }

    /// Returns the packed value at an index.
    @inline(__always)
    private func packedValue(_ index: Int) -> Int {
        Int(truncatingIfNeeded: unpack64(packed, index: index, width: width))
    }

    /// Calls `body` with each ordinal of a document, in ascending order.
    @inline(__always)
    package func forEachOrdinal(_ document: Int, _ body: (Int) -> Void) {
        if !isMultiple {
            let value = packedValue(document)
            if value > 0 { body(value &- 1) }
            return
        }
        for i in indexes(of: document) { body(packedValue(i)) }
    }

    /// Counts each ordinal of the documents of a window whose bits are set. Bit i is document `base` + i.
    ///
    /// A word of 64 documents is counted without looking for its bits and starts. Ordinals of no term are not counted.
    /// Complexity: O(words + ordinals).
    package func count(_ bits: UnsafePointer<UInt64>, words: Int, base: Int, into counts: inout OrdinalCounts) {
        for i in 0..<words {
            var word = bits[i]
            let first = base &+ i &* 64
            if word == .max {
                let range = isMultiple ? indexes(of: first..<(first &+ 64)) : first..<(first &+ 64)
                count(range, into: &counts)
                continue
            }
            while word != 0 {
                let document = first &+ word.trailingZeroBitCount
                word &= word &- 1
                let range = isMultiple ? indexes(of: document) : document..<(document &+ 1)
                count(range, into: &counts)
            }
        }
    }

    /// Returns the indexes of the packed ordinals of a range of documents; empty for corrupt starts.
    @inline(__always)
    private func indexes(of documents: Range<Int>) -> Range<Int> {
        let from = Int(truncatingIfNeeded: unpack64(starts, index: documents.lowerBound, width: startWidth))
        let to = min(Int(truncatingIfNeeded: unpack64(starts, index: documents.upperBound, width: startWidth)), total)
        return from..<max(from, to)
    }

    @inline(__always)
    private func indexes(of document: Int) -> Range<Int> { indexes(of: document..<(document &+ 1)) }

    /// Counts packed values. Where documents have one value, it is the ordinal + 1: 0 wraps to a number beyond all
    /// ordinals, which is not counted.
    @inline(__always)
    private func count(_ indexes: Range<Int>, into counts: inout OrdinalCounts) {
        let bias: UInt64 = isMultiple ? 0 : 1
        let mask: UInt64 = 1 &<< UInt64(truncatingIfNeeded: width) &- 1
        let ordinalLimit = UInt64(truncatingIfNeeded: counts.count)
        let bytes = counts.bytes
        var bit = indexes.lowerBound &* width
        var counted = indexes.count
        for _ in indexes {
            let word = UInt64(littleEndian: packed.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self))
            let ordinal = (word &>> UInt64(truncatingIfNeeded: bit & 7) & mask) &- bias
            bit &+= width
            guard ordinal < ordinalLimit else {
                counted &-= 1
                continue
            }
            let index = Int(truncatingIfNeeded: ordinal)
            bytes[index] &+= 1
            if bytes[index] == 0 { counts.addOverflow(index) }
        }
        counts.add(counted)
    }

    /// Encodes a column.
    ///
    /// Shape: document d has `ordinals[starts[d] ..< starts[d + 1]]`, ascending; `starts` has one element more than
    /// there are documents. Without `multiple` a document has at most one. Complexity: O(documents + ordinals).
    package static func encode(
        starts: borrowing GrowableBuffer<UInt64>, ordinals: borrowing GrowableBuffer<UInt64>, multiple: Bool
    ) -> GrowableBuffer<UInt8> {
        let documents = starts.count - 1
        var maximum: UInt64 = 0
        for i in 0..<ordinals.count { maximum = max(maximum, ordinals[i]) }
        let width = packedWidth64(for: multiple ? maximum : maximum + 1)
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
