/// The tokenizer: cuts folded text into words, numbers, bigrams of CJK characters, symbols and emoji.
///
/// A run of ideographs, or of Hangul, becomes its overlapping bigrams; a run of one character is one token. Scripts
/// without blanks are cut by ICU's dictionaries.
///
/// The private functions share a convention: they append the tokens that begin at `begin`, advance `position`, the
/// position of the next token, past them, and return the offset at which the text goes on.
struct Segmenter: Sendable {
    /// The maximum length of a term in bytes; longer words are cut at a character boundary.
    static let longestTerm = 255

    /// The classes of characters by which runs are formed.
    let classes: CharacterClasses
    /// True if words are split into runs of letters and digits and joined across dots and hyphens, and if symbols,
    /// ISBNs and emoji are recognized. Otherwise a word is any run of letters and digits, and a CJK run of n > 1
    /// characters takes up n - 1 positions instead of n.
    let isFine: Bool

    /// Appends the tokens of the folded text and sets `endPosition`. Complexity: O(bytes).
    ///
    /// ```
    /// the quick fox     the 0 · quick 1 · fox 2
    /// 学swift语言!      学 0 · swift 1 · 语言 2, end position 4
    /// 数据库            数据 0 · 据库 1, end position 3
    /// 中👍文            中 0 · 👍 1 · 文 2
    /// ```
    func segment(_ tokens: inout TokenBuffer) {
        let count = tokens.textLength
        let ascii = asciiClasses.base
        var position: UInt32 = 0
        var i = 0
        while i < count {
            let byte = tokens.text.base[i]
            if byte < 0x80 {
                switch ascii[Int(byte)] {
                case .letter, .digit:
                    i = isFine ? compound(&tokens, from: i, &position) : word(&tokens, from: i, &position)
                default: i = isFine && (byte == 0x23 || byte == 0x2A) ? keycap(&tokens, from: i, &position) : i &+ 1
                }
                continue
            }
            let (scalar, length) = decodeScalar(tokens.text.base + i)
            switch classes[scalar] {
            case .separator: i &+= length
            case .letter, .digit: i = isFine ? compound(&tokens, from: i, &position) : word(&tokens, from: i, &position)
            case .ideograph: i = pairs(&tokens, from: i, .ideograph, &position)
            case .hangul: i = pairs(&tokens, from: i, .hangul, &position)
            case .unspaced: i = unspaced(&tokens, from: i, &position)
            case .pictograph: i = emoji(&tokens, from: i, length, &position)
            }
        }
        tokens.endPosition = position
    }

    /// Appends one token for each CJK character of the folded text, and nothing else. Other characters except
    /// separators take up positions too. Complexity: O(bytes).
    func segmentCharacters(_ tokens: inout TokenBuffer) {
        let count = tokens.textLength
        var position: UInt32 = 0
        var i = 0
        while i < count {
            let (characterClass, length) = character(tokens, i, count)
            if characterClass == .ideograph || characterClass == .hangul {
                tokens.append(from: i, to: i &+ length, position: position, kind: .unigram)
            }
            if characterClass != .separator { position &+= 1 }
            i &+= length
        }
        tokens.endPosition = position
    }

    /// Returns the class of the character at `i` and its length in bytes; `separator` and 0 at the end of the text.
    @inline(__always)
    func character(_ tokens: borrowing TokenBuffer, _ i: Int, _ count: Int) -> (CharacterClass, length: Int) {
        if i >= count { return (.separator, 0) }
        let byte = tokens.text.base[i]
        if byte < 0x80 { return (asciiClasses.base[Int(byte)], 1) }
        let (scalar, length) = decodeScalar(tokens.text.base + i)
        return (classes[scalar], length)
    }

    /// Appends a run of letters and digits as one word.
    private func word(_ tokens: inout TokenBuffer, from begin: Int, _ position: inout UInt32) -> Int {
        let count = tokens.textLength
        var i = begin
        while true {
            let (characterClass, length) = character(tokens, i, count)
            guard characterClass == .letter || characterClass == .digit else { break }
            i &+= length
        }
        appendPieces(&tokens, from: begin, to: i, kind: .word, &position)
        return i
    }

    /// Appends a range of the text as one token, or as several at consecutive positions when it exceeds `longestTerm`.
    @inline(__always)
    func appendPieces(
        _ tokens: inout TokenBuffer, from begin: Int, to end: Int, kind: TokenKind, _ position: inout UInt32
    ) {
        var piece = begin
        while end &- piece > Self.longestTerm {
            var cut = piece &+ Self.longestTerm
            while tokens.text.base[cut] & 0xC0 == 0x80 { cut &-= 1 }
            tokens.append(from: piece, to: cut, position: position, kind: kind)
            position &+= 1
            piece = cut
        }
        tokens.append(from: piece, to: end, position: position, kind: kind)
        position &+= 1
    }

    /// Appends the bigrams of the run of characters of the class `kind` that begins at `begin`.
    private func pairs(
        _ tokens: inout TokenBuffer, from begin: Int, _ kind: CharacterClass, _ position: inout UInt32
    ) -> Int {
        let count = tokens.textLength
        var previous = begin
        var i = begin &+ decodeScalar(tokens.text.base + begin).length
        let first = i
        while i < count, tokens.text.base[i] >= 0x80 {
            let (scalar, length) = decodeScalar(tokens.text.base + i)
            if classes[scalar] != kind { break }
            tokens.append(from: previous, to: i &+ length, position: position, kind: .bigram)
            position &+= 1
            previous = i
            i &+= length
        }
        if i == first {
            tokens.append(from: begin, to: i, position: position, kind: .unigram)
            position &+= 1
        } else if isFine {
            // A run takes up one position for each of its characters, one more than it has bigrams.
            position &+= 1
        }
        return i
    }

    /// Appends the emoji sequence that begins at `begin`, if there is one; `length` is that of its first character.
    private func emoji(_ tokens: inout TokenBuffer, from begin: Int, _ length: Int, _ position: inout UInt32) -> Int {
        guard isFine, let end = Emoji.sequence(tokens.text.base, from: begin, tokens.textLength) else {
            return begin &+ length
        }
        appendPieces(&tokens, from: begin, to: end, kind: .emoji, &position)
        return end
    }

    /// Appends the keycap that begins at `begin` with # or *, if there is one.
    @inline(never)
    private func keycap(_ tokens: inout TokenBuffer, from begin: Int, _ position: inout UInt32) -> Int {
        guard let end = Emoji.keycap(tokens.text.base, from: begin, tokens.textLength) else { return begin &+ 1 }
        appendPieces(&tokens, from: begin, to: end, kind: .emoji, &position)
        return end
    }

    /// Appends the words of the run of a script without blanks that begins at `begin`.
    private func unspaced(_ tokens: inout TokenBuffer, from begin: Int, _ position: inout UInt32) -> Int {
        let count = tokens.textLength
        var end = begin
        while true {
            let (characterClass, length) = character(tokens, end, count)
            guard characterClass == .unspaced else { break }
            end &+= length
        }
        breakWords(&tokens, from: begin, to: end)
        var from = begin
        for i in 0..<tokens.breaks.count {
            let to = begin &+ Int(tokens.breaks[i])
            appendPieces(&tokens, from: from, to: to, kind: .word, &position)
            from = to
        }
        return end
    }
}

/// The classes of the ASCII characters, which are the same for all analyzers, in a table of 128 bytes.
private struct ASCIIClasses: @unchecked Sendable {
    let base: UnsafePointer<CharacterClass>

    init() {
        let table = UnsafeMutablePointer<CharacterClass>.allocate(capacity: 128)
        for byte in 0..<128 { table[byte] = CharacterClasses.plain[UInt32(byte)] }
        base = UnsafePointer(table)
    }
}

private let asciiClasses = ASCIIClasses()
