/// A cache of the stems of recent words: most words of a text are frequent ones, and a stemmer takes ten times as long
/// as a look-up.
///
/// Shape: a hash table of fixed size (about 1.2 MB) in which each word may be in either of two slots. A new word
/// replaces that in its second slot and is promoted to the first when it is looked up, so that rare words never evict
/// frequent ones. Complexity: O(bytes of the word). Not thread-safe.
struct StemCache: ~Copyable {
    /// The hash and the lengths in bytes of the word and the stem in a slot; a length of 0 marks an empty slot.
    private struct Entry {
        var hash: UInt64 = 0
        var stemHash: UInt64 = 0
        var wordLength: UInt8 = 0
        var stemLength: UInt8 = 0
    }

    /// The number of slots, a power of two.
    private static let slotCount = 16384
    /// The maximum length in bytes of a word, and of a stem, that is cached.
    static let maxWordLength = 24
    /// The bytes of a slot: room for a word and its stem.
    private static let bytesPerSlot = 2 * maxWordLength

    private let entries: UnsafeMutablePointer<Entry>
    /// For each slot the word, then its stem.
    private let letters: UnsafeMutablePointer<UInt8>

    init() {
        entries = .allocate(capacity: Self.slotCount)
        entries.initialize(repeating: Entry(), count: Self.slotCount)
        letters = .allocate(capacity: Self.slotCount * Self.bytesPerSlot)
        letters.initialize(repeating: 0, count: Self.slotCount * Self.bytesPerSlot)
    }

    deinit {
        entries.deallocate()
        letters.deallocate()
    }

    /// Returns the stem of a word and the hash of the stem; nil when they are not cached. The bytes are valid until the
    /// next call. `hash` is the `hash64` of the word.
    func stem(
        of word: UnsafeBufferPointer<UInt8>, _ hash: UInt64
    ) -> (stem: UnsafeBufferPointer<UInt8>, hash: UInt64)? {
        guard let start = word.baseAddress else { return nil }
        let slot = Self.slot(of: hash)
        if entries[slot].hash != hash {
            guard entries[slot ^ 1].hash == hash else { return nil }
            promote(to: slot)
        }
        let entry = entries[slot]
        let offset = slot &* Self.bytesPerSlot
        guard Int(entry.wordLength) == word.count else { return nil }
        for i in 0..<word.count where letters[offset + i] != start[i] { return nil }
        return (
            UnsafeBufferPointer(start: letters + offset + Self.maxWordLength, count: Int(entry.stemLength)),
            entry.stemHash
        )
    }

    /// Exchanges the contents of a slot and of its neighbor.
    private func promote(to slot: Int) {
        swap(&entries[slot], &entries[slot ^ 1])
        for i in 0..<Self.bytesPerSlot {
            swap(&letters[slot &* Self.bytesPerSlot + i], &letters[(slot ^ 1) &* Self.bytesPerSlot + i])
        }
    }

    /// Stores the stem of a word in the word's second slot, if both are short enough. The hashes are their `hash64`.
    func insert(
        _ word: UnsafeBufferPointer<UInt8>, _ hash: UInt64, _ stem: UnsafeBufferPointer<UInt8>, _ stemHash: UInt64
    ) {
        guard word.count > 0, word.count <= Self.maxWordLength, stem.count > 0, stem.count <= Self.maxWordLength,
            let wordStart = word.baseAddress, let stemStart = stem.baseAddress
        else { return }
        let slot = Self.slot(of: hash) ^ 1
        entries[slot] = Entry(
            hash: hash, stemHash: stemHash, wordLength: UInt8(word.count), stemLength: UInt8(stem.count))
        let target = letters + slot &* Self.bytesPerSlot
        target.update(from: wordStart, count: word.count)
        (target + Self.maxWordLength).update(from: stemStart, count: stem.count)
    }

    /// The first slot of words with a hash; the second is its neighbor, `slot ^ 1`.
    private static func slot(of hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (slotCount &- 1) }
}
