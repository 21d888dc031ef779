import CICU
public import Kernels

/// What a token is made of.
public enum TokenKind: UInt8, Sendable, CaseIterable {
    /// A run of letters and marks.
    case word
    /// Two neighbouring characters of a CJK run (Han, kana) or of a Hangul run.
    case bigram
    /// A single CJK or Hangul character: a run of one, or each one where an analyzer asks for characters.
    case unigram
    /// A run of digits.
    case number
    /// Neighbouring words and numbers written as one: `iphone15`, `node.js` as `nodejs`, `1,000` as `1000`.
    case joined
    /// A word with the symbols that belong to it: `c++`, `c#`, `.net`.
    case symbol
    /// An ISBN with 13 digits, however it was written.
    case isbn
    /// An emoji sequence.
    case emoji
    /// A whole text.
    case whole
    /// Syllables of Chinese characters: two neighbours, or one alone.
    case pinyin
    /// First letters of the syllables of two neighbouring Chinese characters.
    case initials
}

/// The tokens of one text: a reusable batch that an analyzer fills and the indexer, the query parser and the
/// highlighter read.
///
/// Shape: a structure of arrays, `count` entries each. A token's term is the `length` bytes at `start` of `text`: of
/// the folded text, so that overlapping bigrams share their bytes and nothing is copied per token, or behind it, where
/// terms stand that are no piece of it (stems, joined words). `position` is the token's place for phrases; it never
/// decreases; `span` is how many places it takes up. Eight readable bytes follow the folded text until terms are
/// appended behind it.
/// Units: bytes of folded text for `start` and `length`; `sourceRange` gives bytes of the original.
public struct TokenBuffer: ~Copyable {
    /// The folded text, and the terms that are no piece of it.
    public internal(set) var text = GrowableBuffer<UInt8>(capacity: 1024)
    /// Where each term begins in `text`.
    public internal(set) var start = GrowableBuffer<UInt32>(capacity: 64)
    /// Bytes of each term, at most `TextAnalyzer.longestTerm`.
    public internal(set) var length = GrowableBuffer<UInt32>(capacity: 64)
    /// `hash64` of each term.
    public internal(set) var hash = GrowableBuffer<UInt64>(capacity: 64)
    /// Place of each token in the text, counted as the analyzer's rules say.
    public internal(set) var position = GrowableBuffer<UInt32>(capacity: 64)
    /// How many places a token takes up: more than one for joined words.
    public internal(set) var span = GrowableBuffer<UInt8>(capacity: 64)
    /// A `TokenKind` each.
    public internal(set) var kind = GrowableBuffer<UInt8>(capacity: 64)
    /// Bytes of the folded text, without the terms behind it.
    var textLength = 0
    /// One more than the last position the text takes up, so that a next value can follow it.
    public internal(set) var endPosition: UInt32 = 0
    /// What folding changed; empty when offsets are those of the original.
    var edits = GrowableBuffer<quire_edit>(capacity: 16)
    /// What was changed in the folded text afterwards.
    var rewrites = GrowableBuffer<quire_edit>(capacity: 16)
    /// The folded text before `rewrites`.
    var folded = GrowableBuffer<UInt8>(capacity: 16)
    /// Terms behind the folded text and the stretches of it that they stand for, ascending.
    var derived = GrowableBuffer<DerivedTerm>(capacity: 16)
    /// The parts of a word while it is cut.
    var parts = GrowableBuffer<WordPart>(capacity: 16)
    /// Where ICU cuts a text without blanks.
    var breaks = GrowableBuffer<Int32>(capacity: 16)

    /// Characters with their readings, while pinyin is made.
    var spoken = GrowableBuffer<SpokenCharacter>(capacity: 16)
    /// The stemmer that was used last.
    var stemmer: Stemmer?

    /// A term that is no piece of the text.
    struct DerivedTerm {
        var start: UInt32
        var from: UInt32
        var to: UInt32
    }

    /// An empty batch.
    public init() {}

    /// Number of tokens.
    public var count: Int { start.count }

    /// The bytes of a token's term.
    public func term(_ token: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: text.base + Int(start[token]), count: Int(length[token]))
    }

    /// Whether a text that has a query's other tokens must have this one as well: not if it only says what its parts
    /// say, nor if another with a symbol says more.
    public func isRequired(_ token: Int) -> Bool {
        if kind[token] == TokenKind.joined.rawValue { return false }
        let next = token + 1
        return next == count || kind[next] != TokenKind.symbol.rawValue || position[next] != position[token]
    }

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

    @inline(__always)
    mutating func append(
        from begin: Int, to end: Int, position place: UInt32, span places: Int = 1, kind what: TokenKind
    ) {
        if start.count == start.capacity { growTokens() }
        let n = start.count
        start.base[n] = UInt32(truncatingIfNeeded: begin)
        length.base[n] = UInt32(truncatingIfNeeded: end &- begin)
        hash.base[n] = hash64(text.base + begin, end &- begin)
        position.base[n] = place
        span.base[n] = UInt8(truncatingIfNeeded: places)
        kind.base[n] = what.rawValue
        let more = n &+ 1
        start.count = more
        length.count = more
        hash.count = more
        position.count = more
        span.count = more
        kind.count = more
    }

    /// Appends a token whose term are the bytes from `begin` to the end of `text`, which stand for a stretch of the
    /// folded text.
    mutating func appendDerived(
        from begin: Int, for stretch: Range<Int>, position place: UInt32, span places: Int = 1, kind what: TokenKind
    ) {
        derived.append(
            DerivedTerm(start: UInt32(begin), from: UInt32(stretch.lowerBound), to: UInt32(stretch.upperBound)))
        append(from: begin, to: text.count, position: place, span: places, kind: what)
    }

    @inline(never)
    private mutating func growTokens() {
        let more = start.count
        start.reserve(more)
        length.reserve(start.capacity - length.count)
        hash.reserve(start.capacity - hash.count)
        position.reserve(start.capacity - position.count)
        span.reserve(start.capacity - span.count)
        kind.reserve(start.capacity - kind.count)
    }
}
