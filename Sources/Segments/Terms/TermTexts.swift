import Kernels

/// Random access to the texts of a dictionary by ordinal. Ordinals that ascend within a block cost one pass over it.
package struct TermTexts: ~Copyable {
    private let dictionary: TermDictionary
    private var block: TermBlock
    private var blockIndex = 0
    /// The text that was read last.
    private var bytes = GrowableBuffer<UInt8>(capacity: 256)

    package init(_ dictionary: TermDictionary) {
        self.dictionary = dictionary
        block = TermBlock(dictionary, 0)
    }

    /// Returns the bytes of the term with an ordinal, valid until the next call; nil if they are corrupt, or if no term
    /// has the ordinal. Complexity: O(texts of a block).
    package mutating func text(_ ordinal: Int) -> UnsafeBufferPointer<UInt8>? {
        guard ordinal < dictionary.count else { return nil }
        let newBlock = ordinal / TermDictionaryWriter.blockSize
        let index = ordinal % TermDictionaryWriter.blockSize
        if newBlock != blockIndex || index &+ 1 < block.textsRead {
            block = TermBlock(dictionary, newBlock)
            blockIndex = newBlock
            bytes.removeAll()
        }
        while block.textsRead <= index {
            guard let (shared, suffix) = block.nextText(), shared <= bytes.count else { return nil }
            bytes.count = shared
            bytes.append(contentsOf: suffix)
        }
        return bytes.elements
    }
}
