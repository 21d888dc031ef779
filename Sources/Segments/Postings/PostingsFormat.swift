import Kernels

/// The constants of the postings format that the writer and the readers share; see `SegmentFormat.md`.
package enum PostingsFormat {
    /// The number of documents of a full block, which is one `LaneBlock`.
    package static let blockSize = LaneBlock.count
    /// The value of a block's head, without its flags, if its documents are a bit set.
    static let bitSet: UInt8 = 33
    /// The bit of a block's head that is set if a run of frequencies follows; without it, all are one.
    static let frequencyFlag: UInt8 = 0x80
    /// The number of bytes by which a bit set may exceed the packed form of its block. A bit set is united with a
    /// window word by word: 256 documents in about the time that ten take one by one.
    static let bitSetWorth = 64
    /// The number of bytes that exceptions must save in a full block of documents, because they cost a second pass when
    /// it is decoded.
    static let exceptionWorth = 32

    /// The maximum size in bytes of a block of documents and frequencies, and of a block's first positions: two runs of
    /// 256 values of 32 bits with as many exceptions as a run can have.
    static let maxBlockBytes = 2 * (2 + 2 * 255 + 1024)

    /// Returns the size in bytes of the skip table of a postings list; 0 for a list of one block, which has none.
    static func skipBytes(blocks: Int, hasPositions: Bool) -> Int {
        blocks > 1 ? blocks * (hasPositions ? 12 + Impacts.byteCount : 8) : 0
    }
}
