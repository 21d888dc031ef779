import Kernels

/// A posting list in mapped bytes: its skip table and where its blocks are.
///
/// Reading is safe on any bytes: what does not fit into the sections, or names a document the segment does not have,
/// is answered by nil.
struct PostingsList {
    let info: TermInfo
    let blockCount: Int
    let hasPositions: Bool
    /// Documents of the segment.
    let documents: UInt32
    private let postings: UnsafeRawBufferPointer
    private let positions: UnsafeRawBufferPointer
    /// The skip table; only lists of several blocks have one.
    private let skip: UnsafeRawPointer
    /// The first block, behind the skip table.
    private let blocks: UnsafeRawPointer
    private let postingsEnd: UnsafeRawPointer
    private let pages: SectionPages
    private let positionPages: SectionPages

    /// Nil when the list does not lie inside its section, or is not what was written.
    init?(
        _ info: TermInfo, hasPositions: Bool, documents: Int, postings: UnsafeRawBufferPointer,
        positions: UnsafeRawBufferPointer, pages: SectionPages = .unchecked,
        positionPages: SectionPages = .unchecked
    ) {
        guard info.documentFrequency >= 1, info.documentFrequency <= documents else { return nil }
        self.info = info
        self.hasPositions = hasPositions
        self.documents = UInt32(documents)
        self.postings = postings
        self.positions = positions
        self.pages = pages
        self.positionPages = positionPages
        blockCount = (info.documentFrequency &+ PostingsFormat.blockSize &- 1) / PostingsFormat.blockSize
        let skipBytes = PostingsFormat.skipBytes(blocks: blockCount, hasPositions: hasPositions)
        if info.documentFrequency > 1 {
            guard let base = postings.baseAddress, info.postingsOffset >= 0,
                info.postingsOffset + skipBytes <= postings.count
            else { return nil }
            skip = base + info.postingsOffset
            blocks = skip + skipBytes
            postingsEnd = base + postings.count
            // The last block begins where the table says; what it takes at most follows.
            guard pages.isIntact(skip, skipBytes) else { return nil }
            let last = skip + (2 * blockCount - 1) * 4
            let offset = blockCount > 1 ? Int(last.loadUnaligned(as: UInt32.self)) : 0
            let end = blocks + offset + PostingsFormat.mostBlockBytes
            guard pages.isIntact(blocks, min(end, postingsEnd) - blocks) else { return nil }
        } else {
            // A single document stands in the dictionary; there is no list to point at.
            skip = UnsafeRawPointer(bitPattern: 8)!
            blocks = skip
            postingsEnd = skip
        }
    }

    /// Documents in a block.
    @inline(__always)
    func count(_ block: Int) -> Int {
        min(PostingsFormat.blockSize, info.documentFrequency &- block &* PostingsFormat.blockSize)
    }

    /// The last document of a block. Only lists of several blocks have a skip table to ask.
    @inline(__always)
    func lastDocument(_ block: Int) -> UInt32 {
        skip.loadUnaligned(fromByteOffset: block &* 4, as: UInt32.self)
    }

    @inline(__always)
    private func skipEntry(_ table: Int, _ block: Int) -> Int {
        Int(skip.loadUnaligned(fromByteOffset: (table &* blockCount &+ block) &* 4, as: UInt32.self))
    }

    /// The impact pairs of a block (frequency u8, length code u8, three times); nil for lists of one block and lists
    /// without positions, which have none.
    @inline(__always)
    var impacts: UnsafePointer<UInt8>? {
        guard hasPositions, blockCount > 1 else { return nil }
        return (skip + blockCount &* 12).assumingMemoryBound(to: UInt8.self)
    }

    /// The first block at or after `from` that may hold `target` or a later document; `blockCount` when none does.
    ///
    /// Complexity: O(log distance), by doubling steps.
    @inline(__always)
    func block(from: Int, reaching target: UInt32) -> Int {
        guard blockCount > 1 else { return from }
        if from < blockCount, lastDocument(from) >= target { return from }
        return blockFurther(from, target)
    }

    private func blockFurther(_ from: Int, _ target: UInt32) -> Int {
        var low = from
        var step = 1
        while low &+ step < blockCount, lastDocument(low &+ step &- 1) < target {
            low &+= step
            step &*= 2
        }
        var high = min(low &+ step, blockCount)
        while low < high {
            let middle = (low &+ high) / 2
            if lastDocument(middle) < target { low = middle &+ 1 } else { high = middle }
        }
        return low
    }

    /// Where a block begins, and where its section ends; nil when it begins outside.
    @inline(__always)
    func bytes(_ block: Int) -> (start: UnsafeRawPointer, end: UnsafeRawPointer)? {
        let start = blocks + (blockCount > 1 ? skipEntry(1, block) : 0)
        return start < postingsEnd ? (start, postingsEnd) : nil
    }

    /// The bytes of a block that is not the last, and of its positions; nil when they do not lie in their sections.
    func encoded(_ block: Int) -> (postings: UnsafeRawBufferPointer, positions: UnsafeRawBufferPointer)? {
        let start = skipEntry(1, block)
        let end = skipEntry(1, block + 1)
        guard start <= end, end <= postingsEnd - blocks else { return nil }
        let postings = UnsafeRawBufferPointer(start: blocks + start, count: end - start)
        guard hasPositions else { return (postings, UnsafeRawBufferPointer(start: blocks, count: 0)) }
        let first = info.positionsOffset + skipEntry(2, block)
        let next = info.positionsOffset + skipEntry(2, block + 1)
        guard first >= 0, first <= next, next <= positions.count else { return nil }
        let part = UnsafeRawBufferPointer(rebasing: positions[first..<next])
        guard let start = part.baseAddress, positionPages.isIntact(start, part.count) else { return nil }
        return (postings, part)
    }

    /// The positions of a block: the first ones by slot, and behind them the later ones; nil for damaged bytes.
    ///
    /// Not for a single occurrence, whose position is in its `TermInfo`.
    func positions(_ block: Int) -> (first: PackedRun, later: UnsafeRawPointer, end: UnsafeRawPointer)? {
        guard let base = positions.baseAddress else { return nil }
        let at = info.positionsOffset + (blockCount > 1 ? skipEntry(2, block) : 0)
        guard at >= 0, at < positions.count else { return nil }
        // The next block of positions begins where the table says; behind the last follows what it takes at most.
        let most = at &+ PostingsFormat.mostBlockBytes
        let next = block &+ 1 < blockCount ? info.positionsOffset &+ skipEntry(2, block &+ 1) : most
        let end = base + positions.count
        guard at <= next, positionPages.isIntact(base + at, min(next, positions.count) &- at),
            let first = PackedRun(base + at, end: end, count: count(block))
        else { return nil }
        return (first, base + at + first.byteCount, end)
    }

    /// Whether the later positions of a block are what was written: the table knows no end of the last block's.
    @inline(__always)
    func hasPositions(_ block: Int, _ later: UnsafeRawPointer, _ bytes: Int) -> Bool {
        block &+ 1 < blockCount || positionPages.isIntact(later, bytes)
    }
}
