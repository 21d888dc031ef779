/// Segmentation of words as people write them: `iphone15`, `node.js`, `wi-fi`, `men's`, `C++`, `.NET`, `1,000`.
///
/// Runs of letters and of digits are parts with consecutive positions. The parts of one word joined without the signs
/// between them are a further token at the position of the first part, so that `iphone15`, `iphone 15` and `iPhone-15`
/// match each other.
///
/// ```
/// iphone15     iphone 0 · iphone15 0 · 15 1
/// node.js      node 0 · nodejs 0 · js 1
/// men's        men 0 · mens 0
/// 1,000        1 0 · 1000 0 · 000 1
/// c++          c 0 · c++ 0
/// .net         net 0 · .net 0
/// ```
extension Segmenter {
    /// The maximum number of parts that are joined: longer sequences are lists or codes, not names.
    static let maxJoinedParts = 8

    /// Appends the tokens of the word that begins at `begin` with a letter or digit and returns its end.
    ///
    /// `position` is that of the next token and is advanced past those appended. Complexity: O(bytes of the word).
    @inline(__always)
    func compound(_ tokens: inout TokenBuffer, from begin: Int, _ position: inout UInt32) -> Int {
        // Fast path: most words are ASCII letters followed by a blank or a comma.
        let count = tokens.textLength
        let p = tokens.text.base
        if p[begin] &- 0x61 < 26, begin == 0 || p[begin &- 1] != 0x2E {
            var i = begin &+ 1
            while i < count, p[i] &- 0x61 < 26 { i &+= 1 }
            if isPlainEnd(p, i, count), i &- begin <= Self.longestTerm {
                tokens.append(from: begin, to: i, position: position, kind: .word)
                position &+= 1
                return i
            }
        }
        return anyCompound(&tokens, from: begin, &position)
    }

    /// True if a word certainly ends at `i`: at the end of the text, a blank, or a full stop or comma before a blank.
    @inline(__always)
    private func isPlainEnd(_ p: UnsafePointer<UInt8>, _ i: Int, _ count: Int) -> Bool {
        if i == count || p[i] <= 0x20 { return true }
        return (p[i] == 0x2C || p[i] == 0x2E) && (i &+ 1 == count || p[i &+ 1] <= 0x20)
    }

    /// The general case of `compound`: ISBNs, keycaps, and words of several parts.
    @inline(never)
    private func anyCompound(_ tokens: inout TokenBuffer, from begin: Int, _ position: inout UInt32) -> Int {
        if let end = bookNumber(&tokens, from: begin, &position) { return end }
        if let end = bookPrefix(&tokens, from: begin, &position) { return end }
        if let end = Emoji.keycap(tokens.text.base, from: begin, tokens.textLength) {
            appendPieces(&tokens, from: begin, to: end, kind: .emoji, &position)
            return end
        }
        let end = readParts(&tokens, from: begin)
        let firstPosition = position
        let count = tokens.parts.count
        // The s of men's is not a word.
        let hasEnclitic = count > 1 && isEnclitic(tokens, tokens.parts[count - 1])
        for i in 0..<count where !(hasEnclitic && i == count - 1) {
            let part = tokens.parts[i]
            appendPieces(&tokens, from: part.start, to: part.end, kind: part.isNumber ? .number : .word, &position)
            if i == 0, count > 1 { appendJoined(&tokens, firstPosition, hasEnclitic ? count - 1 : count) }
        }
        return hasEnclitic ? end : symbol(&tokens, end, position &- 1)
    }

    /// Fills `tokens.parts` with the parts of the word at `begin` and returns the end of the last one.
    private func readParts(_ tokens: inout TokenBuffer, from begin: Int) -> Int {
        tokens.parts.removeAll()
        let count = tokens.textLength
        var start = begin
        while true {
            let (kind, length) = character(tokens, start, count)
            var end = start &+ length
            while true {
                let (next, length) = character(tokens, end, count)
                if next != kind { break }
                end &+= length
            }
            tokens.parts.append(WordPart(start: start, end: end, isNumber: kind == .digit))
            let (next, _) = character(tokens, end, count)
            if next == .letter || next == .digit {
                start = end
                continue
            }
            guard let resume = connection(tokens, at: end, after: kind) else { return end }
            start = resume
        }
    }

    /// Returns the start of the next part if a sign at `offset` connects it with the part before, of the class
    /// `before`; nil when the word ends.
    ///
    /// `.`, `-` and `_` connect any parts, apostrophes and `&` letters with letters, and a comma groups of digits.
    private func connection(_ tokens: borrowing TokenBuffer, at offset: Int, after before: CharacterClass) -> Int? {
        let p = tokens.text.base
        let count = tokens.textLength
        guard offset < count else { return nil }
        // ’ and ‐ have three bytes.
        let isWide = offset &+ 2 < count && p[offset] == 0xE2 && p[offset &+ 1] == 0x80
        let sign =
            isWide
            ? (p[offset &+ 2] == 0x99 ? UInt8(ascii: "'") : p[offset &+ 2] == 0x90 ? UInt8(ascii: "-") : 0)
            : p[offset]
        let resume = offset &+ (isWide ? 3 : 1)
        let (after, _) = character(tokens, resume, count)
        guard after == .letter || after == .digit else { return nil }
        switch sign {
        case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): return resume
        case UInt8(ascii: "'"), UInt8(ascii: "&"): return before == .letter && after == .letter ? resume : nil
        case UInt8(ascii: ","): return before == .digit && isGroupOfThree(tokens, resume) ? resume : nil
        default: return nil
        }
    }

    /// True if exactly three ASCII digits begin at `offset`, as in 1,000.
    private func isGroupOfThree(_ tokens: borrowing TokenBuffer, _ offset: Int) -> Bool {
        let p = tokens.text.base
        guard offset &+ 3 <= tokens.textLength else { return false }
        for i in offset..<offset &+ 3 where p[i] &- 0x30 >= 10 { return false }
        return character(tokens, offset &+ 3, tokens.textLength).0 != .digit
    }

    /// True if a part is an English suffix after an apostrophe: 's, 't, 'd, 'm, 'll, 're, 've.
    private func isEnclitic(_ tokens: borrowing TokenBuffer, _ part: WordPart) -> Bool {
        let p = tokens.text.base
        let before = p[part.start &- 1]
        // The last byte of ’ is 0x99; no other connecting sign ends with it.
        guard before == UInt8(ascii: "'") || before == 0x99 else { return false }
        switch part.end &- part.start {
        case 1: return "stdm".utf8.contains(p[part.start])
        case 2:
            let (a, b) = (p[part.start], p[part.start &+ 1])
            return a == b && a == UInt8(ascii: "l") || b == UInt8(ascii: "e") && "rv".utf8.contains(a)
        default: return false
        }
    }

    /// Appends the parts as one joined token at the position of the first part, spanning `span` positions.
    ///
    /// There is no such token for more than `maxJoinedParts` parts or more than `longestTerm` bytes. Parts without
    /// signs between them (`iphone15`) need no copy.
    private func appendJoined(_ tokens: inout TokenBuffer, _ position: UInt32, _ span: Int) {
        let count = tokens.parts.count
        let start = tokens.parts[0].start
        let end = tokens.parts[count - 1].end
        guard count <= Self.maxJoinedParts, end &- start <= Self.longestTerm else { return }
        let begin = tokens.text.count
        tokens.text.reserve(end - start + 8)
        var isContiguous = true
        for i in 0..<count {
            let part = tokens.parts[i]
            if i > 0, part.start != tokens.parts[i - 1].end { isContiguous = false }
        }
        if isContiguous {
            tokens.append(from: start, to: end, position: position, span: span, kind: .joined)
            return
        }
        for i in 0..<count {
            let part = tokens.parts[i]
            tokens.text.append(from: tokens.text.base + part.start, count: part.end - part.start)
        }
        tokens.appendDerived(from: begin, for: start..<end, position: position, span: span, kind: .joined)
    }

    /// Appends the last part together with symbols that belong to it as a further token (`c++`, `c#`, `.net`), and
    /// returns the end of the word with its symbols.
    ///
    /// `end` is the end of the last part and `position` its position. Numbers have no symbols.
    private func symbol(_ tokens: inout TokenBuffer, _ end: Int, _ position: UInt32) -> Int {
        let p = tokens.text.base
        let count = tokens.textLength
        let part = tokens.parts[tokens.parts.count - 1]
        guard !part.isNumber, part.end &- part.start < 64 else { return end }
        func byte(_ i: Int) -> UInt8 { i < count ? p[i] : 0 }
        var symbolStart = part.start
        var symbolEnd = end
        if byte(end) == UInt8(ascii: "+"), byte(end &+ 1) == UInt8(ascii: "+"), byte(end &+ 2) != UInt8(ascii: "+"),
            character(tokens, end &+ 2, count).0 != .letter
        {
            symbolEnd = end &+ 2
        } else if byte(end) == UInt8(ascii: "#") {
            let next = character(tokens, end &+ 1, count).0
            let isKeycap = Emoji.keycap(p, from: end, count) != nil
            if next != .letter, next != .digit, byte(end &+ 1) != UInt8(ascii: "#"), !isKeycap { symbolEnd = end &+ 1 }
        } else if part.end &- part.start == 3, part.start > 0, p[part.start &- 1] == UInt8(ascii: "."),
            part.start < 2 || p[part.start &- 2] != UInt8(ascii: "."), p[part.start] == UInt8(ascii: "n"),
            p[part.start &+ 1] == UInt8(ascii: "e"), p[part.start &+ 2] == UInt8(ascii: "t")
        {
            symbolStart = part.start &- 1
        }
        if symbolStart < part.start || symbolEnd > end {
            tokens.append(from: symbolStart, to: symbolEnd, position: position, kind: .symbol)
        }
        return symbolEnd
    }
}
