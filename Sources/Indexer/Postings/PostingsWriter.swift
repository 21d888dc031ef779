import Kernels

/// Numbers of the postings format that writer and reader share.
enum PostingsFormat {
    /// Documents of a full block.
    static let blockSize = 256
}

/// Encodes a field's posting lists, one after the other, in the order of its terms.
///
/// A list of up to 256 documents is one block; a longer one starts with its skip table (last document of each block
/// u32, offset of each block u32, and with positions their offset u32 each). A block: width of the gaps u8, with
/// positions the width of the frequencies u8, packed gaps (each less one; the first counts from the block before),
/// packed frequencies (each less one). Positions of a block: width u8, packed differences within each document.
/// Call order: for each term `begin`, then `append` per document with its positions, then `end`.
struct PostingsWriter: ~Copyable {
    let hasPositions: Bool
    private let postings: SectionStream
    private var positionBytes = GrowableBuffer<UInt8>(capacity: 1 << 12)
    private var blocks = GrowableBuffer<UInt8>(capacity: 1 << 12)
    private var skipDocuments = GrowableBuffer<UInt32>(capacity: 64)
    private var skipOffsets = GrowableBuffer<UInt32>(capacity: 64)
    private var skipPositions = GrowableBuffer<UInt32>(capacity: 64)
    private var gaps = GrowableBuffer<UInt32>(capacity: PostingsFormat.blockSize)
    private var frequencies = GrowableBuffer<UInt32>(capacity: PostingsFormat.blockSize)
    private var positions = GrowableBuffer<UInt32>(capacity: 1 << 10)
    private var lastDocument: Int64 = -1
    private var documentFrequency = 0
    private var totalFrequency = 0
    private var positionsStart = 0

    init(_ postings: SectionStream, hasPositions: Bool) {
        self.postings = postings
        self.hasPositions = hasPositions
    }

    /// Begins a list.
    mutating func begin() {
        blocks.removeAll()
        skipDocuments.removeAll()
        skipOffsets.removeAll()
        skipPositions.removeAll()
        lastDocument = -1
        documentFrequency = 0
        totalFrequency = 0
        positionsStart = positionBytes.count
    }

    /// Appends the next document of the list; its positions follow through `append(position:)`.
    @inline(__always)
    mutating func append(document: UInt32, frequency: UInt32) {
        if gaps.count == PostingsFormat.blockSize { endBlock() }
        gaps.append(UInt32(truncatingIfNeeded: Int64(document) &- lastDocument &- 1))
        frequencies.append(frequency &- 1)
        lastDocument = Int64(document)
        documentFrequency &+= 1
        totalFrequency &+= Int(frequency)
    }

    /// Appends the difference of a position to the one before it in the same document (the first counts from zero).
    @inline(__always)
    mutating func append(positionGap: UInt32) {
        positions.append(positionGap)
    }

    /// Ends the list and answers where it is.
    mutating func end() throws(IndexError) -> TermInfo {
        let start = postings.length
        var info = TermInfo(
            documentFrequency: documentFrequency, totalFrequency: totalFrequency, postingsOffset: start,
            positionsOffset: positionsStart, singleDocument: 0, singlePosition: 0)
        if documentFrequency == 1 {
            info.singleDocument = UInt32(lastDocument)
            if hasPositions, totalFrequency == 1 {
                info.singlePosition = positions[0]
            } else {
                endPositions()
            }
            gaps.removeAll()
            frequencies.removeAll()
            positions.removeAll()
            return info
        }
        endBlock()
        if skipDocuments.count > 1 {
            try postings.append(UnsafeRawBufferPointer(skipDocuments.elements))
            try postings.append(UnsafeRawBufferPointer(skipOffsets.elements))
            if hasPositions { try postings.append(UnsafeRawBufferPointer(skipPositions.elements)) }
        }
        try postings.append(UnsafeRawBufferPointer(blocks.elements))
        return info
    }

    private mutating func endBlock() {
        let count = gaps.count
        skipDocuments.append(UInt32(lastDocument))
        skipOffsets.append(UInt32(blocks.count))
        skipPositions.append(UInt32(positionBytes.count - positionsStart))
        let gapWidth = Self.width(gaps)
        let frequencyWidth = Self.width(frequencies)
        blocks.append(UInt8(gapWidth))
        if hasPositions { blocks.append(UInt8(frequencyWidth)) }
        Self.pack(gaps, width: gapWidth, to: &blocks)
        if hasPositions { Self.pack(frequencies, width: frequencyWidth, to: &blocks) }
        endPositions()
        assert(count <= PostingsFormat.blockSize)
        gaps.removeAll()
        frequencies.removeAll()
    }

    private mutating func endPositions() {
        guard hasPositions else { return }
        let width = Self.width(positions)
        positionBytes.append(UInt8(width))
        Self.pack(positions, width: width, to: &positionBytes)
        positions.removeAll()
    }

    private static func width(_ values: borrowing GrowableBuffer<UInt32>) -> Int {
        var all: UInt32 = 0
        for i in 0..<values.count { all |= values.base[i] }
        return bitWidth(of: UInt64(all))
    }

    private static func pack(
        _ values: borrowing GrowableBuffer<UInt32>, width: Int, to out: inout GrowableBuffer<UInt8>
    ) {
        out.reserve(packedByteCount(values.count, width: width) + 8)
        out.count += pack32(values.base, count: values.count, width: width, to: out.base + out.count)
    }

    /// Writes the positions section.
    consuming func finish(_ segment: SegmentWriter, field: Int) throws(IndexError) {
        guard hasPositions else { return }
        try segment.section(.positions, field: field, positionBytes)
    }
}
