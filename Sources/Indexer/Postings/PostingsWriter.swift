import Kernels

/// Encodes a field's posting lists, one after the other, in the order of its terms.
///
/// Call order: for each term `begin`, then `append` per document with its positions, then `end`.
struct PostingsWriter: ~Copyable {
    let hasPositions: Bool
    private let postings: SectionStream
    /// Length code of every document; what the impacts are made of.
    private let norms: UnsafePointer<UInt8>?
    private var positionBytes = GrowableBuffer<UInt8>(capacity: 1 << 12)
    private var blocks = GrowableBuffer<UInt8>(capacity: 1 << 12)
    private var skip = SkipTable()
    private var impacts = Impacts()
    // The block being filled, by rank.
    private var documents = GrowableBuffer<UInt32>(capacity: PostingsFormat.blockSize)
    private var frequencies = GrowableBuffer<UInt32>(capacity: PostingsFormat.blockSize)
    private var firstPositions = GrowableBuffer<UInt32>(capacity: PostingsFormat.blockSize)
    private var laterPositions = GrowableBuffer<UInt32>(capacity: 1 << 10)
    private var slots = GrowableBuffer<UInt32>(capacity: PostingsFormat.blockSize)
    private var lastOfBlockBefore: UInt32 = .max
    private var documentFrequency = 0
    private var totalFrequency = 0
    private var positionsStart = 0

    /// The skip table of the list being written.
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

    /// A writer of lists; those with positions need the documents' length codes for their impacts.
    init(_ postings: SectionStream, norms: UnsafePointer<UInt8>?) {
        self.postings = postings
        self.norms = norms
        hasPositions = norms != nil
        slots.append(repeating: 0, count: PostingsFormat.blockSize)
    }

    deinit { impacts.free() }

    /// Whether the list has no document so far.
    var isEmpty: Bool { documentFrequency == 0 }

    /// Begins a list.
    mutating func begin() {
        blocks.removeAll()
        skip.removeAll()
        lastOfBlockBefore = .max
        documentFrequency = 0
        totalFrequency = 0
        positionsStart = positionBytes.count
    }

    /// Appends the next document of the list; its positions follow through `append(position:)`.
    @inline(__always)
    mutating func append(document: UInt32, frequency: UInt32) {
        if documents.count == PostingsFormat.blockSize { endBlock() }
        documents.append(document)
        frequencies.append(frequency)
        documentFrequency &+= 1
        totalFrequency &+= Int(frequency)
        if let norms { impacts.add(frequency: frequency, lengthCode: norms[Int(document)]) }
    }

    /// Appends the document's positions: `first` once, then each later one as its distance from the one before.
    @inline(__always)
    mutating func append(firstPosition: UInt32) { firstPositions.append(firstPosition) }

    /// See `append(firstPosition:)`.
    @inline(__always)
    mutating func append(positionGap: UInt32) { laterPositions.append(positionGap) }

    /// Begins the list with the blocks of another, as they are; answers how many were taken, or nil for damaged ones.
    ///
    /// For a list whose documents keep their numbers. The last block is left to be appended: others may follow it.
    mutating func takeBlocks(of list: PostingsList) -> Int? {
        let taken = list.blockCount - 1
        guard taken > 0 else { return 0 }
        var cursor = PostingsCursor(list)
        for block in 0..<taken {
            cursor.open(block)
            guard let (bytes, positions) = list.encoded(block), !cursor.failed else { return nil }
            skip.lastDocuments.append(list.lastDocument(block))
            skip.offsets.append(UInt32(blocks.count))
            skip.positionOffsets.append(UInt32(positionBytes.count - positionsStart))
            blocks.append(contentsOf: bytes)
            documentFrequency += cursor.count
            guard hasPositions, let impacts = list.impacts else { continue }
            skip.impacts.append(from: impacts + block * Impacts.byteCount, count: Impacts.byteCount)
            positionBytes.append(contentsOf: positions)
            cursor.decodeFrequencies()
            for slot in 0..<cursor.count { totalFrequency += Int(cursor.frequencies[slot]) }
        }
        if !hasPositions { totalFrequency = documentFrequency }
        lastOfBlockBefore = list.lastDocument(taken - 1)
        return taken
    }

    /// Ends the list and answers where it is.
    mutating func end() throws(IndexError) -> TermInfo {
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
            forgetBlock()
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

    private mutating func endBlock() {
        let last = documents[documents.count - 1]
        skip.lastDocuments.append(last)
        skip.offsets.append(UInt32(blocks.count))
        skip.positionOffsets.append(UInt32(positionBytes.count - positionsStart))
        if hasPositions { impacts.finish(into: &skip.impacts) }
        var all: UInt32 = 0
        for i in 0..<frequencies.count { all |= frequencies.base[i] &- 1 }
        let flags = hasPositions && all != 0 ? PostingsFormat.frequencyFlag : 0
        let inLanes = appendDocuments(flags)
        if flags != 0 {
            let n = arrange(inLanes) { $0.frequencies.base[$1] &- 1 }
            PackedRunWriter.append(slots.base, count: n, to: &blocks)
        }
        if hasPositions { appendPositions(inLanes: inLanes) }
        lastOfBlockBefore = last
        forgetBlock()
    }

    private mutating func forgetBlock() {
        documents.removeAll()
        frequencies.removeAll()
        firstPositions.removeAll()
        laterPositions.removeAll()
    }

    /// Appends the block's documents; answers whether they are laid out down the lanes.
    private mutating func appendDocuments(_ flags: UInt8) -> Bool {
        let isFull = documents.count == PostingsFormat.blockSize
        let n = arrange(isFull) { writer, rank in
            let before = rank == 0 ? writer.lastOfBlockBefore : writer.documents.base[rank &- 1]
            return writer.documents.base[rank] &- before &- 1
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
        let at = blocks.count
        blocks.append(repeating: 0, count: words * 8)
        for i in 0..<documents.count {
            let bit = Int(documents.base[i] &- base)
            blocks.base[at &+ bit &>> 3] |= 1 &<< UInt8(bit & 7)
        }
        return false
    }

    private mutating func appendPositions(inLanes: Bool) {
        let n = arrange(inLanes) { $0.firstPositions.base[$1] }
        PackedRunWriter.append(slots.base, count: n, to: &positionBytes)
        if laterPositions.count == 0 { return }
        if inLanes { arrangeLaterPositions() }
        var all: UInt32 = 0
        for i in 0..<laterPositions.count { all |= laterPositions.base[i] }
        let width = bitWidth(of: UInt64(all))
        positionBytes.append(UInt8(width))
        positionBytes.reserve(packedByteCount(laterPositions.count, width: width) + 8)
        positionBytes.count += pack32(
            laterPositions.base, count: laterPositions.count, width: width,
            to: positionBytes.base + positionBytes.count)
    }

    /// Brings the later positions into the order of slots.
    private mutating func arrangeLaterPositions() {
        var sorted = GrowableBuffer<UInt32>(capacity: laterPositions.count)
        withUnsafeTemporaryAllocation(of: Int.self, capacity: PostingsFormat.blockSize) { starts in
            var start = 0
            for rank in 0..<documents.count {
                starts[rank] = start
                start += Int(frequencies[rank]) - 1
            }
            for slot in 0..<documents.count {
                let rank = LaneBlock.rank(ofSlot: slot)
                sorted.append(from: laterPositions.base + starts[rank], count: Int(frequencies[rank]) - 1)
            }
        }
        swap(&sorted, &laterPositions)
    }

    /// Fills `slots` with a value per rank, down the lanes or in order; answers how many.
    @inline(__always)
    private mutating func arrange(_ inLanes: Bool, _ value: (borrowing PostingsWriter, Int) -> UInt32) -> Int {
        let n = documents.count
        if inLanes {
            for rank in 0..<n { slots.base[LaneBlock.slot(ofRank: rank)] = value(self, rank) }
        } else {
            for rank in 0..<n { slots.base[rank] = value(self, rank) }
        }
        return n
    }

    /// Writes the positions section.
    consuming func finish(_ segment: SegmentWriter, field: Int) throws(IndexError) {
        guard hasPositions else { return }
        try segment.section(.positions, field: field, positionBytes)
    }
}
