import CICU
public import Kernels

/// The kind of a token: what it consists of.
public enum TokenKind: UInt8, Sendable, CaseIterable {
    /// A run of letters and marks.
    case word
    /// Two adjacent characters of a CJK run (Han, kana) or of a Hangul run.
    case bigram
    /// A single CJK or Hangul character: a run of one, or each one with `TokenForm.characters`.
    case unigram
    /// A run of digits.
    case number
    /// Adjacent words and numbers written as one: `iphone15`, `node.js` as `nodejs`, `1,000` as `1000`.
    case joined
    /// A word with the symbols that belong to it: `c++`, `c#`, `.net`.
    case symbol
    /// An ISBN with 13 digits, however it was written.
    case isbn
    /// An emoji sequence.
    case emoji
    /// A whole text.
    case whole
    /// The syllables of two adjacent Chinese characters, or of a single one.
    case pinyin
    /// The first letters of the syllables of two adjacent Chinese characters.
    case initials
}

/// The tokens of one text: a reusable batch that an analyzer fills and that the indexer, the query parser and the
/// highlighter read.
///
/// Reusing one buffer for many texts saves all allocations. It is not thread-safe: every thread has its own. The terms
/// and ranges are valid until the buffer is filled again.
///
/// ```swift
/// var tokens = TokenBuffer()
/// TextAnalyzer.standard.analyze("C++ für Anfänger", into: &tokens)
/// for i in 0..<tokens.count {
///     print(String(decoding: tokens.term(i), as: UTF8.self), tokens.position[i], tokens.sourceRange(of: i))
/// }
/// // c 0 0..<1 · c++ 0 0..<3 · fur 1 4..<8 · anfanger 2 9..<18
/// ```
///
/// Shape: a structure of arrays, `count` entries each. The term of a token is the `length` bytes at `start` of `text`.
/// They are either part of the folded text, so that overlapping bigrams share their bytes and nothing is copied, or
/// follow it, for terms that are not part of the text (stems, joined words). `position` never decreases. Eight readable
/// bytes follow the folded text until terms are appended after it.
/// Units: bytes of folded text for `start` and `length`; `sourceRange` gives bytes of the original.
public struct TokenBuffer: ~Copyable {
    /// The folded text, and after it the terms that are not part of it.
    public internal(set) var text = GrowableBuffer<UInt8>(capacity: 1024)
    /// The offset of each term in `text`.
    public internal(set) var start = GrowableBuffer<UInt32>(capacity: 64)
    /// The length of each term in bytes: 1 to `TextAnalyzer.longestTerm`.
    public internal(set) var length = GrowableBuffer<UInt32>(capacity: 64)
    /// The `hash64` of each term.
    public internal(set) var hash = GrowableBuffer<UInt64>(capacity: 64)
    /// The position of each token in the text, for phrases. Alternatives, such as a word and its joined form, share
    /// one.
    public internal(set) var position = GrowableBuffer<UInt32>(capacity: 64)
    /// The number of positions that each token takes up: more than one for joined words.
    public internal(set) var span = GrowableBuffer<UInt8>(capacity: 64)
    /// The raw value of the `TokenKind` of each token.
    public internal(set) var kind = GrowableBuffer<UInt8>(capacity: 64)
    /// The length of the folded text in bytes, without the terms after it.
    var textLength = 0
    /// The position after the last one that the text takes up, at which the next value of a field may go on.
    public internal(set) var endPosition: UInt32 = 0
    /// The edits of folding, ascending; empty when offsets are those of the original text.
    var edits = GrowableBuffer<quire_edit>(capacity: 16)
    /// The edits of the character map, which was applied to the folded text, ascending.
    var rewrites = GrowableBuffer<quire_edit>(capacity: 16)
    /// The folded text before `rewrites`.
    var folded = GrowableBuffer<UInt8>(capacity: 16)
    /// The terms after the folded text, in ascending order of their start.
    var derived = GrowableBuffer<DerivedTerm>(capacity: 16)
    /// Scratch space: the parts of the word that is being cut.
    var parts = GrowableBuffer<WordPart>(capacity: 16)
    /// Scratch space: the ends of the words of a run without blanks.
    var breaks = GrowableBuffer<Int32>(capacity: 16)

    /// Scratch space: the characters of a run with their readings.
    var spoken = GrowableBuffer<SpokenCharacter>(capacity: 16)
    /// The stemmer that was used last, with its cache.
    var stemmer: Stemmer?

    /// A term that is not part of the folded text: its offset in `text`, and the range of the folded text that it
    /// stands for.
    struct DerivedTerm {
        var start: UInt32
        var from: UInt32
        var to: UInt32
    }

    /// Creates an empty batch.
    public init() {}

    /// The number of tokens.
    public var count: Int { start.count }

    /// Returns the bytes of the term of a token; valid until the buffer is filled again.
    public func term(_ token: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: text.base + Int(start[token]), count: Int(length[token]))
    }

    /// True if a document that matches the other tokens of a query must also match this one.
    ///
    /// False for a joined word, which only repeats its parts, and for a word that a token with a symbol at the same
    /// position makes more precise: of `node.js` the tokens `node` and `js` are required, of `c++` only `c++`.
    /// Complexity: O(1).
    public func isRequired(_ token: Int) -> Bool {
        if kind[token] == TokenKind.joined.rawValue { return false }
        let next = token + 1
        return next == count || kind[next] != TokenKind.symbol.rawValue || position[next] != position[token]
    }

    /// Removes the tokens and the text, and keeps the memory and the stemmer.
    mutating func reset() {
        text.removeAll()
        textLength = 0
        edits.removeAll()
        rewrites.removeAll()
        derived.removeAll()
        endPosition = 0
        start.removeAll()
        length.removeAll()
        hash.removeAll()
        position.removeAll()
        span.removeAll()
        kind.removeAll()
    }

    /// Appends a token whose term is the bytes `begin ..< end` of `text`.
    @inline(__always)
    mutating func append(
        from begin: Int, to end: Int, position tokenPosition: UInt32, span tokenSpan: Int = 1,
        kind tokenKind: TokenKind
    ) {
        if start.count == start.capacity { growTokens() }
        let n = start.count
        start.base[n] = UInt32(truncatingIfNeeded: begin)
        length.base[n] = UInt32(truncatingIfNeeded: end &- begin)
        hash.base[n] = hash64(text.base + begin, end &- begin)
        position.base[n] = tokenPosition
        span.base[n] = UInt8(truncatingIfNeeded: tokenSpan)
        kind.base[n] = tokenKind.rawValue
        let newCount = n &+ 1
        start.count = newCount
        length.count = newCount
        hash.count = newCount
        position.count = newCount
        span.count = newCount
        kind.count = newCount
    }

    /// Appends a token whose term is the bytes from `begin` to the end of `text` and stands for a range of the folded
    /// text.
    mutating func appendDerived(
        from begin: Int, for range: Range<Int>, position: UInt32, span: Int = 1, kind: TokenKind
    ) {
        derived.append(DerivedTerm(start: UInt32(begin), from: UInt32(range.lowerBound), to: UInt32(range.upperBound)))
        append(from: begin, to: text.count, position: position, span: span, kind: kind)
    }

    /// Doubles the capacity of all arrays of tokens.
    @inline(never)
    private mutating func growTokens() {
        let growth = start.count
        start.reserve(growth)
        length.reserve(start.capacity - length.count)
        hash.reserve(start.capacity - hash.count)
        position.reserve(start.capacity - position.count)
        span.reserve(start.capacity - span.count)
        kind.reserve(start.capacity - kind.count)
    }
}
