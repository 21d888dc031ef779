import CICU
public import Kernels

/// What a token is made of.
public enum TokenKind: UInt8, Sendable {
    /// A run of letters, digits and marks.
    case word
    /// Two neighbouring characters of a CJK run (Han, kana) or of a Hangul run.
    case bigram
    /// A CJK or Hangul run of a single character.
    case unigram
}

/// The tokens of one text: a reusable batch that an analyzer fills and the indexer, the query parser and the
/// highlighter read.
///
/// Shape: a structure of arrays, `count` entries each. A token's term is the `length` bytes at `start` of `text`, the
/// folded text, so overlapping bigrams share their bytes and nothing is copied per token. `position` is the token's
/// place for phrases; it never decreases. Eight readable bytes follow `text`.
/// Units: bytes of folded text for `start` and `length`; `sourceRange` gives bytes of the original.
public struct TokenBuffer: ~Copyable {
    /// The folded text.
    public internal(set) var text = GrowableBuffer<UInt8>(capacity: 1024)
    /// Where each term begins in `text`.
    public internal(set) var start = GrowableBuffer<UInt32>(capacity: 64)
    /// Bytes of each term, at most `TextAnalyzer.longestTerm`.
    public internal(set) var length = GrowableBuffer<UInt32>(capacity: 64)
    /// `hash64` of each term.
    public internal(set) var hash = GrowableBuffer<UInt64>(capacity: 64)
    /// Place of each token in the text, counted as the analyzer's rules say.
    public internal(set) var position = GrowableBuffer<UInt32>(capacity: 64)
    /// A `TokenKind` each.
    public internal(set) var kind = GrowableBuffer<UInt8>(capacity: 64)
    /// One more than the last position the text takes up, so that a next value can follow it.
    public internal(set) var endPosition: UInt32 = 0
    /// What folding changed; empty when offsets are those of the original.
    var edits = GrowableBuffer<quire_edit>(capacity: 16)

    /// An empty batch.
    public init() {}

    /// Number of tokens.
    public var count: Int { start.count }

    /// The bytes of a token's term.
    public func term(_ token: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: text.base + Int(start[token]), count: Int(length[token]))
    }

    /// Where a token stands in the original text, in bytes.
    ///
    /// A token that begins or ends inside a stretch that folding replaced as a whole takes in all of that stretch.
    /// Complexity: O(log edits).
    public func sourceRange(of token: Int) -> Range<Int> {
        let from = Int(start[token])
        let to = from + Int(length[token])
        return sourceOffset(from, isEnd: false)..<sourceOffset(to, isEnd: true)
    }

    private func sourceOffset(_ offset: Int, isEnd: Bool) -> Int {
        var low = 0
        var high = edits.count
        while low < high {
            let middle = (low + high) / 2
            if Int(edits[middle].target) <= offset { low = middle + 1 } else { high = middle }
        }
        // An end that touches the beginning of an edit lies before it.
        while isEnd, low > 0, Int(edits[low - 1].target) == offset, edits[low - 1].target_length > 0 { low -= 1 }
        guard low > 0 else { return offset }
        let edit = edits[low - 1]
        let targetEnd = Int(edit.target + edit.target_length)
        let sourceEnd = Int(edit.source + edit.source_length)
        if offset >= targetEnd { return sourceEnd + offset - targetEnd }
        return isEnd ? (offset == Int(edit.target) ? Int(edit.source) : sourceEnd) : Int(edit.source)
    }

    mutating func reset() {
        text.removeAll()
        edits.removeAll()
        endPosition = 0
        start.removeAll()
        length.removeAll()
        hash.removeAll()
        position.removeAll()
        kind.removeAll()
    }

    @inline(__always)
    mutating func append(from begin: Int, to end: Int, position place: UInt32, kind what: TokenKind) {
        if start.count == start.capacity { growTokens() }
        let n = start.count
        start.base[n] = UInt32(truncatingIfNeeded: begin)
        length.base[n] = UInt32(truncatingIfNeeded: end &- begin)
        hash.base[n] = hash64(text.base + begin, end &- begin)
        position.base[n] = place
        kind.base[n] = what.rawValue
        let more = n &+ 1
        start.count = more
        length.count = more
        hash.count = more
        position.count = more
        kind.count = more
    }

    @inline(never)
    private mutating func growTokens() {
        let more = start.count
        start.reserve(more)
        length.reserve(start.capacity - length.count)
        hash.reserve(start.capacity - hash.count)
        position.reserve(start.capacity - position.count)
        kind.reserve(start.capacity - kind.count)
    }
}
