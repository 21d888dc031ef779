/// A postings list in mapped bytes: its skip table, and the locations of its blocks and positions.
///
/// Every read is safe on corrupt bytes: what does not fit in the sections, or names a document that the segment does
/// not have, is returned as nil. A list is immutable, may be used by any thread, and must not outlive its segment's
/// reader.
public struct PostingsList {
    /// The statistics of the term.
    @usableFromInline package let info: TermInfo
    /// The number of blocks, one for each 256 documents; the last one may be shorter.
    @usableFromInline package let blockCount: Int
    @usableFromInline let hasPositions: Bool
    /// The number of documents of the segment.
    let documents: UInt32
    private let postings: UnsafeRawBufferPointer
    private let positions: UnsafeRawBufferPointer
    /// The skip table, which only lists of several blocks have.
    @usableFromInline let skip: UnsafeRawPointer
    /// The first block, after the skip table.
    private let blocks: UnsafeRawPointer
    private let postingsEnd: UnsafeRawPointer
    private let pages: SectionPages
    private let positionPages: SectionPages

    /// Creates the list of a term over the sections of its field; nil if the list is not inside its section, or if a
    /// page of it does not match its checksum. Pages of positions are verified when they are read.
    ///
    /// Complexity: O(pages of the list), and O(bytes) for each page that is touched for the first time.
    package init?(
        _ info: TermInfo, hasPositions: Bool, documents: Int, postings: UnsafeRawBufferPointer,
        positions: UnsafeRawBufferPointer, pages: SectionPages = .unchecked, positionPages: SectionPages = .unchecked
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
            // The skip table has the start of the last block, but not its end: its maximum size is assumed.
            guard pages.isIntact(skip, skipBytes) else { return nil }
            let last = skip + (2 * blockCount - 1) * 4
            let offset = blockCount > 1 ? Int(last.loadUnaligned(as: UInt32.self)) : 0
            let end = blocks + offset + PostingsFormat.maxBlockBytes
            guard pages.isIntact(blocks, min(end, postingsEnd) - blocks) else { return nil }
        } else {
            // A single document is stored in the dictionary; there is no postings list to point at.
            skip = UnsafeRawPointer(bitPattern: 8)!
            blocks = skip
            postingsEnd = skip
        }
    }

    /// Returns the number of documents in a block.
    @inline(__always)
    func count(_ block: Int) -> Int {
        min(PostingsFormat.blockSize, info.documentFrequency &- block &* PostingsFormat.blockSize)
    }

    /// Returns the last document of a block. The list must have several blocks: others have no skip table.
    @inlinable @inline(__always)
    package func lastDocument(_ block: Int) -> UInt32 {
        skip.loadUnaligned(fromByteOffset: block &* 4, as: UInt32.self)
    }

    /// Returns an entry of the skip table: of table 0 the last document, of 1 the offset of a block, of 2 that of its
    /// positions.
    @inline(__always)
    private func skipEntry(_ table: Int, _ block: Int) -> Int {
        Int(skip.loadUnaligned(fromByteOffset: (table &* blockCount &+ block) &* 4, as: UInt32.self))
    }

    /// The impact pairs of all blocks, `Impacts.byteCount` bytes each (frequency u8, norm code u8, three times); nil
    /// for lists of one block and for lists without positions, which have none.
    @inlinable @inline(__always)
    package var impacts: UnsafePointer<UInt8>? {
        guard hasPositions, blockCount > 1 else { return nil }
        return (skip + blockCount &* 12).assumingMemoryBound(to: UInt8.self)
    }

    /// Returns the first block at or after `from` whose last document is not less than `target`; `blockCount` if there
    /// is none. A list of one block has no skip table: `from` is returned as it is.
    ///
    /// Complexity: O(log distance), a galloping search.
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

    /// Returns the start of a block and the end of its section; nil if the block starts outside.
    @inline(__always)
    func bytes(_ block: Int) -> (start: UnsafeRawPointer, end: UnsafeRawPointer)? {
        let start = blocks + (blockCount > 1 ? skipEntry(1, block) : 0)
        return start < postingsEnd ? (start, postingsEnd) : nil
    }

    /// Returns the encoded bytes of a block and of its positions, for copying; nil if they are not inside their
    /// sections or do not match their checksums. The block must not be the last one, whose end is not stored.
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

    /// Returns the positions of a block: the run of first ones by slot, the start of the later ones, and the end of the
    /// section; nil for corrupt bytes.
    ///
    /// A term with a single occurrence has none: its position is in its info.
    func positions(_ block: Int) -> (first: PackedRun, later: UnsafeRawPointer, end: UnsafeRawPointer)? {
        guard let base = positions.baseAddress else { return nil }
        let offset = info.positionsOffset + (blockCount > 1 ? skipEntry(2, block) : 0)
        guard offset >= 0, offset < positions.count else { return nil }
        // A block of positions ends where the next one starts; for the last one, the maximum size is assumed.
        let limit = offset &+ PostingsFormat.maxBlockBytes
        let next = block &+ 1 < blockCount ? info.positionsOffset &+ skipEntry(2, block &+ 1) : limit
        let end = base + positions.count
        guard offset <= next, positionPages.isIntact(base + offset, min(next, positions.count) &- offset),
            let first = PackedRun(base + offset, end: end, count: count(block))
        else { return nil }
        return (first, base + offset + first.byteCount, end)
    }

    /// True if `bytes` bytes of later positions match their checksums. Those of all blocks but the last were verified
    /// by `positions`.
    @inline(__always)
    func hasPositions(_ block: Int, _ later: UnsafeRawPointer, _ bytes: Int) -> Bool {
        block &+ 1 < blockCount || positionPages.isIntact(later, bytes)
    }
}
