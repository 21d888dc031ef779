package import Analyzer
import Kernels

/// The suggestions of a field in a segment, read from mapped bytes: keys by their kinds and in the order of their
/// texts, over them a tree of maximum scores; see `SegmentFormat.md`.
///
/// Typed text narrows the range of keys that begin with it; the best of a range are found through the maxima, without
/// looking at all of it. Decoders are safe for any bytes: they return what is in the section, or less.
///
/// ```swift
/// let range = suggestions.narrowed(suggestions.keys(.beginning), depth: 0, by: Array("harr".utf8))
/// suggestions.forEachKey(in: range, above: { 0 }) { key, score in … }
/// ```
package struct SuggestionIndex {
    /// The number of children of a node of the tree of maxima.
    static let fanOut = 1 << fanOutBits
    private static let fanOutBits = 6

    /// The length beyond which a form is corrupt: pinyin is at most twice as long as its characters.
    private static let maxKeyLength = 1024

    /// The number of suggestions.
    package let count: Int
    /// The number of keys.
    package let keyCount: Int
    /// The ends of the keys of each kind.
    private let ends: [Int]
    private let entries: UnsafeRawPointer
    private let offsets: UnsafeRawPointer
    /// The scores of the keys, and the levels of maxima above them, each of a `fanOut`th of the size.
    private let levels: [(base: UnsafeRawPointer, count: Int)]
    private let forms: UnsafeRawBufferPointer
    private let documentBytes: UnsafeRawBufferPointer

    /// Creates a reader over its section; nil if the sizes do not fit together. The bytes are not copied.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return nil }
        var reader = ByteReader(base, count: bytes.count)
        let sizes = (0..<3 + SuggestionForms.Start.allCases.count).map { _ in reader.integer(UInt64.self) }
        guard !reader.failed, sizes.allSatisfy({ $0 <= UInt64(bytes.count) }) else { return nil }
        count = Int(sizes[0])
        ends = sizes[3...].reduce(into: []) { $0.append(Int($1) + ($0.last ?? 0)) }
        keyCount = ends[ends.count - 1]
        entries = base + reader.offset
        _ = reader.bytes(count * 8)
        offsets = base + reader.offset
        _ = reader.bytes(keyCount * 4)
        var levels: [(base: UnsafeRawPointer, count: Int)] = []
        var size = keyCount
        while true {
            levels.append((base + reader.offset, size))
            _ = reader.bytes(size * 2)
            if size <= 1 { break }
            size = (size + Self.fanOut - 1) / Self.fanOut
        }
        self.levels = levels
        forms = reader.bytes(Int(sizes[1]))
        documentBytes = reader.bytes(Int(sizes[2]))
        if reader.failed || !reader.isAtEnd { return nil }
    }

    /// Returns the keys of a kind.
    package func keys(_ start: SuggestionForms.Start) -> Range<Int> {
        (start.rawValue == 0 ? 0 : ends[Int(start.rawValue) - 1])..<ends[Int(start.rawValue)]
    }

    /// Returns the offset of a key's text in the forms.
    @inline(__always)
    private func offset(_ key: Int) -> Int {
        Int(offsets.loadUnaligned(fromByteOffset: key &* 4, as: UInt32.self).littleEndian)
    }

    /// Returns the byte of a key's text at a depth; 0 at its end and after it.
    @inline(__always)
    package func byte(_ key: Int, at depth: Int) -> UInt8 {
        let offset = offset(key) &+ depth
        return offset < forms.count ? forms[offset] : 0
    }

    /// Returns the text that begins at a key, up to the end of its form; cut at `maxKeyLength`, which no form reaches.
    package func text(ofKey key: Int) -> UnsafeBufferPointer<UInt8> {
        let start = min(offset(key), forms.count)
        let last = min(start + Self.maxKeyLength, forms.count)
        var end = start
        while end < last, forms[end] != 0 { end += 1 }
        return UnsafeRawBufferPointer(rebasing: forms[start..<end]).bindMemory(to: UInt8.self)
    }

    /// Returns the keys of a range whose texts continue with some bytes after the first `depth`, which they all share.
    ///
    /// Complexity: O(log keys) comparisons.
    package func narrowed(_ range: Range<Int>, depth: Int, by bytes: some Collection<UInt8>) -> Range<Int> {
        var narrowed = range
        var depth = depth
        for byte in bytes {
            if narrowed.isEmpty { break }
            narrowed = self.narrowed(narrowed, depth: depth, by: byte)
            depth += 1
        }
        return narrowed
    }

    /// Returns the keys of a range whose texts continue with a byte after the first `depth`, which they all share.
    package func narrowed(_ range: Range<Int>, depth: Int, by byte: UInt8) -> Range<Int> {
        // Most ranges of longer texts have few keys, all of which continue alike.
        if range.isEmpty { return range }
        let first = self.byte(range.lowerBound, at: depth)
        let last = self.byte(range.upperBound - 1, at: depth)
        if first == byte, last == byte { return range }
        if byte < first || byte > last { return range.lowerBound..<range.lowerBound }
        let start = lowerBound(range, depth, byte)
        return start..<lowerBound(start..<range.upperBound, depth, byte &+ 1)
    }

    /// Returns the first key of a range whose byte at a depth is at least `byte`; the end of the range if there is
    /// none.
    private func lowerBound(_ range: Range<Int>, _ depth: Int, _ byte: UInt8) -> Int {
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high {
            let middle = (low &+ high) &>> 1
            if self.byte(middle, at: depth) < byte { low = middle &+ 1 } else { high = middle }
        }
        return low
    }

    /// Calls `body` with the ASCII letters and digits with which texts of a range continue after the first `depth`
    /// bytes, and the keys that do.
    package func forEachLetter(in range: Range<Int>, depth: Int, _ body: (UInt8, Range<Int>) -> Void) {
        var start = range.lowerBound
        while start < range.upperBound {
            let byte = byte(start, at: depth)
            if byte >= 0x80 { return }
            let end = lowerBound(start..<range.upperBound, depth, byte + 1)
            if byte &- 0x61 < 26 || byte &- 0x30 < 10 { body(byte, start..<end) }
            // Corrupt keys may be out of order.
            start = max(end, start + 1)
        }
    }

    /// Calls `body` with the keys of a range whose scores are above `threshold`, which may rise meanwhile: best first,
    /// of equal scores the first key first. With corrupt maxima it leaves keys out, or takes them in another order.
    ///
    /// Complexity: O((1 + calls of `body`) · (fan-out + log keys)) for each level; a byte for eight keys at most.
    package func forEachKey(
        in range: Range<Int>, above threshold: () -> Int, _ body: (_ key: Int, _ score: Int) -> Void
    ) {
        if range.isEmpty { return }
        var queue = SuggestionQueue()
        add(levels.count - 1, 0..<levels[levels.count - 1].count, range, threshold(), &queue)
        while let best = queue.next() {
            if best.score <= threshold() { return }
            if best.level == 0 {
                body(best.firstKey, best.score)
                addKey(ofGroup: best.firstKey >> Self.fanOutBits, range, after: best, threshold(), &queue)
            } else if best.level == 1 {
                addKey(ofGroup: best.firstKey >> Self.fanOutBits, range, after: nil, threshold(), &queue)
            } else {
                let node = best.firstKey >> (best.level * Self.fanOutBits)
                let children = node * Self.fanOut..<min((node + 1) * Self.fanOut, levels[best.level - 1].count)
                add(best.level - 1, children, range, threshold(), &queue)
            }
        }
    }

    /// Adds the nodes of a level that cover keys of a range, and whose maxima are above a threshold.
    private func add(
        _ level: Int, _ nodes: Range<Int>, _ range: Range<Int>, _ threshold: Int, _ queue: inout SuggestionQueue
    ) {
        let shift = level * Self.fanOutBits
        var node = max(nodes.lowerBound, range.lowerBound >> shift)
        let end = min(nodes.upperBound, (range.upperBound + (1 << shift) - 1) >> shift)
        while node < end {
            let score = score(level, node)
            if score > threshold { queue.add(.init(score: score, firstKey: node << shift, level: level)) }
            node += 1
        }
    }

    /// Adds the best key of a group of `fanOut` keys that is in a range and above a threshold; of those after `last`.
    private func addKey(
        ofGroup group: Int, _ range: Range<Int>, after last: SuggestionQueue.Item?, _ threshold: Int,
        _ queue: inout SuggestionQueue
    ) {
        let (lastScore, lastKey) = last.map { ($0.score, $0.firstKey) } ?? (.max, 0)
        var best = (score: threshold, key: -1)
        var key = max(group * Self.fanOut, range.lowerBound)
        let end = min((group + 1) * Self.fanOut, range.upperBound)
        while key < end {
            let score = score(0, key)
            if score > best.score, score < lastScore || score == lastScore && key > lastKey { best = (score, key) }
            key += 1
        }
        if best.key >= 0 { queue.add(.init(score: best.score, firstKey: best.key, level: 0)) }
    }

    /// A description of what is wrong with the keys or their maxima; nil if nothing is. Complexity: O(bytes).
    package var problem: String? {
        for key in 0..<keyCount {
            guard place(of: key) != nil, offset(key) < forms.count else { return "a key is beyond the forms" }
            if key > 0, !ends.contains(key), !isOrdered(key - 1, key) { return "the keys are out of order" }
        }
        for level in 1..<max(levels.count, 1) {
            for node in 0..<levels[level].count {
                let children = node * Self.fanOut..<min((node + 1) * Self.fanOut, levels[level - 1].count)
                if children.lazy.map({ score(level - 1, $0) }).max() != score(level, node) {
                    return "a maximum is not that of its keys"
                }
            }
        }
        return nil
    }

    /// Returns true if the text of a key is not after that of another one.
    private func isOrdered(_ a: Int, _ b: Int) -> Bool {
        var depth = 0
        while byte(a, at: depth) == byte(b, at: depth) {
            if byte(a, at: depth) == 0 { return true }
            depth += 1
        }
        return byte(a, at: depth) < byte(b, at: depth)
    }

    /// Returns the score of a key, at level 0, or the maximum of a node.
    @inline(__always)
    private func score(_ level: Int, _ node: Int) -> Int {
        Int(levels[level].base.loadUnaligned(fromByteOffset: node &* 2, as: UInt16.self).littleEndian)
    }

    /// A key's suggestion, and where in its forms the key begins.
    package struct Place: Equatable {
        /// The number of the suggestion.
        package let entry: Int
        /// The offset of the key in the suggestion's forms.
        package let offset: Int
    }

    /// Returns the suggestion of a key; nil for corrupt bytes. Complexity: O(log suggestions).
    package func place(of key: Int) -> Place? {
        let target = offset(key)
        var (low, high) = (0, count)
        while low < high {
            let middle = (low &+ high) &>> 1
            if formsEnd(middle) <= target { low = middle &+ 1 } else { high = middle }
        }
        guard low < count else { return nil }
        let start = low == 0 ? 0 : formsEnd(low - 1)
        return start <= target ? Place(entry: low, offset: target - start) : nil
    }

    /// Returns the number of the suggestion with a text; nil if there is none. Complexity: O(log keys).
    package func entry(of text: [UInt8]) -> Int? {
        let range = narrowed(narrowed(keys(.beginning), depth: 0, by: text), depth: text.count, by: 0)
        return range.isEmpty ? nil : place(of: range.lowerBound)?.entry
    }

    private func formsEnd(_ entry: Int) -> Int {
        Int(entries.loadUnaligned(fromByteOffset: entry &* 8, as: UInt32.self).littleEndian)
    }

    private func documentsEnd(_ entry: Int) -> Int {
        Int(entries.loadUnaligned(fromByteOffset: entry &* 8 &+ 4, as: UInt32.self).littleEndian)
    }

    /// Returns the forms of a suggestion, each followed by a zero; empty for corrupt bytes.
    package func forms(of entry: Int) -> UnsafeRawBufferPointer {
        part(forms, entry == 0 ? 0 : formsEnd(entry - 1), formsEnd(entry))
    }

    /// Returns the first form of a suggestion, which identifies it.
    package func text(of entry: Int) -> UnsafeRawBufferPointer {
        let forms = forms(of: entry)
        return UnsafeRawBufferPointer(rebasing: forms.prefix { $0 != 0 })
    }

    private func part(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> UnsafeRawBufferPointer {
        guard start <= end, end <= bytes.count else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    /// Calls `body` with the documents that have a suggestion's text, ascending, until it returns false; with none of
    /// `documents` or more. Returns false for corrupt bytes.
    @discardableResult
    package func forEachDocument(of entry: Int, below documents: Int, _ body: (Int) -> Bool) -> Bool {
        let bytes = part(documentBytes, entry == 0 ? 0 : documentsEnd(entry - 1), documentsEnd(entry))
        guard let base = bytes.baseAddress else { return bytes.isEmpty }
        var reader = ByteReader(base, count: bytes.count)
        var next = 0
        while !reader.isAtEnd {
            let gap = reader.length()
            guard !reader.failed, gap < documents - next else { return false }
            let document = next + gap
            if !body(document) { return true }
            next = document + 1
        }
        return true
    }
}
