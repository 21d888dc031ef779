import Kernels

/// Reads the texts of terms by their ranks. Ranks that ascend within a block cost one pass over it.
struct TermTexts: ~Copyable {
    private let dictionary: TermDictionary
    private var block: TermBlock
    private var number = 0
    private var bytes = GrowableBuffer<UInt8>(capacity: 256)

    init(_ dictionary: TermDictionary) {
        self.dictionary = dictionary
        block = TermBlock(dictionary, 0)
    }

    /// The bytes of the term with a rank, valid until the next call; nil when they are damaged, and for a rank that no
    /// term has. Complexity: O(texts of a block).
    mutating func text(_ ordinal: Int) -> UnsafeBufferPointer<UInt8>? {
        guard ordinal < dictionary.count else { return nil }
        let wanted = ordinal / TermDictionaryWriter.blockSize
        let place = ordinal % TermDictionaryWriter.blockSize
        if wanted != number || place &+ 1 < block.place {
            block = TermBlock(dictionary, wanted)
            number = wanted
            bytes.removeAll()
        }
        while block.place <= place {
            guard let (shared, rest) = block.nextText(), shared <= bytes.count else { return nil }
            bytes.count = shared
            bytes.append(contentsOf: rest)
        }
        return bytes.elements
    }
}
