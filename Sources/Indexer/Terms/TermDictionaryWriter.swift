import Kernels

/// Writes a field's terms in the order of their bytes: front-coded blocks of 32 and an index of their first eight
/// bytes. See `SegmentFormat.md`.
struct TermDictionaryWriter: ~Copyable {
    /// Terms of a block: as many as a word has bits. A lookup walks 16 on average and compares few of them.
    static let blockSize = 32

    let hasPositions: Bool
    private(set) var count = 0
    private var blocks = GrowableBuffer<UInt8>(capacity: 1 << 16)
    private var prefixes = GrowableBuffer<UInt64>(capacity: 1 << 8)
    private var offsets = GrowableBuffer<UInt64>(capacity: 1 << 8)
    private var previous = GrowableBuffer<UInt8>(capacity: 256)
    // The block that is being filled.
    private var infos: [TermInfo] = []
    private var lengths = GrowableBuffer<UInt8>(capacity: blockSize)
    private var texts = GrowableBuffer<UInt8>(capacity: 1 << 9)
    private var singleDocuments = GrowableBuffer<UInt64>(capacity: blockSize)
    private var singlePositions = GrowableBuffer<UInt64>(capacity: blockSize)
    private var frequencies = GrowableBuffer<UInt8>(capacity: 1 << 7)
    private var postings = GrowableBuffer<UInt8>(capacity: 1 << 7)
    private var positions = GrowableBuffer<UInt8>(capacity: 1 << 7)

    init(hasPositions: Bool) {
        self.hasPositions = hasPositions
        infos.reserveCapacity(Self.blockSize)
    }

    /// Appends a term that comes after all the others.
    mutating func append(_ term: UnsafeBufferPointer<UInt8>, _ info: TermInfo) {
        var shared = 0
        if infos.count == Self.blockSize { endBlock() }
        if infos.isEmpty {
            prefixes.append(termPrefix(term))
        } else {
            let most = min(term.count, previous.count)
            while shared < most, term[shared] == previous[shared] { shared &+= 1 }
        }
        let rest = term.count - shared
        lengths.append(UInt8(min(shared, 15) | min(rest, 15) << 4))
        if shared >= 15 { texts.append(varint: UInt64(shared - 15)) }
        if rest >= 15 { texts.append(varint: UInt64(rest - 15)) }
        texts.append(from: term.baseAddress! + shared, count: rest)
        infos.append(info)
        previous.removeAll()
        previous.append(from: term.baseAddress!, count: term.count)
        count += 1
    }

    /// Whether a term stands in one document, once: nothing else is known of such.
    private func isSingle(_ info: TermInfo) -> Bool {
        info.documentFrequency == 1 && (!hasPositions || info.totalFrequency == 1)
    }

    private mutating func endBlock() {
        if infos.isEmpty { return }
        offsets.append(UInt64(blocks.count))
        var singles: UInt32 = 0
        for (place, info) in infos.enumerated() where isSingle(info) {
            singles |= 1 << UInt32(place)
            singleDocuments.append(UInt64(info.singleDocument))
            singlePositions.append(UInt64(info.singlePosition))
        }
        let documentWidth = bitWidth(of: singleDocuments.elements.max() ?? 0)
        let positionWidth = bitWidth(of: singlePositions.elements.max() ?? 0)
        var first = TermInfo()
        first.postingsOffset = infos.first { $0.documentFrequency > 1 }?.postingsOffset ?? 0
        first.positionsOffset = infos.first { !isSingle($0) }?.positionsOffset ?? 0
        writeOthers(after: first)
        blocks.append(littleEndian: singles)
        blocks.append(UInt8(documentWidth))
        if hasPositions { blocks.append(UInt8(positionWidth)) }
        blocks.append(varint: UInt64(texts.count))
        if singles.nonzeroBitCount < infos.count {
            blocks.append(varint: UInt64(frequencies.count))
            blocks.append(varint: UInt64(postings.count))
            blocks.append(varint: UInt64(first.postingsOffset))
            if hasPositions { blocks.append(varint: UInt64(first.positionsOffset)) }
        }
        blocks.append(from: lengths.base, count: lengths.count)
        blocks.append(from: texts.base, count: texts.count)
        pack64(singleDocuments.base, count: singleDocuments.count, width: documentWidth, to: &blocks)
        if hasPositions {
            pack64(singlePositions.base, count: singlePositions.count, width: positionWidth, to: &blocks)
        }
        blocks.append(from: frequencies.base, count: frequencies.count)
        blocks.append(from: postings.base, count: postings.count)
        blocks.append(from: positions.base, count: positions.count)
        emptyBlock()
    }

    private mutating func emptyBlock() {
        infos.removeAll(keepingCapacity: true)
        lengths.removeAll()
        texts.removeAll()
        singleDocuments.removeAll()
        singlePositions.removeAll()
        frequencies.removeAll()
        postings.removeAll()
        positions.removeAll()
    }

    /// Writes what is known of the terms that are not singles: a column of frequencies, one of postings, one of
    /// positions.
    private mutating func writeOthers(after first: TermInfo) {
        var last = first
        for info in infos where !isSingle(info) {
            let repeats = hasPositions ? info.totalFrequency - info.documentFrequency : 0
            let known = UInt64(info.documentFrequency - 1)
            frequencies.append(varint: hasPositions ? known << 1 | (repeats > 0 ? 1 : 0) : known)
            if repeats > 0 { frequencies.append(varint: UInt64(repeats)) }
            if info.documentFrequency == 1 {
                postings.append(varint: UInt64(info.singleDocument))
            } else {
                postings.append(varint: UInt64(info.postingsOffset - last.postingsOffset))
                last.postingsOffset = info.postingsOffset
            }
            if !hasPositions { continue }
            positions.append(varint: UInt64(info.positionsOffset - last.positionsOffset))
            last.positionsOffset = info.positionsOffset
        }
    }

    /// Writes both sections.
    consuming func finish(_ segment: SegmentWriter, field: Int) throws(IndexError) {
        endBlock()
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
