/// A set of documents of a segment, one bit each; its memory grows with the largest document number.
package struct DocumentSet: Sendable, Equatable {
    /// The bits, 64 documents per word; words after the last document are absent.
    private(set) var words: [UInt64] = []
    /// The number of documents in the set.
    package private(set) var count = 0

    /// Creates an empty set.
    package init() {}

    /// Creates a set of documents.
    package init(_ documents: some Sequence<Int>) {
        for document in documents { insert(document) }
    }

    /// Creates the set with the bits of `words`.
    package init(words: [UInt64]) {
        self.words = words
        count = words.reduce(0) { $0 + $1.nonzeroBitCount }
    }

    /// Returns true if the set contains a document.
    package func contains(_ document: Int) -> Bool {
        document >> 6 < words.count && words[document >> 6] >> UInt64(document & 63) & 1 == 1
    }

    /// Inserts a document; returns false when it is in the set already.
    @discardableResult
    mutating func insert(_ document: Int) -> Bool {
        let word = document >> 6
        if word >= words.count { words += [UInt64](repeating: 0, count: word + 1 - words.count) }
        let bit: UInt64 = 1 << UInt64(document & 63)
        if words[word] & bit != 0 { return false }
        words[word] |= bit
        count += 1
        return true
    }

    /// Returns the documents that are in this set and not in an earlier state of it, ascending. Complexity: O(words).
    func added(since old: DocumentSet) -> [Int] {
        var documents: [Int] = []
        for (wordIndex, word) in words.enumerated() {
            var added = word & ~(wordIndex < old.words.count ? old.words[wordIndex] : 0)
            while added != 0 {
                documents.append(wordIndex << 6 + added.trailingZeroBitCount)
                added &= added - 1
            }
        }
        return documents
    }
}
