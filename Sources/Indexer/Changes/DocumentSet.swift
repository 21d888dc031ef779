/// A set of documents, a bit each: grows with the greatest.
struct DocumentSet: Sendable, Equatable {
    private(set) var words: [UInt64] = []
    private(set) var count = 0

    init() {}

    /// The set of some documents.
    init(_ documents: some Sequence<Int>) {
        for document in documents { insert(document) }
    }

    /// The set with the bits of `words`.
    init(words: [UInt64]) {
        self.words = words
        count = words.reduce(0) { $0 + $1.nonzeroBitCount }
    }

    func contains(_ document: Int) -> Bool {
        document >> 6 < words.count && words[document >> 6] >> UInt64(document & 63) & 1 == 1
    }

    /// Inserts a document; false when it is there already.
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

    /// The documents that are in this set and not in an earlier state of it, ascending.
    func added(since old: DocumentSet) -> [Int] {
        var all: [Int] = []
        for (number, word) in words.enumerated() {
            var new = word & ~(number < old.words.count ? old.words[number] : 0)
            while new != 0 {
                all.append(number << 6 + new.trailingZeroBitCount)
                new &= new - 1
            }
        }
        return all
    }
}
