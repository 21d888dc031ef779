import Kernels

/// The sorted term dictionary of a field in a segment, read from mapped bytes; see `SegmentFormat.md`.
///
/// A term has an *ordinal*, its position in the order of the terms' bytes. The pages of a block are verified when the
/// block is read, those of the index by the segment's reader before it hands out the dictionary. A dictionary is
/// immutable, may be used by any thread, and must not outlive its segment's reader.
///
/// ```swift
/// switch term.withUnsafeBufferPointer({ dictionary.find($0) }) {
/// case .found(let info, let ordinal): postings = try segment.postings(field, info)
/// case .absent: break
/// case .corrupt: throw segment.corrupt(.termBlocks, field)
/// }
/// ```
package struct TermDictionary {
    /// The number of terms.
    package let count: Int
    /// True if the postings lists have frequencies and positions, as in text fields.
    let hasPositions: Bool
    let blockCount: Int
    /// The first eight bytes of the first term of each block, see `prefix`.
    private let prefixes: UnsafeRawPointer
    /// The packed offsets of the blocks.
    private let offsets: UnsafeRawPointer
    private let offsetWidth: Int
    private let blocks: UnsafeRawBufferPointer
    private let pages: SectionPages

    /// Creates a dictionary over its two sections; nil if their sizes do not fit together. The bytes are not copied.
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

    /// The result of a lookup.
    package enum Entry {
        case found(TermInfo, ordinal: Int)
        case absent
        /// The block that might have the term is corrupt.
        case corrupt
    }

    /// Looks up a term.
    ///
    /// Complexity: O(log blocks), then a scan of half a block on average that compares only terms that may be equal.
    package func find(_ term: UnsafeBufferPointer<UInt8>) -> Entry {
        guard let blockIndex = block(of: term) else { return .corrupt }
        guard blockIndex >= 0 else { return .absent }
        var block = TermBlock(self, blockIndex)
        let index = block.find(term)
        if index < 0 { return block.failed ? .corrupt : .absent }
        let info = block.info(index)
        return block.failed ? .corrupt : .found(info, ordinal: blockIndex &* TermDictionaryWriter.blockSize &+ index)
    }

    /// Returns the last block whose first term is not greater than `term`; -1 if there is none, nil for corrupt bytes.
    func block(of term: UnsafeBufferPointer<UInt8>) -> Int? {
        let targetPrefix = termPrefix(term)
        // A binary search without branches, which no processor could predict.
        var low = 0
        var remaining = blockCount
        while remaining > 0 {
            let half = (remaining &+ 1) &>> 1
            low &+= prefix(low &+ half &- 1) < targetPrefix ? half : 0
            remaining &-= half
        }
        // Of blocks whose first terms have the same prefix, the terms themselves are compared.
        var high = low
        if low < blockCount, prefix(low) == targetPrefix {
            high = blockCount
            while low < high {
                let middle = (low &+ high) / 2
                guard let isAfter = isFirstAfter(middle, term, targetPrefix) else { return nil }
                if isAfter { high = middle } else { low = middle &+ 1 }
            }
        }
        return high &- 1
    }

    /// Returns the first eight bytes of a block's first term, in the form of `termPrefix`.
    @inline(__always)
    func prefix(_ block: Int) -> UInt64 {
        prefixes.loadUnaligned(fromByteOffset: block &* 8, as: UInt64.self).littleEndian
    }

    /// Returns true if the first term of a block is greater than `term`, whose prefix is given; nil for corrupt bytes.
    private func isFirstAfter(_ block: Int, _ term: UnsafeBufferPointer<UInt8>, _ targetPrefix: UInt64) -> Bool? {
        if prefix(block) != targetPrefix { return prefix(block) > targetPrefix }
        var entries = TermBlock(self, block)
        guard let first = entries.nextText() else { return nil }
        return precedes(term, first.suffix.bindMemory(to: UInt8.self))
    }

    /// Returns a reader at the start of a block; its `failed` is set if a page of the block does not match its
    /// checksum.
    @inline(__always)
    fileprivate func reader(_ block: Int) -> ByteReader {
        let start = offset(block)
        var reader = ByteReader(blocks.baseAddress ?? prefixes, count: blocks.count, offset: start)
        // Most blocks have a few cache lines, which are fetched at once.
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

/// A decoder of one block of a dictionary: its texts are read in order; the infos of its terms by their index in the
/// block.
///
/// A block whose layout is invalid has no terms and `failed` set; other corruption sets `failed` when it is met.
struct TermBlock {
    let count: Int
    private let hasPositions: Bool
    /// A bit for each term, set if it occurs in one document, once.
    private let singles: UInt32
    /// A byte for each text: the shared bytes in the low four bits, the suffix's in the high four; 15 for 15 or more.
    let lengths: UnsafeRawPointer
    private(set) var texts: ByteReader
    /// The number of texts that were read or skipped.
    private(set) var textsRead = 0
    // The packed documents and positions of the singles.
    private let documents: UnsafeRawPointer
    private let documentWidth: Int
    private let positions: UnsafeRawPointer
    private let positionWidth: Int
    // The columns of the other terms: varints, of which each must be read before the next one.
    private var frequencies: ByteReader
    private var postings: ByteReader
    private var positionOffsets: ByteReader
    private var othersRead = 0
    /// The info of the last of the other terms that was read.
    private var last = TermInfo()
    private(set) var failed = false

    init(_ dictionary: TermDictionary, _ block: Int) {
        var reader = dictionary.reader(block)
        let first = block &* TermDictionaryWriter.blockSize
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

    /// Reads the next text: the number of bytes it shares with the text before, and the bytes after those, which point
    /// into the block. Nil after the last text, and for corrupt bytes, which set `failed`.
    @inline(__always)
    mutating func nextText() -> (shared: Int, suffix: UnsafeRawBufferPointer)? {
        if textsRead >= count { return nil }
        let length = Int(lengths.load(fromByteOffset: textsRead, as: UInt8.self))
        textsRead &+= 1
        var shared = length & 15
        var suffix = length &>> 4
        if shared == 15 || suffix == 15 {
            if shared == 15 { shared &+= texts.offset48() }
            if suffix == 15 { suffix &+= texts.offset48() }
        }
        guard texts.count &- texts.offset >= suffix, !texts.failed else {
            failed = true
            return nil
        }
        let bytes = UnsafeRawBufferPointer(start: texts.base + texts.offset, count: suffix)
        texts.offset &+= suffix
        return (shared, bytes)
    }

    /// True if each text of a full block shares less than 15 bytes and has a suffix of less than 15.
    var hasShortTexts: Bool {
        var carries: UInt64 = 0
        for i in 0..<4 {
            // Adding one to a nibble of 15 carries.
            let word = lengths.loadUnaligned(fromByteOffset: i &* 8, as: UInt64.self)
            let low = word & 0x0F0F_0F0F_0F0F_0F0F
            let high = word &>> 4 & 0x0F0F_0F0F_0F0F_0F0F
            carries |= (low &+ 0x0101_0101_0101_0101) | (high &+ 0x0101_0101_0101_0101)
        }
        return carries & 0x1010_1010_1010_1010 == 0
    }

    /// Skips texts that share at least `minimum` bytes with the one before; stops at any with an extended length.
    @inline(__always)
    mutating func skip(sharing minimum: Int) {
        while textsRead < count {
            let length = Int(lengths.load(fromByteOffset: textsRead, as: UInt8.self))
            if length & 15 < minimum || length & 15 == 15 || length >= 0xF0 { return }
            textsRead &+= 1
            texts.offset &+= length &>> 4
        }
    }

    /// Records that the first `textsRead` texts, which end at `offset`, were read or skipped by the caller.
    @inline(__always)
    mutating func resume(at textsRead: Int, _ offset: Int) {
        self.textsRead = textsRead
        texts.offset = offset
    }

    /// Returns the index of a term; -1 if the block does not have it. No text may have been read before.
    mutating func find(_ term: UnsafeBufferPointer<UInt8>) -> Int {
        // The number of bytes that the text before, which is smaller than the term, has in common with it.
        var common = 0
        while textsRead < count {
            let length = Int(lengths.load(fromByteOffset: textsRead, as: UInt8.self))
            if length & 15 > common, length & 15 < 15, length < 0xF0 {
                // The text differs from the term where the one before did, so it is smaller as well.
                textsRead &+= 1
                texts.offset &+= length &>> 4
                continue
            }
            guard let (shared, suffix) = nextText() else { return -1 }
            if shared > common { continue }
            if shared < common { return -1 }
            let limit = min(suffix.count, term.count &- common)
            var matching = 0
            while matching < limit, suffix[matching] == term[common &+ matching] { matching &+= 1 }
            common &+= matching
            if matching == suffix.count, common == term.count { return textsRead &- 1 }
            if common == term.count || matching < suffix.count && suffix[matching] > term[common] { return -1 }
        }
        return -1
    }

    /// Returns the info of the term at an index of the block. Indexes must ascend from call to call.
    mutating func info(_ index: Int) -> TermInfo {
        let bit = UInt32(1) &<< UInt32(truncatingIfNeeded: index)
        let singleIndex = (singles & (bit &- 1)).nonzeroBitCount
        if singles & bit != 0 {
            var info = TermInfo()
            info.documentFrequency = 1
            info.totalFrequency = 1
            info.singleDocument = UInt32(
                truncatingIfNeeded: unpack64(documents, index: singleIndex, width: documentWidth))
            info.singlePosition = UInt32(
                truncatingIfNeeded: unpack64(positions, index: singleIndex, width: positionWidth))
            return info
        }
        readOthers(to: index &- singleIndex)
        return last
    }

    /// Reads the columns up to an index among the terms that are not singles.
    private mutating func readOthers(to index: Int) {
        var head = 0
        var repeats = 0
        while othersRead <= index {
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
    /// Reads a count or an offset below 2^48, so that sums of corrupt values do not overflow; sets `failed` for others.
    @inline(__always)
    fileprivate mutating func offset48() -> Int {
        let value = varint()
        if value >= 1 << 48 { failed = true }
        return Int(truncatingIfNeeded: value & (1 << 48 - 1))
    }
}

/// A cursor over the terms of a dictionary in ascending order. It is positioned before the first term when created.
///
/// ```swift
/// var cursor = TermCursor(dictionary)
/// var isFound = prefix.withUnsafeBufferPointer { cursor.seek($0) }
/// while isFound, cursor.term.starts(with: prefix) {
///     total += cursor.info.documentFrequency
///     isFound = cursor.next()
/// }
/// if cursor.failed { throw segment.corrupt(.termBlocks, field) }
/// ```
package struct TermCursor: ~Copyable {
    private let dictionary: TermDictionary
    private var block: TermBlock
    private var bytes = GrowableBuffer<UInt8>(capacity: 256)
    /// The ordinal of the current term; one less than that of the first before it was read.
    package private(set) var ordinal: Int
    /// The info of the current term.
    package private(set) var info = TermInfo()
    /// True if corrupt bytes ended the walk.
    package private(set) var failed = false

    /// Creates a cursor before the first term of a block.
    package init(_ dictionary: TermDictionary, block: Int = 0) {
        self.dictionary = dictionary
        ordinal = block * TermDictionaryWriter.blockSize - 1
        self.block = TermBlock(dictionary, min(block, max(dictionary.blockCount - 1, 0)))
    }

    /// The bytes of the current term, valid until the next step.
    package var term: UnsafeBufferPointer<UInt8> { bytes.elements }

    /// Advances, by at least one term, to the first term that is not less than `target`. Returns false if there is none
    /// or the bytes are corrupt.
    ///
    /// Complexity: O(log blocks) and a scan of one block; less if the target is near.
    package mutating func seek(_ target: UnsafeBufferPointer<UInt8>) -> Bool {
        if failed { return false }
        guard let blockIndex = dictionary.block(of: target) else {
            failed = true
            return false
        }
        if blockIndex > ordinal / TermDictionaryWriter.blockSize || ordinal < 0, blockIndex > 0 {
            block = TermBlock(dictionary, blockIndex)
            bytes.removeAll()
            ordinal = blockIndex * TermDictionaryWriter.blockSize - 1
        }
        while next() {
            if !precedes(term, target) { return true }
        }
        return false
    }

    /// Advances to the next term. Returns false after the last one, or if the bytes are corrupt.
    package mutating func next() -> Bool {
        guard ordinal + 1 < dictionary.count, !failed else { return false }
        ordinal += 1
        let index = ordinal % TermDictionaryWriter.blockSize
        if index == 0 {
            block = TermBlock(dictionary, ordinal / TermDictionaryWriter.blockSize)
            bytes.removeAll()
        }
        guard let (shared, suffix) = block.nextText(), shared <= bytes.count else {
            failed = true
            return false
        }
        bytes.count = shared
        bytes.append(contentsOf: suffix)
        info = block.info(index)
        failed = block.failed
        return !failed
    }
}
