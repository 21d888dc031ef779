import Kernels

/// Cuts folded text into words, numbers, pairs of characters, symbols and emoji.
///
/// A run of ideographs (or of Hangul) becomes its overlapping pairs of characters; a run of one character stays one
/// token. Scripts without blanks are cut by ICU's dictionaries.
struct Segmenter: Sendable {
    /// Bytes of the longest term; longer words are cut at a character boundary.
    static let longestTerm = 255

    let classes: CharacterClasses
    /// Whether words are cut into letters and digits, joined by dots and hyphens, and symbols, ISBNs and emoji are told
    /// apart; else a word is any run of letters and digits, and pairs take up as many positions as there are.
    let isFine: Bool

    /// Appends the tokens of `tokens.text`. Complexity: O(bytes).
    func segment(_ tokens: inout TokenBuffer) {
        let count = tokens.textLength
        let ascii = asciiClasses.base
        var place: UInt32 = 0
        var i = 0
        while i < count {
            let byte = tokens.text.base[i]
            if byte < 0x80 {
                switch ascii[Int(byte)] {
                case .letter, .digit: i = isFine ? compound(&tokens, from: i, &place) : word(&tokens, from: i, &place)
                default: i = isFine && (byte == 0x23 || byte == 0x2A) ? keycap(&tokens, from: i, &place) : i &+ 1
                }
                continue
            }
            let (scalar, length) = decodeScalar(tokens.text.base + i)
            switch classes[scalar] {
            case .separator: i &+= length
            case .letter, .digit: i = isFine ? compound(&tokens, from: i, &place) : word(&tokens, from: i, &place)
            case .ideograph: i = pairs(&tokens, from: i, .ideograph, &place)
            case .hangul: i = pairs(&tokens, from: i, .hangul, &place)
            case .unspaced: i = unspaced(&tokens, from: i, &place)
            case .pictograph: i = emoji(&tokens, from: i, length, &place)
            }
        }
        tokens.endPosition = place
    }

    /// Appends the CJK characters of `tokens.text`, one token each, and nothing else. Complexity: O(bytes).
    func segmentCharacters(_ tokens: inout TokenBuffer) {
        let count = tokens.textLength
        var place: UInt32 = 0
        var i = 0
        while i < count {
            let (what, length) = character(tokens, i, count)
            if what == .ideograph || what == .hangul {
                tokens.append(from: i, to: i &+ length, position: place, kind: .unigram)
            }
            if what != .separator { place &+= 1 }
            i &+= length
        }
        tokens.endPosition = place
    }

    /// The class of the character at `i` and its bytes; `separator` at the end.
    @inline(__always)
    func character(_ tokens: borrowing TokenBuffer, _ i: Int, _ count: Int) -> (CharacterClass, length: Int) {
        if i >= count { return (.separator, 0) }
        let byte = tokens.text.base[i]
        if byte < 0x80 { return (asciiClasses.base[Int(byte)], 1) }
        let (scalar, length) = decodeScalar(tokens.text.base + i)
        return (classes[scalar], length)
    }

    /// A run of letters and digits; answers where it ends.
    private func word(_ tokens: inout TokenBuffer, from begin: Int, _ place: inout UInt32) -> Int {
        let count = tokens.textLength
        var i = begin
        while true {
            let (what, length) = character(tokens, i, count)
            guard what == .letter || what == .digit else { break }
            i &+= length
        }
        appendPieces(&tokens, from: begin, to: i, kind: .word, &place)
        return i
    }

    /// Appends a run as one token, or as several if it is over the longest term.
    @inline(__always)
    func appendPieces(
        _ tokens: inout TokenBuffer, from begin: Int, to end: Int, kind: TokenKind, _ place: inout UInt32
    ) {
        var piece = begin
        while end &- piece > Self.longestTerm {
            var cut = piece &+ Self.longestTerm
            while tokens.text.base[cut] & 0xC0 == 0x80 { cut &-= 1 }
            tokens.append(from: piece, to: cut, position: place, kind: kind)
            place &+= 1
            piece = cut
        }
        tokens.append(from: piece, to: end, position: place, kind: kind)
        place &+= 1
    }

    /// The pairs of one run; answers where it ends.
    private func pairs(
        _ tokens: inout TokenBuffer, from begin: Int, _ kind: CharacterClass, _ place: inout UInt32
    ) -> Int {
        let count = tokens.textLength
        var previous = begin
        var i = begin &+ decodeScalar(tokens.text.base + begin).length
        let first = i
        while i < count, tokens.text.base[i] >= 0x80 {
            let (scalar, length) = decodeScalar(tokens.text.base + i)
            if classes[scalar] != kind { break }
            tokens.append(from: previous, to: i &+ length, position: place, kind: .bigram)
            place &+= 1
            previous = i
            i &+= length
        }
        if i == first {
            tokens.append(from: begin, to: i, position: place, kind: .unigram)
            place &+= 1
        } else if isFine {
            // A run takes up a place for each of its characters.
            place &+= 1
        }
        return i
    }

    /// An emoji sequence; answers where it ends.
    private func emoji(
        _ tokens: inout TokenBuffer, from begin: Int, _ length: Int, _ place: inout UInt32
    ) -> Int {
        guard isFine, let end = Emoji.sequence(tokens.text.base, from: begin, tokens.textLength) else {
            return begin &+ length
        }
        appendPieces(&tokens, from: begin, to: end, kind: .emoji, &place)
        return end
    }

    /// What # and * begin: a keycap or nothing; answers where it ends.
    @inline(never)
    private func keycap(_ tokens: inout TokenBuffer, from begin: Int, _ place: inout UInt32) -> Int {
        guard let end = Emoji.keycap(tokens.text.base, from: begin, tokens.textLength) else { return begin &+ 1 }
        appendPieces(&tokens, from: begin, to: end, kind: .emoji, &place)
        return end
    }

    /// The words of a run without blanks; answers where it ends.
    private func unspaced(_ tokens: inout TokenBuffer, from begin: Int, _ place: inout UInt32) -> Int {
        let count = tokens.textLength
        var end = begin
        while true {
            let (what, length) = character(tokens, end, count)
            guard what == .unspaced else { break }
            end &+= length
        }
        breakWords(&tokens, from: begin, to: end)
        var from = begin
        for i in 0..<tokens.breaks.count {
            let to = begin &+ Int(tokens.breaks[i])
            appendPieces(&tokens, from: from, to: to, kind: .word, &place)
            from = to
        }
        return end
    }
}

/// The classes of ASCII characters, after folding.
private struct ASCIIClasses: @unchecked Sendable {
    let base: UnsafePointer<CharacterClass>

    init() {
        let table = UnsafeMutablePointer<CharacterClass>.allocate(capacity: 128)
        for byte in 0..<128 { table[byte] = CharacterClasses.plain[UInt32(byte)] }
        base = UnsafePointer(table)
    }
}

private let asciiClasses = ASCIIClasses()
