import Kernels

/// The terms of a field in a segment, looked up in mapped bytes. Blocks are checked when they are read; the index in
/// front of them is checked by whoever hands the dictionary out.
struct TermDictionary {
    /// Number of terms.
    let count: Int
    let hasPositions: Bool
    let blockCount: Int
    private let prefixes: UnsafeRawPointer
    private let offsets: UnsafeRawPointer
    private let offsetWidth: Int
    private let blocks: UnsafeRawBufferPointer
    private let pages: SectionPages

    /// Nil when the two sections do not fit together.
    init?(
        index: UnsafeRawBufferPointer, blocks: UnsafeRawBufferPointer, hasPositions: Bool,
        pages: SectionPages = .unchecked
    ) {
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
        self.pages = pages
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
        guard let number = block(of: term) else { return .damaged }
        guard number >= 0 else { return .absent }
        var block = TermBlock(self, number)
        let place = block.find(term)
        if place < 0 { return block.failed ? .damaged : .absent }
        let info = block.info(place)
        return block.failed ? .damaged : .found(info, ordinal: number &* TermDictionaryWriter.blockSize &+ place)
    }

    /// The last block whose first term is not after `term`; -1 if there is none, nil for damaged bytes.
    func block(of term: UnsafeBufferPointer<UInt8>) -> Int? {
        let wanted = termPrefix(term)
        // Without branches, because no processor foresees them.
        var low = 0
        var left = blockCount
        while left > 0 {
            let half = (left &+ 1) &>> 1
            low &+= prefix(low &+ half &- 1) < wanted ? half : 0
            left &-= half
        }
        // Blocks with the same prefix, if there are any, have to be looked into.
        var high = low
        if low < blockCount, prefix(low) == wanted {
            high = blockCount
            while low < high {
                let middle = (low &+ high) / 2
                guard let isBehind = isFirstBehind(middle, term, wanted) else { return nil }
                if isBehind { high = middle } else { low = middle &+ 1 }
            }
        }
        return high &- 1
    }

    /// The first eight bytes of a block's first term, as `termPrefix` makes them.
    @inline(__always)
    func prefix(_ block: Int) -> UInt64 {
        prefixes.loadUnaligned(fromByteOffset: block &* 8, as: UInt64.self).littleEndian
    }

    /// Whether the first term of a block comes after `term`; nil for damaged bytes.
    private func isFirstBehind(_ block: Int, _ term: UnsafeBufferPointer<UInt8>, _ wanted: UInt64) -> Bool? {
        if prefix(block) != wanted { return prefix(block) > wanted }
        var entries = TermBlock(self, block)
        guard let first = entries.nextText() else { return nil }
        return precedes(term, first.rest.bindMemory(to: UInt8.self))
    }

    /// A reader at the start of a block; it has failed when the block is not what was written.
    @inline(__always)
    fileprivate func reader(_ block: Int) -> ByteReader {
        let start = offset(block)
        var reader = ByteReader(blocks.baseAddress ?? prefixes, count: blocks.count, offset: start)
        // Most blocks take a few lines, which are asked for at once.
        for line in 1..<5 { prefetch(reader.base + min(start &+ line &* 64, blocks.count)) }
        let end = block &+ 1 < blockCount ? offset(block &+ 1) : blocks.count
        if end < start || !pages.isIntact(reader.base + start, end &- start) { reader.failed = true }
        return reader
    }

    @inline(__always)
    private func offset(_ block: Int) -> Int {
        let offset = blockCount == 0 ? 0 : unpack64(offsets, index: block, width: offsetWidth)
        return Int(truncatingIfNeeded: min(offset, UInt64(blocks.count)))
    }
}

/// A block of a dictionary: its texts are read one after the other, what is known of a term by its place.
struct TermBlock {
    let count: Int
    private let hasPositions: Bool
    /// Bit by bit: the terms that stand in one document, once.
    private let singles: UInt32
    /// What each text shares with the one before, and how much follows: four bits each, 15 for more.
    let lengths: UnsafeRawPointer
    private(set) var texts: ByteReader
    /// Texts that were read or leapt over.
    private(set) var place = 0
    // Documents and positions of singles, packed.
    private let documents: UnsafeRawPointer
    private let documentWidth: Int
    private let positions: UnsafeRawPointer
    private let positionWidth: Int
    // What is known of the others, in columns that are read one after the other.
    private var frequencies: ByteReader
    private var postings: ByteReader
    private var positionOffsets: ByteReader
    private var othersRead = 0
    private var last = TermInfo()
    private(set) var failed = false

    init(_ dictionary: TermDictionary, _ number: Int) {
        var reader = dictionary.reader(number)
        let first = number &* TermDictionaryWriter.blockSize
        let terms = max(0, min(TermDictionaryWriter.blockSize, dictionary.count &- first))
        hasPositions = dictionary.hasPositions
        singles = reader.integer(UInt32.self) & UInt32(truncatingIfNeeded: UInt64(1) &<< UInt64(terms) &- 1)
        documentWidth = Int(reader.integer(UInt8.self))
        positionWidth = hasPositions ? Int(reader.integer(UInt8.self)) : 0
        let textBytes = reader.length()
        var frequencyBytes = 0
        var postingBytes = 0
        if singles.nonzeroBitCount < terms {
            frequencyBytes = reader.length()
            postingBytes = reader.length()
            last.postingsOffset = reader.offset48()
            if hasPositions { last.positionsOffset = reader.offset48() }
        }
        lengths = reader.bytes(terms).baseAddress ?? reader.base
        let start = reader.offset
        _ = reader.bytes(textBytes)
        texts = ByteReader(reader.base, count: reader.offset, offset: start)
        if documentWidth > 32 || positionWidth > 32 { reader.failed = true }
        documents = reader.base + reader.offset
        _ = reader.bytes(packedByteCount(singles.nonzeroBitCount, width: min(documentWidth, 32)))
        positions = reader.base + reader.offset
        _ = reader.bytes(packedByteCount(singles.nonzeroBitCount, width: min(positionWidth, 32)))
        frequencies = reader
        _ = reader.bytes(frequencyBytes)
        postings = reader
        _ = reader.bytes(postingBytes)
        positionOffsets = reader
        failed = reader.failed
        count = reader.failed ? 0 : terms
    }

    /// How many bytes the next text shares with the one before, and its others; nil behind the last, for damaged bytes
    /// too.
    @inline(__always)
    mutating func nextText() -> (shared: Int, rest: UnsafeRawBufferPointer)? {
        if place >= count { return nil }
        let length = Int(lengths.load(fromByteOffset: place, as: UInt8.self))
        place &+= 1
        var shared = length & 15
        var rest = length &>> 4
        if shared == 15 || rest == 15 {
            if shared == 15 { shared &+= texts.offset48() }
            if rest == 15 { rest &+= texts.offset48() }
        }
        guard texts.count &- texts.offset >= rest, !texts.failed else {
            failed = true
            return nil
        }
        let bytes = UnsafeRawBufferPointer(start: texts.base + texts.offset, count: rest)
        texts.offset &+= rest
        return (shared, bytes)
    }

    /// Whether no text of a whole block needs more than four bits for what it shares, nor for what follows.
    var hasShortTexts: Bool {
        var all: UInt64 = 0
        for i in 0..<4 {
            // A half is 15 when adding one to it carries.
            let word = lengths.loadUnaligned(fromByteOffset: i &* 8, as: UInt64.self)
            let low = word & 0x0F0F_0F0F_0F0F_0F0F
            let high = word &>> 4 & 0x0F0F_0F0F_0F0F_0F0F
            all |= (low &+ 0x0101_0101_0101_0101) | (high &+ 0x0101_0101_0101_0101)
        }
        return all & 0x1010_1010_1010_1010 == 0
    }

    /// Leaps over texts that share some bytes with the one before; stops at those of which that takes longer to know.
    @inline(__always)
    mutating func leap(sharing least: Int) {
        while place < count {
            let length = Int(lengths.load(fromByteOffset: place, as: UInt8.self))
            if length & 15 < least || length & 15 == 15 || length >= 0xF0 { return }
            place &+= 1
            texts.offset &+= length &>> 4
        }
    }

    /// Takes word of texts that were read or leapt over.
    @inline(__always)
    mutating func stand(at place: Int, _ offset: Int) {
        self.place = place
        texts.offset = offset
    }

    /// The place of a term; -1 if it is not there. To be called before any text was read.
    mutating func find(_ term: UnsafeBufferPointer<UInt8>) -> Int {
        // The bytes that the text before has in common with the term. It is smaller than the term.
        var common = 0
        while place < count {
            let length = Int(lengths.load(fromByteOffset: place, as: UInt8.self))
            if length & 15 > common, length & 15 < 15, length < 0xF0 {
                // A text that is still smaller, and short: on to the next.
                place &+= 1
                texts.offset &+= length &>> 4
                continue
            }
            guard let (shared, rest) = nextText() else { return -1 }
            if shared > common { continue }
            if shared < common { return -1 }
            let most = min(rest.count, term.count &- common)
            var same = 0
            while same < most, rest[same] == term[common &+ same] { same &+= 1 }
            common &+= same
            if same == rest.count, common == term.count { return place &- 1 }
            if common == term.count || same < rest.count && rest[same] > term[common] { return -1 }
        }
        return -1
    }

    /// What is known of the term in a place. Places must ascend from one call to the next.
    mutating func info(_ place: Int) -> TermInfo {
        let bit = UInt32(1) &<< UInt32(truncatingIfNeeded: place)
        let rank = (singles & (bit &- 1)).nonzeroBitCount
        if singles & bit != 0 {
            var info = TermInfo()
            info.documentFrequency = 1
            info.totalFrequency = 1
            info.singleDocument = UInt32(
                truncatingIfNeeded: unpack64(documents, index: rank, width: documentWidth))
            info.singlePosition = UInt32(
                truncatingIfNeeded: unpack64(positions, index: rank, width: positionWidth))
            return info
        }
        readOthers(to: place &- rank)
        return last
    }

    /// Reads the columns on up to a place among the others.
    private mutating func readOthers(to place: Int) {
        var head = 0
        var repeats = 0
        while othersRead <= place {
            othersRead &+= 1
            head = frequencies.offset48()
            repeats = hasPositions && head & 1 == 1 ? frequencies.offset48() : 0
            last.documentFrequency = (hasPositions ? head &>> 1 : head) &+ 1
            let value = postings.offset48()
            if last.documentFrequency == 1 {
                last.singleDocument = UInt32(truncatingIfNeeded: value)
            } else {
                last.postingsOffset &+= value
            }
            if hasPositions { last.positionsOffset &+= positionOffsets.offset48() }
        }
        last.totalFrequency = last.documentFrequency &+ repeats
        if frequencies.failed || postings.failed || positionOffsets.failed { failed = true }
    }
}

extension ByteReader {
    /// A count or offset below 2^48; damaged bytes may hold anything, and sums of it must not overflow.
    @inline(__always)
    fileprivate mutating func offset48() -> Int {
        let value = varint()
        if value >= 1 << 48 { failed = true }
        return Int(truncatingIfNeeded: value & (1 << 48 - 1))
    }
}

/// Walks a dictionary's terms in order.
struct TermCursor: ~Copyable {
    private let dictionary: TermDictionary
    private var block: TermBlock
    private var bytes = GrowableBuffer<UInt8>(capacity: 256)
    /// Rank of the current term; one before the first at the start.
    private(set) var ordinal: Int
    /// What is known of the current term.
    private(set) var info = TermInfo()
    /// Whether the bytes read so far did not make sense.
    private(set) var failed = false

    /// Stands before the first term of a block.
    init(_ dictionary: TermDictionary, block: Int = 0) {
        self.dictionary = dictionary
        ordinal = block * TermDictionaryWriter.blockSize - 1
        self.block = TermBlock(dictionary, min(block, max(dictionary.blockCount - 1, 0)))
    }

    /// The bytes of the current term; valid until the next step.
    var term: UnsafeBufferPointer<UInt8> { bytes.elements }

    /// Steps to the first term from the next one on that is not smaller than `target`; false when there is none.
    ///
    /// Complexity: O(log terms) and a block, less where the target is near.
    mutating func seek(_ target: UnsafeBufferPointer<UInt8>) -> Bool {
        if failed { return false }
        guard let number = dictionary.block(of: target) else {
            failed = true
            return false
        }
        if number > ordinal / TermDictionaryWriter.blockSize || ordinal < 0, number > 0 {
            block = TermBlock(dictionary, number)
            bytes.removeAll()
            ordinal = number * TermDictionaryWriter.blockSize - 1
        }
        while next() {
            if !precedes(term, target) { return true }
        }
        return false
    }

    /// Steps to the next term; false behind the last, or when the bytes are damaged.
    mutating func next() -> Bool {
        guard ordinal + 1 < dictionary.count, !failed else { return false }
        ordinal += 1
        let place = ordinal % TermDictionaryWriter.blockSize
        if place == 0 {
            block = TermBlock(dictionary, ordinal / TermDictionaryWriter.blockSize)
            bytes.removeAll()
        }
        guard let (shared, rest) = block.nextText(), shared <= bytes.count else {
            failed = true
            return false
        }
        bytes.count = shared
        bytes.append(contentsOf: rest)
        info = block.info(place)
        failed = block.failed
        return !failed
    }
}
