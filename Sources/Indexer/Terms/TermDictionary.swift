import Kernels

/// The terms of a field in a segment, looked up in mapped bytes.
struct TermDictionary {
    /// Number of terms.
    let count: Int
    let hasPositions: Bool
    let blockCount: Int
    private let index: UnsafeRawBufferPointer
    private let blocks: UnsafeRawBufferPointer

    /// Nil when the two sections do not fit together.
    init?(index: UnsafeRawBufferPointer, blocks: UnsafeRawBufferPointer, hasPositions: Bool) {
        guard index.count >= 8 else { return nil }
        let terms = UInt64(littleEndian: index.loadUnaligned(as: UInt64.self))
        guard terms <= UInt64(blocks.count) else { return nil }
        count = Int(terms)
        blockCount = (count + TermDictionaryWriter.blockSize - 1) / TermDictionaryWriter.blockSize
        guard index.count == 8 + blockCount * 16 else { return nil }
        self.index = index
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
    /// Complexity: O(log terms) plus half a block.
    func find(_ term: UnsafeBufferPointer<UInt8>) -> Entry {
        let wanted = termPrefix(term)
        var low = 0
        var high = blockCount
        while low < high {
            let middle = (low + high) / 2
            if blockPrecedes(middle, term, wanted) { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return .absent }
        var cursor = TermCursor(self, block: low - 1)
        let first = (low - 1) * TermDictionaryWriter.blockSize
        let end = min(first + TermDictionaryWriter.blockSize, count)
        while cursor.ordinal + 1 < end, cursor.next() {
            let bytes = cursor.term
            if !precedes(bytes, term) {
                return bytes.elementsEqual(term) ? .found(cursor.info, ordinal: cursor.ordinal) : .absent
            }
        }
        return cursor.failed ? .damaged : .absent
    }

    /// Whether the first term of a block is not after `term`.
    private func blockPrecedes(_ block: Int, _ term: UnsafeBufferPointer<UInt8>, _ wanted: UInt64) -> Bool {
        let prefix = index.loadUnaligned(fromByteOffset: 8 + block * 8, as: UInt64.self).littleEndian
        if prefix != wanted { return prefix < wanted }
        var reader = blockReader(block)
        _ = reader.varint()
        _ = reader.varint()
        _ = reader.varint()
        let first = reader.bytes(reader.length())
        return !precedes(term, first.bindMemory(to: UInt8.self))
    }

    /// A reader at the start of a block.
    func blockReader(_ block: Int) -> ByteReader {
        let offset = index.loadUnaligned(fromByteOffset: 8 + (blockCount + block) * 8, as: UInt64.self).littleEndian
        return ByteReader(
            blocks.baseAddress ?? index.baseAddress!, count: blocks.count,
            offset: Int(truncatingIfNeeded: min(offset, UInt64(blocks.count))))
    }
}

/// Walks a dictionary's terms in order.
struct TermCursor: ~Copyable {
    private let dictionary: TermDictionary
    private var reader: ByteReader
    private var bytes = GrowableBuffer<UInt8>(capacity: 256)
    private var lastPostings = 0
    private var lastPositions = 0
    /// Rank of the current term; one before the first at the start.
    private(set) var ordinal: Int
    /// What is known of the current term.
    private(set) var info = TermInfo(
        documentFrequency: 0, totalFrequency: 0, postingsOffset: 0, positionsOffset: 0, singleDocument: 0,
        singlePosition: 0)

    /// Stands before the first term of a block.
    init(_ dictionary: TermDictionary, block: Int = 0) {
        self.dictionary = dictionary
        ordinal = block * TermDictionaryWriter.blockSize - 1
        reader = dictionary.blockReader(min(block, max(dictionary.blockCount - 1, 0)))
    }

    /// The bytes of the current term; valid until the next step.
    var term: UnsafeBufferPointer<UInt8> { bytes.elements }

    /// Whether the bytes read so far did not make sense.
    var failed: Bool { reader.failed }

    /// Steps to the next term; false behind the last, or when the bytes are damaged.
    mutating func next() -> Bool {
        guard ordinal + 1 < dictionary.count else { return false }
        ordinal += 1
        if ordinal % TermDictionaryWriter.blockSize == 0 {
            lastPostings = number()
            lastPositions = number()
        }
        let shared = reader.length()
        let suffix = reader.bytes(reader.length())
        guard !reader.failed, shared <= bytes.count else {
            reader.failed = true
            return false
        }
        bytes.count = shared
        bytes.append(contentsOf: suffix)
        readInfo()
        return !reader.failed
    }

    /// A count or offset below 2^48; damaged bytes may hold anything, and sums of it must not overflow.
    private mutating func number() -> Int {
        let value = reader.length()
        if value >= 1 << 48 { reader.failed = true }
        return value & (1 << 48 - 1)
    }

    private mutating func readInfo() {
        info.documentFrequency = number()
        info.totalFrequency = info.documentFrequency
        if dictionary.hasPositions { info.totalFrequency += number() }
        if info.documentFrequency == 1 {
            info.singleDocument = UInt32(truncatingIfNeeded: reader.varint())
        } else {
            lastPostings += number()
        }
        info.postingsOffset = lastPostings
        guard dictionary.hasPositions else { return }
        if info.totalFrequency == 1 {
            info.singlePosition = UInt32(truncatingIfNeeded: reader.varint())
        } else {
            lastPositions += number()
        }
        info.positionsOffset = lastPositions
    }
}
