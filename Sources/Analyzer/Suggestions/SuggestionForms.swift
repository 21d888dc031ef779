public import Kernels

/// The forms of a text under which typed text finds it as a suggestion: its words, its pinyin and the initials of its
/// pinyin, all folded.
///
/// ```swift
/// var forms = SuggestionForms()
/// forms.make("紅樓夢（全四冊）", by: .standard)
/// // 红楼梦 · hongloumeng · hlm
/// forms.make("The Hobbit, or There and Back Again", by: .standard)
/// // the hobbit or there and back again, with a key at each word
/// ```
///
/// Shape: `bytes` has the forms one after the other, each followed by a zero. The first one, the text itself, has its
/// words separated by single blanks and identifies the suggestion: texts that differ only in case, width, traditional
/// characters, punctuation or parts in brackets are one suggestion. Each of `keys` is a place at which typed text may
/// begin. Texts of more than 240 bytes are cut. Not thread-safe; reused for many texts without allocations.
public struct SuggestionForms: ~Copyable {
    /// The kind of a place at which typed text may begin.
    public enum Start: UInt8, Sendable, CaseIterable, BitwiseCopyable {
        /// The beginning of the text.
        case beginning
        /// The word after a leading article.
        case afterArticle
        /// A later word, or a later character of a script without blanks.
        case word
        /// The beginning of the text's pinyin.
        case pinyin
        /// A later syllable of the pinyin.
        case syllable
        /// The initials of the pinyin, from the beginning or from a later part of the text.
        case initials
    }

    /// A place in `bytes` at which typed text may begin.
    public struct FormKey: BitwiseCopyable, Equatable, Sendable {
        /// The offset of the place in `bytes`.
        public let offset: UInt32
        /// The kind of the place.
        public let start: Start
    }

    /// The forms, each followed by a zero byte.
    public private(set) var bytes = GrowableBuffer<UInt8>(capacity: 512)
    /// The places at which typed text may begin, ascending in each form.
    public private(set) var keys = GrowableBuffer<FormKey>(capacity: 64)
    /// The length of the first form in bytes; 0 for a text without letters, digits and characters.
    public private(set) var textLength = 0

    /// The tokens whose folded text is used; they have no tokens.
    private var tokens = TokenBuffer()
    /// The words and characters of the text, in order.
    private var pieces = GrowableBuffer<Piece>(capacity: 64)
    /// The readings of its Chinese characters, by their offsets in the folded text, ascending.
    private var readings = GrowableBuffer<SpokenCharacter>(capacity: 64)
    /// The parts of the folded text that the bytes stand for, aligned with `bytes`.
    private var origins = GrowableBuffer<Origin>(capacity: 512)

    /// A word or a character of the folded text.
    struct Piece: BitwiseCopyable {
        var start: UInt32
        var end: UInt32
        /// True for a character of a script without blanks.
        var isCharacter: Bool
        /// True if a separator precedes it.
        var isApart: Bool
    }

    /// A range of the folded text.
    struct Origin: BitwiseCopyable {
        var start: UInt16
        var end: UInt16
    }

    /// The length at which texts are cut, in bytes.
    public static let maxLength = 240
    /// The maximum number of pinyin forms of a text whose characters have several readings.
    private static let maxPinyinForms = 3
    private static let articles = ["the ", "a ", "an "].map { Array($0.utf8) }

    /// Creates empty forms.
    public init() {}

    /// Replaces the content by the forms of a text, folded as an analyzer folds; the analyzer's stemmer and stop words
    /// are not applied. Complexity: O(bytes).
    ///
    /// The first form of a text has itself the same forms.
    public mutating func make(_ text: UnsafeBufferPointer<UInt8>, by analyzer: TextAnalyzer) {
        makeText(text, by: analyzer)
        if textLength > 0 { appendPinyin() }
    }

    /// Replaces the content by the first form of a text alone.
    public mutating func makeText(_ text: UnsafeBufferPointer<UInt8>, by analyzer: TextAnalyzer) {
        cut(text, by: analyzer, omitsBrackets: true)
        if pieces.count == 0 { cut(text, by: analyzer, omitsBrackets: false) }
        appendText()
    }

    /// Replaces the content by the forms of a string.
    public mutating func make(_ text: String, by analyzer: TextAnalyzer) {
        var text = text
        text.withUTF8 { make($0, by: analyzer) }
    }

    /// Returns the length of the English article, with its blank, at the beginning of a folded text; 0 without one.
    public static func articleLength(_ text: some Collection<UInt8>) -> Int {
        articles.first { text.starts(with: $0) }?.count ?? 0
    }

    /// The first form.
    public var text: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: bytes.base, count: textLength) }

    /// Returns the byte range of the original text from which a range of `bytes` was made; nil for an empty one.
    public func sourceRange(of range: Range<Int>) -> Range<Int>? {
        guard range.lowerBound < range.upperBound, range.upperBound <= bytes.count else { return nil }
        let (first, last) = (origins[range.lowerBound], origins[range.upperBound - 1])
        return first.start < last.end ? tokens.sourceRange(ofText: Int(first.start)..<Int(last.end)) : nil
    }
}

// MARK: - The text

extension SuggestionForms {
    /// Fills `pieces` with the words and characters of a text.
    private mutating func cut(_ text: UnsafeBufferPointer<UInt8>, by analyzer: TextAnalyzer, omitsBrackets: Bool) {
        analyzer.fold(text, into: &tokens)
        pieces.removeAll()
        let classes = CharacterClasses.shared
        let p = tokens.text.base
        var depth = 0
        var isApart = false
        var isInWord = false
        var i = 0
        while i < tokens.textLength, i < Self.maxLength {
            let (scalar, length) = p[i] < 0x80 ? (UInt32(p[i]), 1) : decodeScalar(p + i)
            defer { i += length }
            if omitsBrackets {
                if Self.opening.contains(scalar) { depth += 1 }
                if depth > 0 {
                    if Self.closing.contains(scalar) { depth -= 1 }
                    (isApart, isInWord) = (true, false)
                    continue
                }
            }
            switch classes[scalar] {
            case .letter, .digit, .hangul, .unspaced:
                if isInWord {
                    pieces[pieces.count - 1].end = UInt32(i + length)
                } else {
                    append(i..<i + length, isCharacter: false, isApart)
                }
                (isApart, isInWord) = (false, true)
            case .ideograph, .pictograph:
                append(i..<i + length, isCharacter: true, isApart)
                (isApart, isInWord) = (false, false)
            case .separator:
                // An apostrophe after a Latin letter does not end a word, nor do the signs of C++ and C#.
                if isInWord, Self.isApostrophe(scalar), p[i - 1] < 0x80 { continue }
                if isInWord, scalar == 0x2B || scalar == 0x23 {
                    pieces[pieces.count - 1].end = UInt32(i + length)
                } else {
                    (isApart, isInWord) = (true, false)
                }
            }
        }
    }

    /// The brackets whose content is not part of a title: ( [ { 【 〔, in their folded forms.
    private static let opening: Set<UInt32> = [0x28, 0x5B, 0x7B, 0x3010, 0x3014]
    private static let closing: Set<UInt32> = [0x29, 0x5D, 0x7D, 0x3011, 0x3015]

    private mutating func append(_ range: Range<Int>, isCharacter: Bool, _ isApart: Bool) {
        pieces.append(
            Piece(
                start: UInt32(range.lowerBound), end: UInt32(range.upperBound), isCharacter: isCharacter,
                isApart: isApart && pieces.count > 0))
    }

    /// Appends the first form: the pieces, with a blank where they are apart.
    private mutating func appendText() {
        bytes.removeAll()
        keys.removeAll()
        origins.removeAll()
        for index in 0..<pieces.count {
            if pieces[index].isApart { append(0x20, for: Int(pieces[index].start)..<Int(pieces[index].start)) }
            let isAfterArticle = index == 1 && Self.articleLength(bytes.elements) == bytes.count
            keys.append(
                FormKey(
                    offset: UInt32(bytes.count),
                    start: index == 0 ? .beginning : isAfterArticle ? .afterArticle : .word))
            append(pieces[index])
        }
        textLength = bytes.count
        endForm()
    }

    /// Appends a piece as it is folded, without apostrophes.
    private mutating func append(_ piece: Piece) {
        var i = Int(piece.start)
        while i < Int(piece.end) {
            let p = tokens.text.base + i
            let (scalar, length) = p[0] < 0x80 ? (UInt32(p[0]), 1) : decodeScalar(p)
            if !Self.isApostrophe(scalar) {
                for offset in 0..<length { append(tokens.text[i + offset], for: i..<i + length) }
            }
            i += length
        }
    }

    private func firstCharacter(of piece: Piece) -> Piece {
        let p = tokens.text.base + Int(piece.start)
        var first = piece
        first.end = piece.start + UInt32(p[0] < 0x80 ? 1 : decodeScalar(p).length)
        return first
    }

    private static func isApostrophe(_ scalar: UInt32) -> Bool { scalar == 0x27 || scalar == 0x2019 }

    /// Appends a byte that stands for a range of the folded text.
    private mutating func append(_ byte: UInt8, for range: Range<Int>) {
        bytes.append(byte)
        origins.append(Origin(start: UInt16(range.lowerBound), end: UInt16(range.upperBound)))
    }

    private mutating func endForm() { append(0, for: 0..<0) }
}

// MARK: - Pinyin

extension SuggestionForms {
    /// Appends the forms in pinyin and in initials, if the text has characters with readings; up to three when some
    /// have several readings that no word decides on.
    private mutating func appendPinyin() {
        let table = PinyinReadings.shared
        readings.removeAll()
        var i = 0
        while i < min(tokens.textLength, Self.maxLength) {
            tokens.readRun(table, &i)
            for index in 0..<tokens.spoken.count { readings.append(tokens.spoken[index]) }
        }
        var (next, spoken, ambiguous) = (0, 0, 0)
        for index in 0..<pieces.count where reading(of: pieces[index], &next, &ambiguous, 0) != nil { spoken += 1 }
        guard spoken > 0 else { return }
        var variant = 0
        while variant <= min(ambiguous, Self.maxPinyinForms - 1) {
            appendPinyin(table, variant: variant)
            appendInitials(table, variant: variant)
            variant += 1
        }
    }

    /// The reading of a piece in a variant: the first one, or the second one of the ambiguous character with the number
    /// `variant`, counted from 1. Nil for a piece that has none.
    private func reading(of piece: Piece, _ next: inout Int, _ ambiguous: inout Int, _ variant: Int) -> Int? {
        while next < readings.count, readings[next].start < Int(piece.start) { next += 1 }
        guard next < readings.count, readings[next].start == Int(piece.start) else { return nil }
        let character = readings[next]
        if character.count == 1 { return character.first }
        ambiguous += 1
        return ambiguous == variant ? character.first + 1 : character.first
    }

    /// Appends the text with syllables in the place of characters, without blanks.
    private mutating func appendPinyin(_ table: PinyinReadings, variant: Int) {
        var (next, ambiguous) = (0, 0)
        for index in 0..<pieces.count {
            let piece = pieces[index]
            let reading = reading(of: piece, &next, &ambiguous, variant)
            if index == 0 || reading != nil {
                keys.append(FormKey(offset: UInt32(bytes.count), start: index == 0 ? .pinyin : .syllable))
            }
            if let reading {
                for letter in table.syllable(reading) { append(letter, for: Int(piece.start)..<Int(piece.end)) }
            } else {
                append(piece)
            }
        }
        endForm()
    }

    /// Appends the first letters of the syllables and of the words, with a key at the beginning and after separators;
    /// nothing for a text of one piece.
    private mutating func appendInitials(_ table: PinyinReadings, variant: Int) {
        guard pieces.count > 1 else { return }
        var (next, ambiguous) = (0, 0)
        for index in 0..<pieces.count {
            let piece = pieces[index]
            let reading = reading(of: piece, &next, &ambiguous, variant)
            if index == 0 || piece.isApart { keys.append(FormKey(offset: UInt32(bytes.count), start: .initials)) }
            if let reading {
                append(table.initial(reading), for: Int(piece.start)..<Int(piece.end))
            } else {
                append(firstCharacter(of: piece))
            }
        }
        endForm()
    }
}
