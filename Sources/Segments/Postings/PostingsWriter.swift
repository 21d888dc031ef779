import Kernels

/// An encoder of a field's postings lists, one after the other, in the order of its terms.
///
/// Call order: for each term `begin`, then for each document `append(document:frequency:)` followed by its positions,
/// then `end`; `finish` after the last term. Postings are streamed to their section list by list, positions are kept
/// until `finish`. The writer is not thread-safe.
///
/// ```swift
/// var writer = PostingsWriter(stream, norms: norms)  // norms: nil for a keyword field
/// writer.begin()
/// writer.append(document: 7, frequency: 2)
/// writer.append(firstPosition: 3)
/// writer.append(positionGap: 10)  // the second position is 13
/// let info = try writer.end()
/// dictionary.append(term, info)
/// try writer.finish(segment, field: 0)
/// ```
package struct PostingsWriter: ~Copyable {
    /// True if the lists have frequencies, positions and impacts.
    package let hasPositions: Bool
    private let postings: SectionStream
    /// The norm code of every document, from which the impacts are computed.
    private let norms: UnsafePointer<UInt8>?
    /// The positions section so far.
    private var positions = SpilledBytes()
    /// The finished blocks of the current list.
    private var blocks = GrowableBuffer<UInt8>(capacity: 1 << 12)
    private var skip = SkipTable()
    private var impacts = Impacts()
    // The block that is being filled, in the order of its documents.
    private var documents = GrowableBuffer<UInt32>(capacity: PostingsFormat.blockSize)
    private var frequencies = GrowableBuffer<UInt32>(capacity: PostingsFormat.blockSize)
    private var firstPositions = GrowableBuffer<UInt32>(capacity: PostingsFormat.blockSize)
    private var laterPositions = GrowableBuffer<UInt32>(capacity: 1 << 10)
    /// The values of a run, in the order of slots.
    private var slots = GrowableBuffer<UInt32>(capacity: PostingsFormat.blockSize)
    /// The last document of the block before; -1 (wrapped) in the first block.
    private var lastOfBlockBefore: UInt32 = .max
    private var documentFrequency = 0
    private var totalFrequency = 0
    /// The offset of the current list's positions.
    private var positionsStart = 0

    /// The skip table of the current list: an entry of each column for each block.
    private struct SkipTable: ~Copyable {
        var lastDocuments = GrowableBuffer<UInt32>(capacity: 64)
        var offsets = GrowableBuffer<UInt32>(capacity: 64)
        var positionOffsets = GrowableBuffer<UInt32>(capacity: 64)
        var impacts = GrowableBuffer<UInt8>(capacity: 64)

        mutating func removeAll() {
            lastDocuments.removeAll()
            offsets.removeAll()
            positionOffsets.removeAll()
            impacts.removeAll()
        }
    }

    /// Creates a writer that appends to the open stream of a postings section.
    ///
    /// `norms` are the norm codes of all documents of the segment, for lists with positions; nil for lists without.
    /// They must stay valid until the last `end`.
    package init(_ postings: SectionStream, norms: UnsafePointer<UInt8>?) {
        self.postings = postings
        self.norms = norms
        hasPositions = norms != nil
        slots.append(repeating: 0, count: PostingsFormat.blockSize)
    }

    deinit { impacts.free() }

    /// True if the current list has no document so far.
    package var isEmpty: Bool { documentFrequency == 0 }

    /// Begins a list.
    package mutating func begin() {
        blocks.removeAll()
        skip.removeAll()
        lastOfBlockBefore = .max
        documentFrequency = 0
        totalFrequency = 0
        positionsStart = positions.count
    }

    /// Appends a document to the current list. Documents must ascend; in lists without positions the frequency is 1.
    /// The document's positions must follow, `frequency` of them.
    @inline(__always)
    package mutating func append(document: UInt32, frequency: UInt32) {
        if documents.count == PostingsFormat.blockSize { endBlock() }
        documents.append(document)
        frequencies.append(frequency)
        documentFrequency &+= 1
        totalFrequency &+= Int(frequency)
        if let norms { impacts.add(frequency: frequency, normCode: norms[Int(document)]) }
    }

    /// Appends the first position of the document that was appended last.
    @inline(__always)
    package mutating func append(firstPosition: UInt32) { firstPositions.append(firstPosition) }

    /// Appends a later position of the document as its distance from the one before, which may be 0.
    @inline(__always)
    package mutating func append(positionGap: UInt32) { laterPositions.append(positionGap) }

    /// Appends the encoded blocks of another list as they are, for a list whose documents keep their numbers. It must
    /// be called right after `begin`. Returns the number of blocks, or nil if they are corrupt.
    ///
    /// The last block is left out, because other documents may follow it: it must be appended document by document.
    /// Complexity: O(bytes + documents).
    package mutating func takeBlocks(of list: PostingsList) -> Int? {
        let copied = list.blockCount - 1
        guard copied > 0 else { return 0 }
        var cursor = PostingsCursor(list)
        for block in 0..<copied {
            cursor.open(block)
            guard let (bytes, positionBytes) = list.encoded(block), !cursor.failed else { return nil }
            skip.lastDocuments.append(list.lastDocument(block))
            skip.offsets.append(UInt32(blocks.count))
            skip.positionOffsets.append(UInt32(positions.count - positionsStart))
            blocks.append(contentsOf: bytes)
            documentFrequency += cursor.count
            guard hasPositions, let impacts = list.impacts else { continue }
            skip.impacts.append(from: impacts + block * Impacts.byteCount, count: Impacts.byteCount)
            positions.tail.append(contentsOf: positionBytes)
            cursor.decodeFrequencies()
            for slot in 0..<cursor.count { totalFrequency += Int(cursor.frequencies[slot]) }
        }
        if !hasPositions { totalFrequency = documentFrequency }
        lastOfBlockBefore = list.lastDocument(copied - 1)
        return copied
    }

    /// Ends the list. Returns the info of its term, with the offsets of the list and its positions.
    ///
    /// Errors: `storage` when the stream cannot be written. Precondition: the list is not empty.
    package mutating func end() throws(IndexError) -> TermInfo {
        try positions.spillWhenLarge(beside: postings)
        var info = TermInfo(
            documentFrequency: documentFrequency, totalFrequency: totalFrequency, postingsOffset: postings.length,
            positionsOffset: positionsStart, singleDocument: 0, singlePosition: 0)
        if documentFrequency == 1 {
            info.singleDocument = documents[0]
            if hasPositions, totalFrequency == 1 {
                info.singlePosition = firstPositions[0]
            } else if hasPositions {
                appendPositions(inLanes: false)
            }
            if hasPositions { impacts.finish(into: &skip.impacts) }
            clearBlock()
            return info
        }
        endBlock()
        if skip.lastDocuments.count > 1 {
            try postings.append(UnsafeRawBufferPointer(skip.lastDocuments.elements))
            try postings.append(UnsafeRawBufferPointer(skip.offsets.elements))
            if hasPositions {
                try postings.append(UnsafeRawBufferPointer(skip.positionOffsets.elements))
                try postings.append(UnsafeRawBufferPointer(skip.impacts.elements))
            }
        }
        try postings.append(UnsafeRawBufferPointer(blocks.elements))
        return info
    }

    /// Encodes the documents that were collected as a block and adds its entry to the skip table.
    private mutating func endBlock() {
        let last = documents[documents.count - 1]
        skip.lastDocuments.append(last)
        skip.offsets.append(UInt32(blocks.count))
        skip.positionOffsets.append(UInt32(positions.count - positionsStart))
        if hasPositions { impacts.finish(into: &skip.impacts) }
        var union: UInt32 = 0
        for i in 0..<frequencies.count { union |= frequencies.base[i] &- 1 }
        let flags = hasPositions && union != 0 ? PostingsFormat.frequencyFlag : 0
        let isInLanes = appendDocuments(flags)
        if flags != 0 {
            let n = arrange(isInLanes) { $0.frequencies.base[$1] &- 1 }
            PackedRunWriter.append(slots.base, count: n, to: &blocks)
        }
        if hasPositions { appendPositions(inLanes: isInLanes) }
        lastOfBlockBefore = last
        clearBlock()
    }

    /// Clears the block and keeps its memory.
    private mutating func clearBlock() {
        documents.removeAll()
        frequencies.removeAll()
        firstPositions.removeAll()
        laterPositions.removeAll()
    }

    /// Encodes the documents of the block, as a run or a bit set. Returns true if they are laid out down the lanes.
    private mutating func appendDocuments(_ flags: UInt8) -> Bool {
        let isFull = documents.count == PostingsFormat.blockSize
        let n = arrange(isFull) { writer, index in
            let before = index == 0 ? writer.lastOfBlockBefore : writer.documents.base[index &- 1]
            return writer.documents.base[index] &- before &- 1
        }
        let start = blocks.count
        PackedRunWriter.append(
            slots.base, count: n, flags: flags, worth: isFull ? PostingsFormat.exceptionWorth : 1, to: &blocks)
        guard isFull else { return false }
        let base = (lastOfBlockBefore &+ 1) & ~63
        let words = Int((documents[documents.count - 1] - base) / 64) + 1
        guard words <= 255, words * 8 <= blocks.count - start + PostingsFormat.bitSetWorth,
            blocks.count - start > 1  // a run of consecutive documents is one byte
        else { return true }
        blocks.count = start
        blocks.append(PostingsFormat.bitSet | flags)
        blocks.append(UInt8(words))
        let bitsStart = blocks.count
        blocks.append(repeating: 0, count: words * 8)
        for i in 0..<documents.count {
            let bit = Int(documents.base[i] &- base)
            blocks.base[bitsStart &+ bit &>> 3] |= 1 &<< UInt8(bit & 7)
        }
        return false
    }

    /// Encodes the positions of the block: a run of the first ones, then the later ones with one width.
    private mutating func appendPositions(inLanes: Bool) {
        let n = arrange(inLanes) { $0.firstPositions.base[$1] }
        PackedRunWriter.append(slots.base, count: n, to: &positions.tail)
        if laterPositions.count == 0 { return }
        if inLanes { arrangeLaterPositions() }
        var union: UInt32 = 0
        for i in 0..<laterPositions.count { union |= laterPositions.base[i] }
        let width = bitWidth(of: UInt64(union))
        positions.tail.append(UInt8(width))
        positions.tail.reserve(packedByteCount(laterPositions.count, width: width) + 8)
        positions.tail.count += pack32(
            laterPositions.base, count: laterPositions.count, width: width,
            to: positions.tail.base + positions.tail.count)
    }

    /// Sorts the later positions into the order of slots.
    private mutating func arrangeLaterPositions() {
        var sorted = GrowableBuffer<UInt32>(capacity: laterPositions.count)
        withUnsafeTemporaryAllocation(of: Int.self, capacity: PostingsFormat.blockSize) { starts in
            var start = 0
            for index in 0..<documents.count {
                starts[index] = start
                start += Int(frequencies[index]) - 1
            }
            for slot in 0..<documents.count {
                let index = LaneBlock.index(ofSlot: slot)
                sorted.append(from: laterPositions.base + starts[index], count: Int(frequencies[index]) - 1)
            }
        }
        swap(&sorted, &laterPositions)
    }

    /// Fills `slots` with the value of each document, down the lanes or in order. Returns their number.
    @inline(__always)
    private mutating func arrange(_ inLanes: Bool, _ value: (borrowing PostingsWriter, Int) -> UInt32) -> Int {
        let n = documents.count
        if inLanes {
            for index in 0..<n { slots.base[LaneBlock.slot(ofIndex: index)] = value(self, index) }
        } else {
            for index in 0..<n { slots.base[index] = value(self, index) }
        }
        return n
    }

    /// Writes the positions section of a field, if the lists have positions, and ends the writer.
    ///
    /// Errors: `storage` when the file cannot be written.
    package consuming func finish(_ segment: SegmentWriter, field: Int) throws(IndexError) {
        guard hasPositions else { return }
        try positions.write(.positions, field: field, to: segment)
    }
}
