import Kernels

/// The terms of a field in a segment, looked up in mapped bytes.
struct TermDictionary {
    /// Number of terms.
    let count: Int
    let hasPositions: Bool
    let blockCount: Int
    private let prefixes: UnsafeRawPointer
    private let offsets: UnsafeRawPointer
    private let offsetWidth: Int
    private let blocks: UnsafeRawBufferPointer

    /// Nil when the two sections do not fit together.
    init?(index: UnsafeRawBufferPointer, blocks: UnsafeRawBufferPointer, hasPositions: Bool) {
        guard index.count >= 16 else { return nil }
        let terms = UInt64(littleEndian: index.loadUnaligned(as: UInt64.self))
        let width = UInt64(littleEndian: index.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        guard terms <= UInt64(blocks.count), width <= 56 else { return nil }
        count = Int(terms)
        offsetWidth = Int(width)
        blockCount = (count + TermDictionaryWriter.blockSize - 1) / TermDictionaryWriter.blockSize
        guard index.count == 16 + blockCount * 8 + packedByteCount(blockCount, width: offsetWidth) else { return nil }
        prefixes = index.baseAddress! + 16
        offsets = prefixes + blockCount * 8
        self.blocks = blocks
        self.hasPositions = hasPositions
    }

    /// What a look-up found.
    enum Entry {
        case found(TermInfo, ordinal: Int)
        case absent
        /// The bytes on the way make no sense.
        case damaged
    }

    /// What is known of a term, and its rank among all.
    ///
    /// Complexity: O(log terms) plus half a block, of which only what may still be the term is compared.
    func find(_ term: UnsafeBufferPointer<UInt8>) -> Entry {
        let wanted = termPrefix(term)
        var low = 0
        var high = blockCount
        while low < high {
            let middle = (low &+ high) / 2
            if blockPrecedes(middle, term, wanted) { low = middle &+ 1 } else { high = middle }
        }
        guard low > 0 else { return .absent }
        var entries = EntryReader(self, block: low - 1)
        let first = (low - 1) * TermDictionaryWriter.blockSize
        let end = min(first + TermDictionaryWriter.blockSize, count)
        // The bytes that the entry before has in common with the term. It is smaller than the term.
        var common = 0
        for ordinal in first..<end {
            guard let (shared, rest) = entries.nextTerm() else { return .damaged }
            if shared < common { return .absent }
            var isTerm = false
            if shared == common {
                var same = 0
                let most = min(rest.count, term.count &- common)
                while same < most, rest[same] == term[common &+ same] { same &+= 1 }
                common &+= same
                if same == rest.count, common == term.count {
                    isTerm = true
                } else if common == term.count || same < rest.count && rest[same] > term[common] {
                    return .absent
                }
            }
            let info = entries.nextInfo()
            if entries.failed { return .damaged }
            if isTerm { return .found(info, ordinal: ordinal) }
        }
        return .absent
    }

    /// Whether the first term of a block is not after `term`.
    @inline(__always)
    private func blockPrecedes(_ block: Int, _ term: UnsafeBufferPointer<UInt8>, _ wanted: UInt64) -> Bool {
        let prefix = prefixes.loadUnaligned(fromByteOffset: block &* 8, as: UInt64.self).littleEndian
        if prefix != wanted { return prefix < wanted }
        var entries = EntryReader(self, block: block)
        guard let first = entries.nextTerm() else { return true }
        return !precedes(term, first.rest.bindMemory(to: UInt8.self))
    }

    /// A reader at the start of a block.
    fileprivate func blockReader(_ block: Int) -> ByteReader {
        let offset = blockCount == 0 ? 0 : unpack64(offsets, index: block, width: offsetWidth)
        return ByteReader(
            blocks.baseAddress ?? prefixes, count: blocks.count,
            offset: Int(truncatingIfNeeded: min(offset, UInt64(blocks.count))))
    }
}

/// Reads the entries of a dictionary's blocks one after the other: `nextTerm`, `nextInfo`, `nextTerm` …
private struct EntryReader {
    private let hasPositions: Bool
    private var reader: ByteReader
    private var lastPostings = 0
    private var lastPositions = 0

    /// Stands before the first entry of a block.
    init(_ dictionary: TermDictionary, block: Int) {
        hasPositions = dictionary.hasPositions
        reader = dictionary.blockReader(block)
        beginBlock()
    }

    var failed: Bool { reader.failed }

    /// Reads what the offsets of a block count from.
    mutating func beginBlock() {
        lastPostings = number()
        lastPositions = number()
    }

    /// How many bytes the next term shares with the one before, and its others; nil for damaged bytes.
    @inline(__always)
    mutating func nextTerm() -> (shared: Int, rest: UnsafeRawBufferPointer)? {
        let lengths = Int(reader.integer(UInt8.self))
        var shared = lengths & 15
        var rest = lengths >> 4
        if shared == 15 { shared += number() }
        if rest == 15 { rest += number() }
        let bytes = reader.bytes(rest)
        return reader.failed ? nil : (shared, bytes)
    }

    /// What is known of that term.
    @inline(__always)
    mutating func nextInfo() -> TermInfo {
        var info = TermInfo()
        let head = number()
        info.documentFrequency = (hasPositions ? head >> 1 : head) + 1
        info.totalFrequency = info.documentFrequency
        if hasPositions, head & 1 == 1 { info.totalFrequency += number() }
        if info.documentFrequency == 1 {
            info.singleDocument = UInt32(truncatingIfNeeded: reader.varint())
        } else {
            lastPostings += number()
        }
        info.postingsOffset = lastPostings
        guard hasPositions else { return info }
        if info.totalFrequency == 1 {
            info.singlePosition = UInt32(truncatingIfNeeded: reader.varint())
        } else {
            lastPositions += number()
        }
        info.positionsOffset = lastPositions
        return info
    }

    /// A count or offset below 2^48; damaged bytes may hold anything, and sums of it must not overflow.
    @inline(__always)
    private mutating func number() -> Int {
        let value = reader.length()
        if value >= 1 << 48 { reader.failed = true }
        return value & (1 << 48 - 1)
    }
}

/// Walks a dictionary's terms in order.
struct TermCursor: ~Copyable {
    private let dictionary: TermDictionary
    private var entries: EntryReader
    private var hasBroken = false
    /// Whether the entries stand behind the head of a block already.
    private var isAtBlock: Bool
    private var bytes = GrowableBuffer<UInt8>(capacity: 256)
    /// Rank of the current term; one before the first at the start.
    private(set) var ordinal: Int
    /// What is known of the current term.
    private(set) var info = TermInfo()

    /// Stands before the first term of a block.
    init(_ dictionary: TermDictionary, block: Int = 0) {
        self.dictionary = dictionary
        ordinal = block * TermDictionaryWriter.blockSize - 1
        entries = EntryReader(dictionary, block: min(block, max(dictionary.blockCount - 1, 0)))
        isAtBlock = true
    }

    /// The bytes of the current term; valid until the next step.
    var term: UnsafeBufferPointer<UInt8> { bytes.elements }

    /// Whether the bytes read so far did not make sense.
    var failed: Bool { hasBroken }

    /// Steps to the next term; false behind the last, or when the bytes are damaged.
    mutating func next() -> Bool {
        guard ordinal + 1 < dictionary.count, !hasBroken else { return false }
        ordinal += 1
        if ordinal % TermDictionaryWriter.blockSize == 0, !isAtBlock { entries.beginBlock() }
        isAtBlock = false
        guard let (shared, rest) = entries.nextTerm(), shared <= bytes.count else {
            hasBroken = true
            return false
        }
        bytes.count = shared
        bytes.append(contentsOf: rest)
        info = entries.nextInfo()
        hasBroken = entries.failed
        return !hasBroken
    }
}
