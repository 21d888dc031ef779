public import Kernels

/// A forward cursor over the blocks of a postings list.
///
/// The current block stays packed until its documents are needed; frequencies and positions are looked up by slot, one
/// at a time, or decoded together. A *slot* is a document's place in its block: down the lanes if `isInLanes`, else its
/// index. Corrupt bytes set `failed` and, unless they are positions, end the cursor. It is not thread-safe. Public so
/// that `Searching` inlines it (decision 12).
///
/// ```swift
/// var cursor = PostingsCursor(try segment.postings(field, info), positions: true)
/// cursor.seek(1_000)  // to the first block that may have documents from 1,000 on
/// cursor.decode()
/// for i in cursor.lowerBound(of: 1_000)..<cursor.count { sum += cursor.frequency(cursor.slot(i)) }
/// if cursor.failed { throw segment.corrupt(.postings, field) }
/// ```
public struct PostingsCursor: ~Copyable {
    @usableFromInline package let list: PostingsList
    /// The index of the current block; -1 before the first, `list.blockCount` after the last.
    @usableFromInline package private(set) var block = -1
    /// The number of documents in the current block; 0 if there is none.
    @usableFromInline package private(set) var count = 0
    /// The documents of the current block are in `first...last`; both are `UInt32.max` at the end.
    @usableFromInline package private(set) var first: UInt32 = 0
    @usableFromInline package private(set) var last: UInt32 = 0
    /// True if slots run down the lanes, see `LaneBlock`.
    @usableFromInline package private(set) var isInLanes = false
    /// True if the current block is a bit set of `words` words, whose first bit is document `wordBase`.
    @usableFromInline package private(set) var isBitSet = false
    @usableFromInline private(set) var words = 0
    @usableFromInline private(set) var wordBase: UInt32 = 0
    /// True if corrupt bytes were met.
    package private(set) var failed = false
    @usableFromInline var hasDocuments = false
    @usableFromInline var hasFrequencies = false
    private var frequencyReads = 0
    private let memory: BlockMemory
    /// First positions by slot, valid once `hasFirstPositions`.
    private let firstPositions: UnsafeMutablePointer<UInt32>
    /// Documents by slot, valid after `decode` until the block changes.
    @usableFromInline package let documents: UnsafeMutablePointer<UInt32>
    /// Frequencies by slot, valid after `decodeFrequencies` until the block changes.
    @usableFromInline package let frequencies: UnsafeMutablePointer<UInt32>
    private var documentRun: PackedRun?
    @usableFromInline var frequencyRun: PackedRun?
    @usableFromInline private(set) var bitWords: UnsafeRawPointer
    private var hasBitsBefore = false
    /// True if slots are needed for positions; frequencies need none where all are one.
    private let needsSlots: Bool
    // Positions of the current block.
    private var positionsBlock = -1
    private var firstPositionRun: PackedRun?
    private var positionReads = 0
    private var hasFirstPositions = false
    // The bytes of the later positions, which are read only for documents with several occurrences.
    private var laterStart: UnsafeRawPointer
    private var laterEnd: UnsafeRawPointer
    private var later: LaterPositions?
    private var hasLaterStarts = false

    /// Creates a cursor before the first block; `positions` if they will be read. No other cursor may share `memory`.
    package init(_ list: PostingsList, positions: Bool = false, memory: BlockMemory = BlockMemory()) {
        self.list = list
        self.memory = memory
        needsSlots = positions
        documents = memory.documents
        firstPositions = memory.positions
        frequencies = memory.frequencies
        bitWords = UnsafeRawPointer(documents)
        laterStart = bitWords
        laterEnd = bitWords
    }

    /// True if the cursor is after the last block.
    @inlinable @inline(__always) package var isAtEnd: Bool { block >= list.blockCount }

    /// Makes a block the current one, in any order of blocks; moves to the end for `list.blockCount`.
    package mutating func open(_ newBlock: Int) {
        block = newBlock
        hasDocuments = false
        hasFrequencies = false
        frequencyReads = 0
        hasBitsBefore = false
        isBitSet = false
        isInLanes = false
        frequencyRun = nil
        guard newBlock < list.blockCount else { return end() }
        count = list.count(newBlock)
        if list.info.documentFrequency == 1 { return openSingle() }
        let before: UInt32 = newBlock == 0 ? .max : list.lastDocument(newBlock &- 1)
        first = before &+ 1
        guard let (start, sectionEnd) = list.bytes(newBlock) else { return fail() }
        let head = start.load(as: UInt8.self)
        var frequencyStart: UnsafeRawPointer
        if head & PackedRun.widthMask == PostingsFormat.bitSet {
            guard list.blockCount > 1 || count == PostingsFormat.blockSize, sectionEnd - start >= 2 else {
                return fail()
            }
            words = Int(start.load(fromByteOffset: 1, as: UInt8.self))
            wordBase = first & ~63
            bitWords = start + 2
            frequencyStart = bitWords + words &* 8
            guard words > 0, frequencyStart <= sectionEnd else { return fail() }
            let top = bitWords.loadUnaligned(fromByteOffset: (words &- 1) &* 8, as: UInt64.self)
            guard top != 0, count == PostingsFormat.blockSize else { return fail() }
            last = wordBase &+ UInt32(truncatingIfNeeded: words &* 64 &- 1 &- top.leadingZeroBitCount)
            isBitSet = true
            // No document of the block before, and none that the segment does not have.
            let bottom = UInt64(littleEndian: bitWords.loadUnaligned(as: UInt64.self))
            guard last < list.documents, bottom & ((1 << UInt64(first & 63)) - 1) == 0 else { return fail() }
        } else {
            guard let run = PackedRun(start, end: sectionEnd, count: count) else { return fail() }
            documentRun = run
            isInLanes = count == PostingsFormat.blockSize
            frequencyStart = start + run.byteCount
            if list.blockCount > 1 { last = list.lastDocument(newBlock) }
        }
        if head & PostingsFormat.frequencyFlag != 0 {
            frequencyRun = PackedRun(frequencyStart, end: sectionEnd, count: count)
            if frequencyRun == nil { return fail() }
        }
        if list.blockCount == 1 {
            decode()
        } else if last >= list.documents || last != list.lastDocument(newBlock) || last < first {
            fail()
        }
    }

    private mutating func openSingle() {
        let document = list.info.singleDocument
        guard document < list.documents else { return fail() }
        first = document
        last = document
        documents[0] = document
        hasDocuments = true
    }

    private mutating func end() {
        block = list.blockCount
        hasDocuments = true
        documentRun = nil
        frequencyRun = nil
        isInLanes = false
        isBitSet = false
        count = 0
        first = .max
        last = .max
    }

    private mutating func fail() {
        failed = true
        end()
    }

    /// Advances to the first block that may have `target` or a later document; never moves back.
    @inlinable @inline(__always)
    package mutating func seek(_ target: UInt32) {
        if block >= 0, last >= target { return }
        seekFurther(target)
    }

    @usableFromInline mutating func seekFurther(_ target: UInt32) {
        if isAtEnd { return }
        let next = list.block(from: block &+ 1, reaching: target)
        open(next)
        if !isAtEnd, last < target { open(list.blockCount) }
    }

    /// Decodes the documents of the current block, if they are not decoded yet. Complexity: O(count).
    @inlinable @inline(__always)
    package mutating func decode() {
        if !hasDocuments { decodeDocuments() }
    }

    @usableFromInline mutating func decodeDocuments() {
        hasDocuments = true
        if isBitSet { return decodeBits() }
        guard let run = documentRun else { return }
        let base: UInt32 = block == 0 ? .max : list.lastDocument(block &- 1)
        run.decodeAscending(base: base, into: documents)
        if list.blockCount == 1 {
            first = documents[0]
            last = documents[slot(count &- 1)]
        }
        // Numbers that ascend between the right bounds are documents of the segment, whatever their bytes were.
        let isValid = documents[slot(count &- 1)] == last && documents[0] >= first && last < list.documents
        if !isValid || last < first || !run.isNarrow && !isAscending() { fail() }
    }

    private func isAscending() -> Bool {
        for index in 1..<max(count, 1) where documents[slot(index)] <= documents[slot(index &- 1)] { return false }
        return true
    }

    private mutating func decodeBits() {
        var n = 0
        for i in 0..<words {
            var word = UInt64(littleEndian: bitWords.loadUnaligned(fromByteOffset: i &* 8, as: UInt64.self))
            let base = wordBase &+ UInt32(truncatingIfNeeded: i &* 64)
            if word.nonzeroBitCount > PostingsFormat.blockSize &- n { return fail() }
            while word != 0 {
                documents[n] = base &+ UInt32(truncatingIfNeeded: word.trailingZeroBitCount)
                n &+= 1
                word &= word &- 1
            }
        }
        if list.blockCount == 1 { first = documents[0] }
        if n < PostingsFormat.blockSize { fail() }
    }

    /// Returns the slot of the document at an index (0..<`count`) of the current block.
    @inlinable @inline(__always)
    package func slot(_ index: Int) -> Int { isInLanes ? LaneBlock.slot(ofIndex: index) : index }

    /// Returns the index of the first document of the decoded block that is not less than `target`, or `count`.
    @inlinable @inline(__always)
    package func lowerBound(of target: UInt32) -> Int {
        if isInLanes { return LaneBlock.lowerBound(of: target, in: documents) }
        var low = 0
        var high = count
        while low < high {
            let middle = (low &+ high) &>> 1
            if documents[middle] < target { low = middle &+ 1 } else { high = middle }
        }
        return low
    }

    /// Advances to the block that may have a document and returns its slot; -1 if the list does not have it.
    @inlinable @inline(__always)
    package mutating func find(_ target: UInt32) -> Int {
        seek(target)
        return findInBlock(target)
    }

    /// Returns the slot of a document, at most `last`, in the current block; -1 if the block does not have it.
    @inlinable @inline(__always)
    package mutating func findInBlock(_ target: UInt32) -> Int {
        if target < first { return -1 }
        if isBitSet { return findBit(target) }
        decode()
        let index = lowerBound(of: target)
        if index == count { return -1 }
        let slot = slot(index)
        return documents[slot] == target ? slot : -1
    }

    @usableFromInline mutating func findBit(_ target: UInt32) -> Int {
        let bit = Int(target &- wordBase)
        let word = UInt64(littleEndian: bitWords.loadUnaligned(fromByteOffset: bit &>> 6 &* 8, as: UInt64.self))
        let mask = UInt64(1) &<< UInt64(bit & 63)
        if word & mask == 0 { return -1 }
        if frequencyRun == nil, !needsSlots { return 0 }
        if !hasBitsBefore { countBitsBefore() }
        let slot = Int(memory.bitsBefore[bit &>> 6]) &+ (word & (mask &- 1)).nonzeroBitCount
        return min(slot, PostingsFormat.blockSize &- 1)
    }

    /// Counts the bits before each word of the bit set.
    private mutating func countBitsBefore() {
        hasBitsBefore = true
        let bitsBefore = memory.bitsBefore
        var bitCount = 0
        for i in 0..<words {
            bitsBefore[i] = UInt16(truncatingIfNeeded: bitCount)
            bitCount &+= bitWords.loadUnaligned(fromByteOffset: i &* 8, as: UInt64.self).nonzeroBitCount
        }
    }

    /// Unites the bit set of the current block with `bits`, the window `base..<end`; both bounds are multiples of 64.
    @inlinable @inline(__always)
    package func uniteBitSet(_ base: UInt32, _ end: UInt32, _ bits: UnsafeMutablePointer<UInt64>) {
        let from = max(wordBase, base)
        let to = min(wordBase &+ UInt32(truncatingIfNeeded: words &* 64), end)
        guard from < to else { return }
        uniteUnaligned(
            bits + Int((from &- base) &>> 6), bitWords + Int((from &- wordBase) &>> 3), words: Int((to &- from) &>> 6))
    }

    /// True if every document of the current block has the term exactly once.
    @inlinable @inline(__always) package var isOnceEach: Bool { frequencyRun == nil && defaultFrequency == 1 }

    /// Returns the frequency in a slot of the current block.
    /// Complexity: the first few of a block are looked up one by one, then all are decoded at once.
    @inlinable @inline(__always)
    package mutating func frequency(_ slot: Int) -> UInt32 {
        if hasFrequencies { return frequencies[slot] }
        if frequencyRun == nil { return defaultFrequency }
        return lookUpFrequency(slot)
    }

    @usableFromInline mutating func lookUpFrequency(_ slot: Int) -> UInt32 {
        guard let run = frequencyRun else { return defaultFrequency }
        frequencyReads &+= 1
        if frequencyReads <= Self.maxLookups { return run.value(slot) &+ 1 }
        decodeFrequencies()
        return frequencies[slot]
    }

    /// The number of lookups before a block is decoded: one costs some 5 ns and 1 ns per exception, decoding 40–60 ns.
    private static let maxLookups = 3

    /// The frequency of all documents of a block that does not store frequencies.
    @usableFromInline var defaultFrequency: UInt32 {
        list.info.documentFrequency == 1 ? UInt32(truncatingIfNeeded: list.info.totalFrequency) : 1
    }

    /// Decodes all frequencies of the current block, if they are not decoded yet.
    package mutating func decodeFrequencies() {
        if hasFrequencies { return }
        hasFrequencies = true
        if let run = frequencyRun {
            run.decode(plus: 1, into: frequencies)
        } else {
            frequencies.update(repeating: defaultFrequency, count: count)
        }
    }
}

// MARK: - Positions

extension PostingsCursor {
    /// Returns the first position in a slot of the current block; nil for corrupt bytes. Complexity: as `frequency`.
    @inline(__always)
    package mutating func firstPosition(_ slot: Int) -> UInt32? {
        if list.info.totalFrequency == 1 { return list.info.singlePosition }
        if positionsBlock != block { openPositions() }
        if hasFirstPositions { return firstPositions[slot] }
        guard let run = firstPositionRun else { return nil }
        positionReads &+= 1
        if positionReads <= Self.maxLookups { return run.value(slot) }
        run.decode(plus: 0, into: firstPositions)
        hasFirstPositions = true
        return firstPositions[slot]
    }

    private mutating func openPositions() {
        positionsBlock = block
        hasLaterStarts = false
        later = nil
        hasFirstPositions = false
        positionReads = 0
        firstPositionRun = nil
        guard let (first, later, end) = list.positions(block) else {
            failed = true
            return
        }
        firstPositionRun = first
        (laterStart, laterEnd) = (later, end)
    }

    /// Replaces `out` by all positions in a slot of the current block, ascending; by fewer if bytes are corrupt.
    /// Complexity: O(frequency); the first call in a block that has frequencies sums them up.
    package mutating func readPositions(_ slot: Int, into out: inout GrowableBuffer<UInt32>) {
        out.removeAll()
        guard var position = firstPosition(slot) else { return }
        out.append(position)
        let laterCount = Int(frequency(slot)) &- 1
        if laterCount <= 0 { return }
        let later = later ?? LaterPositions(laterStart, end: laterEnd)
        self.later = later
        var index = laterIndex(slot)
        guard index >= 0, laterCount <= later.room(from: index), laterCount < list.info.totalFrequency,
            list.hasPositions(block, later.bytes, ((index &+ laterCount) &* later.width &+ 7) &>> 3)
        else {
            failed = true
            return
        }
        for _ in 0..<laterCount {
            position = position &+ later.gap(index)
            out.append(position)
            index &+= 1
        }
    }

    /// Returns the index of the first later position of a slot: their number before it, wrapped on corrupt bytes.
    private mutating func laterIndex(_ slot: Int) -> Int {
        if list.info.documentFrequency == 1 { return 0 }
        decodeFrequencies()
        if !hasLaterStarts { sumRows() }
        let row = slot &>> 3
        var sum = memory.laterStarts[row]
        for earlier in (row &* 8)..<slot { sum = sum &+ frequencies[earlier] &- 1 }
        return Int(sum)
    }

    /// Computes `BlockMemory.laterStarts`.
    private mutating func sumRows() {
        hasLaterStarts = true
        let starts = memory.laterStarts
        let one = SIMD8<UInt32>(repeating: 1)
        var sum: UInt32 = 0
        for row in 0..<((count &+ 7) / 8) {
            starts[row] = sum
            let eight = UnsafeRawPointer(frequencies).loadUnaligned(fromByteOffset: row &* 32, as: SIMD8<UInt32>.self)
            sum = sum &+ (eight &- one).wrappedSum()
        }
    }
}
