import Kernels

/// Stems that were asked for lately: most words of a text are frequent ones, and a stemmer takes ten times as long as
/// a look-up.
///
/// Shape: a table in which each word has two places, by its hash: a newer word takes the second, and changes over to
/// the first when it comes again, so that rare words never drive out frequent ones. Complexity: O(bytes of the word).
struct StemMemory: ~Copyable {
    private struct Entry {
        var hash: UInt64 = 0
        var stemHash: UInt64 = 0
        var wordLength: UInt8 = 0
        var stemLength: UInt8 = 0
    }

    /// Places; a power of two.
    private static let places = 16384
    /// Longer words are not kept.
    static let longestWord = 24
    /// Bytes of a word and its stem.
    private static let letters = 2 * longestWord

    private let entries: UnsafeMutablePointer<Entry>
    /// For each place the word, then its stem.
    private let letters: UnsafeMutablePointer<UInt8>

    init() {
        entries = .allocate(capacity: Self.places)
        entries.initialize(repeating: Entry(), count: Self.places)
        letters = .allocate(capacity: Self.places * Self.letters)
        letters.initialize(repeating: 0, count: Self.places * Self.letters)
    }

    deinit {
        entries.deallocate()
        letters.deallocate()
    }

    /// The stem of a word and its hash, if they are kept; valid until the next `keep`.
    func stem(
        of word: UnsafeBufferPointer<UInt8>, _ hash: UInt64
    ) -> (stem: UnsafeBufferPointer<UInt8>, hash: UInt64)? {
        guard let start = word.baseAddress else { return nil }
        var place = Self.place(hash)
        if entries[place].hash != hash {
            guard entries[place ^ 1].hash == hash else { return nil }
            exchange(place)
        }
        let entry = entries[place]
        place &*= Self.letters
        guard Int(entry.wordLength) == word.count else { return nil }
        for i in 0..<word.count where letters[place + i] != start[i] { return nil }
        return (
            UnsafeBufferPointer(start: letters + place + Self.longestWord, count: Int(entry.stemLength)), entry.stemHash
        )
    }

    private func exchange(_ place: Int) {
        swap(&entries[place], &entries[place ^ 1])
        for i in 0..<Self.letters {
            swap(&letters[place &* Self.letters + i], &letters[(place ^ 1) &* Self.letters + i])
        }
    }

    /// Keeps a word's stem, if both are short enough.
    func keep(
        _ word: UnsafeBufferPointer<UInt8>, _ hash: UInt64, _ stem: UnsafeBufferPointer<UInt8>, _ stemHash: UInt64
    ) {
        guard word.count > 0, word.count <= Self.longestWord, stem.count > 0, stem.count <= Self.longestWord,
            let from = word.baseAddress, let to = stem.baseAddress
        else { return }
        let place = Self.place(hash) ^ 1
        entries[place] = Entry(
            hash: hash, stemHash: stemHash, wordLength: UInt8(word.count), stemLength: UInt8(stem.count))
        let known = letters + place &* Self.letters
        known.update(from: from, count: word.count)
        (known + Self.longestWord).update(from: to, count: stem.count)
    }

    private static func place(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (places &- 1) }
}
