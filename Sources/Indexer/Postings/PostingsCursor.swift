import Kernels

/// Walks a posting list by blocks, forwards.
///
/// The current block stays packed until its documents are asked for; frequencies and positions are taken out one by
/// one, by slot, or all at once. A slot numbers a document within its block: by rank, or down the lanes when
/// `isInLanes`.
/// A cursor over damaged bytes ends early and has `failed` set.
struct PostingsCursor: ~Copyable {
    let list: PostingsList
    /// The current block; -1 before the first, `list.blockCount` behind the last.
    private(set) var block = -1
    /// Documents in the current block; 0 when there is none.
    private(set) var count = 0
    /// No document of the current block is before `first` or behind `last`; `first` is `UInt32.max` at the end.
    private(set) var first: UInt32 = 0
    private(set) var last: UInt32 = 0
    /// Whether slots run down the lanes.
    private(set) var isInLanes = false
    /// Whether the current block is a bit set of `words` words, of which the first stands for `wordBase`.
    private(set) var isBitSet = false
    private(set) var words = 0
    private(set) var wordBase: UInt32 = 0
    /// The rank consumers have reached in the current block; theirs to use.
    var rank = 0
    private(set) var failed = false
    private var hasDocuments = false
    private var hasFrequencies = false
    private var frequencyReads = 0
    private let memory: BlockMemory
    /// First positions by slot, once `hasFirstPositions`.
    private let places: UnsafeMutablePointer<UInt32>
    /// Documents by slot, after `decode`.
    let documents: UnsafeMutablePointer<UInt32>
    /// Frequencies by slot, after `decodeFrequencies`.
    let frequencies: UnsafeMutablePointer<UInt32>
    private var documentRun: PackedRun?
    private var frequencyRun: PackedRun?
    private var bitWords: UnsafeRawPointer
    private var hasBitRanks = false
    /// Whether slots are asked for more than frequencies, which need none where all are one.
    private let wantsSlots: Bool
    // Positions of the current block.
    private var positionsBlock = -1
    private var firstPositions: PackedRun?
    private var positionReads = 0
    private var hasFirstPositions = false
    // Where the later positions begin and end; they are looked at when a term stands twice.
    private var laterStart: UnsafeRawPointer
    private var laterEnd: UnsafeRawPointer
    private var later: LaterPositions?
    private var hasLaterStarts = false

    /// `positions` tells whether positions will be read; nobody else may use `memory` meanwhile.
    init(_ list: PostingsList, positions: Bool = false, memory: BlockMemory = BlockMemory()) {
        self.list = list
        self.memory = memory
        wantsSlots = positions
        documents = memory.documents
        places = memory.positions
        frequencies = memory.frequencies
        bitWords = UnsafeRawPointer(documents)
        laterStart = bitWords
        laterEnd = bitWords
    }

    /// Whether the cursor is behind the last block.
    @inline(__always) var isAtEnd: Bool { block >= list.blockCount }

    /// Makes a block the current one.
    mutating func open(_ wanted: Int) {
        block = wanted
        rank = 0
        hasDocuments = false
        hasFrequencies = false
        frequencyReads = 0
        hasBitRanks = false
        isBitSet = false
        isInLanes = false
        frequencyRun = nil
        guard wanted < list.blockCount else { return end() }
        count = list.count(wanted)
        if list.info.documentFrequency == 1 { return openSingle() }
        let before: UInt32 = wanted == 0 ? .max : list.lastDocument(wanted &- 1)
        first = before &+ 1
        guard let (start, sectionEnd) = list.bytes(wanted) else { return fail() }
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
            // Nothing of the block before, nothing that is not there.
            let bottom = UInt64(littleEndian: bitWords.loadUnaligned(as: UInt64.self))
            guard last < list.documents, bottom & ((1 << UInt64(first & 63)) - 1) == 0 else { return fail() }
        } else {
            guard let run = PackedRun(start, end: sectionEnd, count: count) else { return fail() }
            documentRun = run
            isInLanes = count == PostingsFormat.blockSize
            frequencyStart = start + run.byteCount
            if list.blockCount > 1 { last = list.lastDocument(wanted) }
        }
        if head & PostingsFormat.frequencyFlag != 0 {
            frequencyRun = PackedRun(frequencyStart, end: sectionEnd, count: count)
            if frequencyRun == nil { return fail() }
        }
        if list.blockCount == 1 {
            decode()
        } else if last >= list.documents || last != list.lastDocument(wanted) || last < first {
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

    /// Makes the first block that may hold `target` or a later document the current one. Never moves back.
    @inline(__always)
    mutating func seek(_ target: UInt32) {
        if block >= 0, last >= target { return }
        seekFurther(target)
    }

    private mutating func seekFurther(_ target: UInt32) {
        if isAtEnd { return }
        let next = list.block(from: block &+ 1, reaching: target)
        open(next)
        if !isAtEnd, last < target { open(list.blockCount) }
    }

    /// Makes the documents of the current block available.
    @inline(__always)
    mutating func decode() {
        if !hasDocuments { decodeDocuments() }
    }

    private mutating func decodeDocuments() {
        hasDocuments = true
        if isBitSet { return decodeBits() }
        guard let run = documentRun else { return }
        let base: UInt32 = block == 0 ? .max : list.lastDocument(block &- 1)
        run.decodeAscending(base: base, into: documents)
        if list.blockCount == 1 {
            first = documents[0]
            last = documents[slot(count &- 1)]
        }
        // Numbers that ascend, begin and end where they should are those of documents, whatever their bytes were.
        let isFine = documents[slot(count &- 1)] == last && documents[0] >= first && last < list.documents
        if !isFine || last < first || !run.isNarrow && !isAscending() { fail() }
    }

    private func isAscending() -> Bool {
        for rank in 1..<max(count, 1) where documents[slot(rank)] <= documents[slot(rank &- 1)] { return false }
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

    /// The slot of a rank.
    @inline(__always)
    func slot(_ rank: Int) -> Int { isInLanes ? LaneBlock.slot(ofRank: rank) : rank }

    /// The first rank of the decoded current block whose document is not before `target`; `count` when all are.
    @inline(__always)
    func rank(of target: UInt32) -> Int {
        if isInLanes { return LaneBlock.rank(of: target, in: documents) }
        var low = 0
        var high = count
        while low < high {
            let middle = (low &+ high) &>> 1
            if documents[middle] < target { low = middle &+ 1 } else { high = middle }
        }
        return low
    }

    /// The slot of a document in the block that may have it; -1 when the list does not. Never moves back.
    @inline(__always)
    mutating func find(_ target: UInt32) -> Int {
        seek(target)
        return findInBlock(target)
    }

    /// The slot of a document in the current block, which does not end before it; -1 when the block does not have it.
    @inline(__always)
    mutating func findInBlock(_ target: UInt32) -> Int {
        if target < first { return -1 }
        if isBitSet { return findBit(target) }
        decode()
        let rank = rank(of: target)
        if rank == count { return -1 }
        let slot = slot(rank)
        return documents[slot] == target ? slot : -1
    }

    private mutating func findBit(_ target: UInt32) -> Int {
        let bit = Int(target &- wordBase)
        let word = UInt64(littleEndian: bitWords.loadUnaligned(fromByteOffset: bit &>> 6 &* 8, as: UInt64.self))
        let mask = UInt64(1) &<< UInt64(bit & 63)
        if word & mask == 0 { return -1 }
        if frequencyRun == nil, !wantsSlots { return 0 }
        if !hasBitRanks { countBitRanks() }
        let rank = Int(memory.bitRanks[bit &>> 6]) &+ (word & (mask &- 1)).nonzeroBitCount
        return min(rank, PostingsFormat.blockSize &- 1)
    }

    /// Counts the bits before each word.
    private mutating func countBitRanks() {
        hasBitRanks = true
        let bitRanks = memory.bitRanks
        var rank = 0
        for i in 0..<words {
            bitRanks[i] = UInt16(truncatingIfNeeded: rank)
            rank &+= bitWords.loadUnaligned(fromByteOffset: i &* 8, as: UInt64.self).nonzeroBitCount
        }
    }

    /// Unites the bit set that the current block is with the window `[base, end)`, both multiples of 64.
    @inline(__always)
    func uniteBitSet(_ base: UInt32, _ end: UInt32, _ bits: UnsafeMutablePointer<UInt64>) {
        let from = max(wordBase, base)
        let to = min(wordBase &+ UInt32(truncatingIfNeeded: words &* 64), end)
        guard from < to else { return }
        uniteUnaligned(
            bits + Int((from &- base) &>> 6), bitWords + Int((from &- wordBase) &>> 3), words: Int((to &- from) &>> 6))
    }

    /// Whether every document of the current block has the term once.
    @inline(__always) var isOnceEach: Bool { frequencyRun == nil && defaultFrequency == 1 }

    /// The frequency in a slot of the current block.
    ///
    /// Complexity: the first few of a block are looked up one by one, then all are decoded at once.
    @inline(__always)
    mutating func frequency(_ slot: Int) -> UInt32 {
        if hasFrequencies { return frequencies[slot] }
        if frequencyRun == nil { return defaultFrequency }
        return lookUpFrequency(slot)
    }

    private mutating func lookUpFrequency(_ slot: Int) -> UInt32 {
        guard let run = frequencyRun else { return defaultFrequency }
        frequencyReads &+= 1
        if frequencyReads <= Self.lookUps { return run.value(slot) &+ 1 }
        decodeFrequencies()
        return frequencies[slot]
    }

    /// Values of a block that are looked up before all are decoded: a look-up costs some 5 ns and 1 more an exception,
    /// decoding 40-60.
    private static let lookUps = 3

    /// The frequency of documents in a block that does not store any.
    private var defaultFrequency: UInt32 {
        list.info.documentFrequency == 1 ? UInt32(truncatingIfNeeded: list.info.totalFrequency) : 1
    }

    /// Makes all frequencies of the current block available.
    mutating func decodeFrequencies() {
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
    /// The first position in a slot of the current block; nil for damaged bytes.
    @inline(__always)
    mutating func firstPosition(_ slot: Int) -> UInt32? {
        if list.info.totalFrequency == 1 { return list.info.singlePosition }
        if positionsBlock != block { openPositions() }
        if hasFirstPositions { return places[slot] }
        guard let run = firstPositions else { return nil }
        positionReads &+= 1
        if positionReads <= Self.lookUps { return run.value(slot) }
        run.decode(plus: 0, into: places)
        hasFirstPositions = true
        return places[slot]
    }

    private mutating func openPositions() {
        positionsBlock = block
        hasLaterStarts = false
        later = nil
        hasFirstPositions = false
        positionReads = 0
        firstPositions = nil
        guard let (first, later, end) = list.positions(block) else {
            failed = true
            return
        }
        firstPositions = first
        (laterStart, laterEnd) = (later, end)
    }

    /// Writes all positions of a slot of the current block, ascending, to `out`.
    ///
    /// Complexity: O(frequency); the first call in a block that has frequencies sums them up.
    mutating func readPositions(_ slot: Int, into out: inout GrowableBuffer<UInt32>) {
        out.removeAll()
        guard var position = firstPosition(slot) else { return }
        out.append(position)
        let more = Int(frequency(slot)) &- 1
        if more <= 0 { return }
        let later = later ?? LaterPositions(laterStart, end: laterEnd)
        self.later = later
        var at = laterPlace(slot)
        guard at >= 0, more <= later.room(from: at), more < list.info.totalFrequency,
            list.hasPositions(block, later.bytes, ((at &+ more) &* later.width &+ 7) &>> 3)
        else {
            failed = true
            return
        }
        for _ in 0..<more {
            position = position &+ later.gap(at)
            out.append(position)
            at &+= 1
        }
    }

    /// Where the later positions of a slot begin: the sum of what the slots before it have. Wraps around on damaged
    /// bytes.
    private mutating func laterPlace(_ slot: Int) -> Int {
        if list.info.documentFrequency == 1 { return 0 }
        decodeFrequencies()
        if !hasLaterStarts { sumRows() }
        let row = slot &>> 3
        var sum = memory.laterStarts[row]
        for earlier in (row &* 8)..<slot { sum = sum &+ frequencies[earlier] &- 1 }
        return Int(sum)
    }

    /// Sums up the later positions of each eight slots.
    private mutating func sumRows() {
        hasLaterStarts = true
        let starts = memory.laterStarts
        let one = SIMD8<UInt32>(repeating: 1)
        var sum: UInt32 = 0
        for row in 0..<((count &+ 7) / 8) {
            starts[row] = sum
            let eight = UnsafeRawPointer(frequencies).loadUnaligned(
                fromByteOffset: row &* 32, as: SIMD8<UInt32>.self)
            sum = sum &+ (eight &- one).wrappedSum()
        }
    }
}
