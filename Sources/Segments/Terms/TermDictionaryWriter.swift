import Kernels

/// A writer of a field's term dictionary: front-coded blocks of 32 terms, and an index of the first eight bytes of each
/// block. See `SegmentFormat.md`.
///
/// Call order: `append` for each term in ascending order, then `finish`. Blocks are kept until then, in their final
/// form. The writer is not thread-safe.
///
/// ```swift
/// var dictionary = TermDictionaryWriter(hasPositions: true)
/// for term in terms { term.withUnsafeBufferPointer { dictionary.append($0, info) } }
/// try dictionary.finish(segment, field: 0)
/// ```
package struct TermDictionaryWriter: ~Copyable {
    /// The number of terms of a full block: as many as a word has bits. A lookup walks 16 on average and compares few
    /// of them.
    package static let blockSize = 32

    /// True if the postings lists have frequencies and positions.
    let hasPositions: Bool
    /// The number of terms appended so far.
    package private(set) var count = 0
    /// The finished blocks.
    private var blocks = SpilledBytes()
    /// The first eight bytes of each block's first term.
    private var prefixes = GrowableBuffer<UInt64>(capacity: 1 << 8)
    /// The offset of each block in `blocks`.
    private var offsets = GrowableBuffer<UInt64>(capacity: 1 << 8)
    /// The term that was appended last.
    private var previous = GrowableBuffer<UInt8>(capacity: 256)
    // The parts of the block that is being filled, in the order of its layout.
    private var infos: [TermInfo] = []
    private var lengths = GrowableBuffer<UInt8>(capacity: blockSize)
    private var texts = GrowableBuffer<UInt8>(capacity: 1 << 9)
    private var singleDocuments = GrowableBuffer<UInt64>(capacity: blockSize)
    private var singlePositions = GrowableBuffer<UInt64>(capacity: blockSize)
    private var frequencies = GrowableBuffer<UInt8>(capacity: 1 << 7)
    private var postings = GrowableBuffer<UInt8>(capacity: 1 << 7)
    private var positions = GrowableBuffer<UInt8>(capacity: 1 << 7)

    /// Creates a writer of an empty dictionary.
    package init(hasPositions: Bool) {
        self.hasPositions = hasPositions
        infos.reserveCapacity(Self.blockSize)
    }

    /// Appends a term that is greater than all terms before it. The bytes are copied.
    ///
    /// Shape: `term` is not checked to ascend; the offsets in `info` must not descend from term to term. Complexity:
    /// O(bytes of the term), amortized.
    package mutating func append(_ term: UnsafeBufferPointer<UInt8>, _ info: TermInfo) {
        var shared = 0
        if infos.count == Self.blockSize { endBlock() }
        if infos.isEmpty {
            prefixes.append(termPrefix(term))
        } else {
            let limit = min(term.count, previous.count)
            while shared < limit, term[shared] == previous[shared] { shared &+= 1 }
        }
        let suffix = term.count - shared
        lengths.append(UInt8(min(shared, 15) | min(suffix, 15) << 4))
        if shared >= 15 { texts.append(varint: UInt64(shared - 15)) }
        if suffix >= 15 { texts.append(varint: UInt64(suffix - 15)) }
        texts.append(from: term.baseAddress! + shared, count: suffix)
        infos.append(info)
        previous.removeAll()
        previous.append(from: term.baseAddress!, count: term.count)
        count += 1
    }

    /// Moves the finished blocks out of memory, if they are many: beside the stream of the field's postings.
    ///
    /// Errors: `storage`.
    package mutating func spillWhenLarge(beside postings: SectionStream) throws(IndexError) {
        try blocks.spillWhenLarge(beside: postings)
    }

    /// True if a term occurs in one document, once: its info is stored in the packed columns of singles.
    private func isSingle(_ info: TermInfo) -> Bool {
        info.documentFrequency == 1 && (!hasPositions || info.totalFrequency == 1)
    }

    /// Encodes the terms that were collected as a block; none if there are none.
    private mutating func endBlock() {
        if infos.isEmpty { return }
        offsets.append(UInt64(blocks.count))
        var singles: UInt32 = 0
        for (index, info) in infos.enumerated() where isSingle(info) {
            singles |= 1 << UInt32(index)
            singleDocuments.append(UInt64(info.singleDocument))
            singlePositions.append(UInt64(info.singlePosition))
        }
        let documentWidth = bitWidth(of: singleDocuments.elements.max() ?? 0)
        let positionWidth = bitWidth(of: singlePositions.elements.max() ?? 0)
        var first = TermInfo()
        first.postingsOffset = infos.first { $0.documentFrequency > 1 }?.postingsOffset ?? 0
        first.positionsOffset = infos.first { !isSingle($0) }?.positionsOffset ?? 0
        writeOthers(after: first)
        blocks.tail.append(littleEndian: singles)
        blocks.tail.append(UInt8(documentWidth))
        if hasPositions { blocks.tail.append(UInt8(positionWidth)) }
        blocks.tail.append(varint: UInt64(texts.count))
        if singles.nonzeroBitCount < infos.count {
            blocks.tail.append(varint: UInt64(frequencies.count))
            blocks.tail.append(varint: UInt64(postings.count))
            blocks.tail.append(varint: UInt64(first.postingsOffset))
            if hasPositions { blocks.tail.append(varint: UInt64(first.positionsOffset)) }
        }
        blocks.tail.append(from: lengths.base, count: lengths.count)
        blocks.tail.append(from: texts.base, count: texts.count)
        pack64(singleDocuments.base, count: singleDocuments.count, width: documentWidth, to: &blocks.tail)
        if hasPositions {
            pack64(singlePositions.base, count: singlePositions.count, width: positionWidth, to: &blocks.tail)
        }
        blocks.tail.append(from: frequencies.base, count: frequencies.count)
        blocks.tail.append(from: postings.base, count: postings.count)
        blocks.tail.append(from: positions.base, count: positions.count)
        clearBlock()
    }

    /// Clears the parts for the next block and keeps their memory.
    private mutating func clearBlock() {
        infos.removeAll(keepingCapacity: true)
        lengths.removeAll()
        texts.removeAll()
        singleDocuments.removeAll()
        singlePositions.removeAll()
        frequencies.removeAll()
        postings.removeAll()
        positions.removeAll()
    }

    /// Encodes the columns of the terms that are not singles: frequencies, postings and positions. Offsets are relative
    /// to those before, the first ones to `first`.
    private mutating func writeOthers(after first: TermInfo) {
        var last = first
        for info in infos where !isSingle(info) {
            let repeats = hasPositions ? info.totalFrequency - info.documentFrequency : 0
            let frequency = UInt64(info.documentFrequency - 1)
            frequencies.append(varint: hasPositions ? frequency << 1 | (repeats > 0 ? 1 : 0) : frequency)
            if repeats > 0 { frequencies.append(varint: UInt64(repeats)) }
            if info.documentFrequency == 1 {
                postings.append(varint: UInt64(info.singleDocument))
            } else {
                postings.append(varint: UInt64(info.postingsOffset - last.postingsOffset))
                last.postingsOffset = info.postingsOffset
            }
            if !hasPositions { continue }
            positions.append(varint: UInt64(info.positionsOffset - last.positionsOffset))
            last.positionsOffset = info.positionsOffset
        }
    }

    /// Writes both sections of a field and ends the writer.
    ///
    /// Errors: `storage` when the file cannot be written.
    package consuming func finish(_ segment: SegmentWriter, field: Int) throws(IndexError) {
        endBlock()
        try blocks.write(.termBlocks, field: field, to: segment)
        var index = GrowableBuffer<UInt8>(capacity: 16 + prefixes.byteCount * 2)
        let width = packedWidth64(for: UInt64(blocks.count))
        index.append(littleEndian: UInt64(count))
        index.append(littleEndian: UInt64(width))
        index.append(contentsOf: UnsafeRawBufferPointer(prefixes.elements))
        pack64(offsets.base, count: offsets.count, width: width, to: &index)
        try segment.section(.termIndex, field: field, index)
    }
}
