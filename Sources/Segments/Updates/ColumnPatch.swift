/// The values of a number column that were patched after its segment was written, by document.
///
/// Documents are in chunks. Copies share them, and setting a value in a copy copies the chunk of its document only, so
/// that a view costs what changed since the last one and not what was ever patched. Memory: 8 bytes a value, up to
/// twice that with room to grow, and about 320 bytes for a chunk of `chunkSize` documents with any.
/// ```swift
/// var patch = ColumnPatch()
/// patch.set(7, to: SortKey.of(5))
/// let view = patch       // shares all chunks
/// patch.set(7, to: nil)  // copies one; `view` keeps its value
/// ```
package struct ColumnPatch: Sendable, Equatable {
    /// The number of documents of a chunk.
    package static let chunkSize = 1024

    /// The chunks up to the last one with a patched value.
    private var chunks: [PatchChunk] = []
    /// The number of patched values.
    package private(set) var count = 0

    /// Creates a patch without values.
    package init() {}

    /// Returns the patched value of a document: nil when it was not patched, `.some(nil)` when the value was removed.
    ///
    /// Complexity: O(1).
    @inline(__always)
    package func value(_ document: Int) -> UInt64?? {
        let index = document / Self.chunkSize
        return index < chunks.count ? chunks[index].value(document % Self.chunkSize) : nil
    }

    /// Sets the sort key of a document; nil removes its value.
    ///
    /// Complexity: O(`chunkSize`), and O(chunks) for the first value after the patch was copied.
    package mutating func set(_ document: Int, to key: UInt64?) {
        let index = document / Self.chunkSize
        while chunks.count <= index { chunks.append(PatchChunk()) }
        if chunks[index].set(document % Self.chunkSize, to: key) { count += 1 }
    }

    /// Calls `body` with each patched document, ascending, and its sort key; nil for a value that was removed.
    package func forEach(_ body: (_ document: Int, _ key: UInt64?) -> Void) {
        for (index, chunk) in chunks.enumerated() {
            chunk.forEach { slot, key in body(index * Self.chunkSize + slot, key) }
        }
    }

    /// Calls `body` with each document whose value differs from that in an earlier state of the patch.
    ///
    /// Complexity: O(chunks + patched values of the chunks that differ).
    func forEachChange(since old: ColumnPatch, _ body: (_ document: Int, _ key: UInt64?) -> Void) {
        for (index, chunk) in chunks.enumerated() {
            let oldChunk = index < old.chunks.count ? old.chunks[index] : PatchChunk()
            if chunk == oldChunk { continue }
            chunk.forEach { slot, key in
                if oldChunk.value(slot) != .some(key) { body(index * Self.chunkSize + slot, key) }
            }
        }
    }

    /// Returns true if a document of a range may be patched: one of the chunks that it overlaps has patched values.
    package func mayContain(_ documents: Range<Int>) -> Bool {
        var index = documents.lowerBound / Self.chunkSize
        let end = min((documents.upperBound + Self.chunkSize - 1) / Self.chunkSize, chunks.count)
        while index < end {
            if !chunks[index].isEmpty { return true }
            index += 1
        }
        return false
    }

    /// Returns bounds of the sort keys that documents of a range were patched to; nil if there are none. Values that
    /// were patched again, and those of the range's neighbors in their chunks, may widen the bounds.
    ///
    /// Complexity: O(chunks that the range overlaps).
    package func keys(of documents: Range<Int>) -> ClosedRange<UInt64>? {
        var (least, greatest) = (UInt64.max, UInt64.min)
        var index = documents.lowerBound / Self.chunkSize
        let end = min((documents.upperBound + Self.chunkSize - 1) / Self.chunkSize, chunks.count)
        while index < end {
            let bounds = chunks[index].bounds
            least = min(least, bounds.least)
            greatest = max(greatest, bounds.greatest)
            index += 1
        }
        return least <= greatest ? least...greatest : nil
    }

    /// Returns the bits of the patched documents among the 64 from `document`, a multiple of 64, on.
    package func bits(from document: Int) -> UInt64 {
        let index = document / Self.chunkSize
        return index < chunks.count ? chunks[index].bits(document % Self.chunkSize / 64) : 0
    }

    /// Returns the bits of the matches among the 64 documents from `document`, a multiple of 64, on: those of `matches`
    /// for documents that are not patched, and for the others whether their sort key is one of `keys`.
    package func corrected(_ matches: UInt64, from document: Int, _ keys: ClosedRange<UInt64>) -> UInt64 {
        let index = document / Self.chunkSize
        guard index < chunks.count else { return matches }
        return chunks[index].corrected(matches, word: document % Self.chunkSize / 64, keys)
    }

    /// Returns the indices of the chunks that do not share their memory with those of another patch.
    func unsharedChunks(with other: ColumnPatch) -> [Int] {
        chunks.indices.filter { $0 >= other.chunks.count || !chunks[$0].isShared(with: other.chunks[$0]) }
    }
}

/// The patched values of `ColumnPatch.chunkSize` documents.
private struct PatchChunk: Sendable, Equatable {
    /// A bit for each document that is patched, a bit for each of them that has a value, the minimum and the maximum of
    /// all keys that were ever set, and the sort keys of the patched documents, 0 for a value that was removed. Empty
    /// if no document is patched.
    private var words: [UInt64] = []

    /// The number of words of one of the two bitmaps.
    private static let bitWords = ColumnPatch.chunkSize / 64
    /// The index of the minimum, which the maximum follows.
    private static let boundsIndex = 2 * bitWords
    /// The index of the first key.
    private static let firstKey = boundsIndex + 2

    /// True if no document is patched.
    @inline(__always)
    var isEmpty: Bool { words.isEmpty }

    /// Bounds of the keys, the minimum above the maximum if there are none.
    @inline(__always)
    var bounds: (least: UInt64, greatest: UInt64) {
        words.isEmpty ? (.max, .min) : (words[Self.boundsIndex], words[Self.boundsIndex + 1])
    }

    /// Returns the bits of the patched documents among the 64 of a word.
    @inline(__always)
    func bits(_ word: Int) -> UInt64 { words.isEmpty ? 0 : words[word] }

    /// Returns the patched value of a document of the chunk; nil when it was not patched.
    @inline(__always)
    func value(_ slot: Int) -> UInt64?? {
        if words.isEmpty || !hasBit(slot) { return nil }
        return .some(hasBit(slot + ColumnPatch.chunkSize) ? words[place(of: slot)] : nil)
    }

    /// Sets the sort key of a document; returns true if it was not patched before.
    mutating func set(_ slot: Int, to key: UInt64?) -> Bool {
        if words.isEmpty {
            words = [UInt64](repeating: 0, count: Self.firstKey)
            words[Self.boundsIndex] = .max
        }
        if let key {
            words[Self.boundsIndex] = min(words[Self.boundsIndex], key)
            words[Self.boundsIndex + 1] = max(words[Self.boundsIndex + 1], key)
        }
        let isNew = !hasBit(slot)
        let place = place(of: slot)
        if isNew { words.insert(key ?? 0, at: place) } else { words[place] = key ?? 0 }
        let bit: UInt64 = 1 << UInt64(slot & 63)
        words[slot >> 6] |= bit
        if key == nil { words[Self.bitWords + slot >> 6] &= ~bit } else { words[Self.bitWords + slot >> 6] |= bit }
        return isNew
    }

    /// Calls `body` with each patched document, ascending, and its sort key.
    func forEach(_ body: (_ slot: Int, _ key: UInt64?) -> Void) {
        if words.isEmpty { return }
        var place = Self.firstKey
        for word in 0..<Self.bitWords {
            var patched = words[word]
            while patched != 0 {
                let bit = patched & ~(patched - 1)
                body(word << 6 + bit.trailingZeroBitCount, words[Self.bitWords + word] & bit != 0 ? words[place] : nil)
                place += 1
                patched ^= bit
            }
        }
    }

    /// Returns the bits of the matches among the 64 documents of a word (see `ColumnPatch.corrected`).
    func corrected(_ matches: UInt64, word: Int, _ keys: ClosedRange<UInt64>) -> UInt64 {
        if words.isEmpty { return matches }
        return words.withUnsafeBufferPointer { words in
            var patched = words[word]
            if patched == 0 { return matches }
            let present = words[Self.bitWords &+ word]
            var place = Self.firstKey
            for before in 0..<word { place &+= words[before].nonzeroBitCount }
            var corrected = matches & ~patched
            while patched != 0 {
                let bit = patched & ~(patched &- 1)
                if present & bit != 0, keys.contains(words[place]) { corrected |= bit }
                place &+= 1
                patched ^= bit
            }
            return corrected
        }
    }

    /// True if both patch the same documents to the same values; the bounds may be wider in one of them.
    static func == (a: PatchChunk, b: PatchChunk) -> Bool {
        if a.isShared(with: b) { return true }
        guard a.words.count == b.words.count, !a.words.isEmpty else { return a.words.isEmpty && b.words.isEmpty }
        return a.words[..<boundsIndex] == b.words[..<boundsIndex] && a.words[firstKey...] == b.words[firstKey...]
    }

    /// Returns true if this chunk and another one have the same memory, or none.
    func isShared(with other: PatchChunk) -> Bool {
        words.withUnsafeBufferPointer { own in
            other.words.withUnsafeBufferPointer { own.isEmpty && $0.isEmpty || own.baseAddress == $0.baseAddress }
        }
    }

    /// Returns a bit of the two bitmaps.
    @inline(__always)
    private func hasBit(_ index: Int) -> Bool { words[index >> 6] >> UInt64(index & 63) & 1 != 0 }

    /// Returns the index in `words` of a document's key, or of the key before which it belongs.
    private func place(of slot: Int) -> Int {
        var place = Self.firstKey + (words[slot >> 6] & (1 << UInt64(slot & 63) - 1)).nonzeroBitCount
        for before in 0..<(slot >> 6) { place += words[before].nonzeroBitCount }
        return place
    }
}
