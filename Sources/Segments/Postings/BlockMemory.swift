/// The decoded values of a cursor's current block, by slot. A search lends one to its cursors in turn; two cursors must
/// not use one at the same time.
package final class BlockMemory {
    /// The documents, in the order of slots.
    let documents: UnsafeMutablePointer<UInt32> = .allocate(capacity: PostingsFormat.blockSize)
    /// The frequencies, in the order of slots; always initialized.
    let frequencies: UnsafeMutablePointer<UInt32> = .allocate(capacity: PostingsFormat.blockSize)
    /// The first position of each document, in the order of slots.
    let positions: UnsafeMutablePointer<UInt32> = .allocate(capacity: PostingsFormat.blockSize)
    /// By row of eight slots: the index of the first of their later positions.
    let laterStarts: UnsafeMutablePointer<UInt32> = .allocate(capacity: PostingsFormat.blockSize / 8)
    /// By word of a bit set, of which there are at most 255: the number of bits set before the word.
    let bitsBefore: UnsafeMutablePointer<UInt16> = .allocate(capacity: 256)

    /// Allocates memory for one block, 3.7 KB.
    package init() {
        // Rows of eight are always read as a whole, even if a block has fewer documents.
        frequencies.initialize(repeating: 0, count: PostingsFormat.blockSize)
    }

    deinit {
        documents.deallocate()
        frequencies.deallocate()
        positions.deallocate()
        laterStarts.deallocate()
        bitsBefore.deallocate()
    }
}
