import Kernels

/// Writes a field's terms in the order of their bytes: front-coded blocks of 32 and an index of their first eight
/// bytes. See `SegmentFormat.md`.
struct TermDictionaryWriter: ~Copyable {
    /// Terms of a block. A lookup decodes 16 on average.
    static let blockSize = 32

    let hasPositions: Bool
    private(set) var count = 0
    private var blocks = GrowableBuffer<UInt8>(capacity: 1 << 16)
    private var prefixes = GrowableBuffer<UInt64>(capacity: 1 << 8)
    private var offsets = GrowableBuffer<UInt64>(capacity: 1 << 8)
    private var previous = GrowableBuffer<UInt8>(capacity: 256)
    private var lastPostings = 0
    private var lastPositions = 0

    init(hasPositions: Bool) {
        self.hasPositions = hasPositions
    }

    /// Appends a term that comes after all the others.
    mutating func append(_ term: UnsafeBufferPointer<UInt8>, _ info: TermInfo) {
        var shared = 0
        if count % Self.blockSize == 0 {
            beginBlock(term, info)
        } else {
            let most = min(term.count, previous.count)
            while shared < most, term[shared] == previous[shared] { shared &+= 1 }
        }
        let rest = term.count - shared
        blocks.append(UInt8(min(shared, 15) | min(rest, 15) << 4))
        if shared >= 15 { blocks.append(varint: UInt64(shared - 15)) }
        if rest >= 15 { blocks.append(varint: UInt64(rest - 15)) }
        blocks.append(from: term.baseAddress! + shared, count: term.count - shared)
        append(info)
        previous.removeAll()
        previous.append(from: term.baseAddress!, count: term.count)
        count += 1
    }

    private mutating func beginBlock(_ term: UnsafeBufferPointer<UInt8>, _ info: TermInfo) {
        prefixes.append(termPrefix(term))
        offsets.append(UInt64(blocks.count))
        lastPostings = info.postingsOffset
        lastPositions = info.positionsOffset
        blocks.append(varint: UInt64(lastPostings))
        blocks.append(varint: UInt64(lastPositions))
    }

    private mutating func append(_ info: TermInfo) {
        let repeats = hasPositions ? info.totalFrequency - info.documentFrequency : 0
        if hasPositions {
            blocks.append(varint: UInt64(info.documentFrequency - 1) << 1 | (repeats > 0 ? 1 : 0))
            if repeats > 0 { blocks.append(varint: UInt64(repeats)) }
        } else {
            blocks.append(varint: UInt64(info.documentFrequency - 1))
        }
        if info.documentFrequency == 1 {
            blocks.append(varint: UInt64(info.singleDocument))
        } else {
            blocks.append(varint: UInt64(info.postingsOffset - lastPostings))
            lastPostings = info.postingsOffset
        }
        guard hasPositions else { return }
        if info.totalFrequency == 1 {
            blocks.append(varint: UInt64(info.singlePosition))
        } else {
            blocks.append(varint: UInt64(info.positionsOffset - lastPositions))
            lastPositions = info.positionsOffset
        }
    }

    /// Writes both sections.
    consuming func finish(_ segment: SegmentWriter, field: Int) throws(IndexError) {
        try segment.section(.termBlocks, field: field, blocks)
        var index = GrowableBuffer<UInt8>(capacity: 16 + prefixes.byteCount * 2)
        let width = packedWidth64(for: UInt64(blocks.count))
        index.append(littleEndian: UInt64(count))
        index.append(littleEndian: UInt64(width))
        index.append(contentsOf: UnsafeRawBufferPointer(prefixes.elements))
        pack64(offsets.base, count: offsets.count, width: width, to: &index)
        try segment.section(.termIndex, field: field, index)
    }
}
