/// Where a cursor puts what it decodes of a block, by slot. Searches lend it to one cursor after the other.
final class BlockMemory {
    let documents: UnsafeMutablePointer<UInt32> = .allocate(capacity: PostingsFormat.blockSize)
    let frequencies: UnsafeMutablePointer<UInt32> = .allocate(capacity: PostingsFormat.blockSize)
    /// First positions.
    let positions: UnsafeMutablePointer<UInt32> = .allocate(capacity: PostingsFormat.blockSize)
    /// Where the later positions of each eight slots begin.
    let laterStarts: UnsafeMutablePointer<UInt32> = .allocate(capacity: PostingsFormat.blockSize / 8)
    /// Bits before each word of a bit set, which has at most 255.
    let bitRanks: UnsafeMutablePointer<UInt16> = .allocate(capacity: 256)

    init() {
        // Rows of eight are read whole, however few documents a block has.
        frequencies.initialize(repeating: 0, count: PostingsFormat.blockSize)
    }

    deinit {
        documents.deallocate()
        frequencies.deallocate()
        positions.deallocate()
        laterStarts.deallocate()
        bitRanks.deallocate()
    }
}
