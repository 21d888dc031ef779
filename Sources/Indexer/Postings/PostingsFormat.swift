import Kernels

/// Numbers of the postings format that writer and reader share; see `SegmentFormat.md`.
enum PostingsFormat {
    /// Documents of a full block: one `LaneBlock`.
    static let blockSize = LaneBlock.count
    /// In the head of a block's documents: they are a bit set.
    static let bitSet: UInt8 = 33
    /// In the head of a block's documents: a run of frequencies follows; without it all are one.
    static let frequencyFlag: UInt8 = 0x80
    /// Bytes a block may be larger as a bit set than packed. A bit set is united with a window by words, 256 documents
    /// in about the time that ten take one by one.
    static let bitSetWorth = 64
    /// Bytes that exceptions must save in a full block of documents: they cost a second pass when it is decoded.
    static let exceptionWorth = 32

    /// No block of documents and frequencies takes more bytes, nor do the first positions of one: two runs of 256
    /// values of 32 bits with as many exceptions as there may be.
    static let mostBlockBytes = 2 * (2 + 2 * 255 + 1024)

    /// Bytes of a list's skip table.
    static func skipBytes(blocks: Int, hasPositions: Bool) -> Int {
        blocks > 1 ? blocks * (hasPositions ? 12 + Impacts.byteCount : 8) : 0
    }
}
