import Kernels

/// Words as people write them: `iphone15`, `node.js`, `wi-fi`, `men's`, `C++`, `.NET`, `1,000`, `978-7-115-42802-8`.
///
/// Letters and digits are parts of their own, at consecutive positions; the parts written as one are a further token at
/// the first position, so that `iphone15`, `iphone 15` and `iPhone-15` find each other.
extension Segmenter {
    /// More parts than this are no name but a list or a code: they are not joined.
    static let mostJoinedParts = 8

    /// One word with all its parts; answers where it ends.
    @inline(__always)
    func compound(_ tokens: inout TokenBuffer, from begin: Int, _ place: inout UInt32) -> Int {
        // Most words are letters with a blank or a comma behind them.
        let count = tokens.textLength
        let p = tokens.text.base
        if p[begin] &- 0x61 < 26, begin == 0 || p[begin &- 1] != 0x2E {
            var i = begin &+ 1
            while i < count, p[i] &- 0x61 < 26 { i &+= 1 }
            if isPlainEnd(p, i, count), i &- begin <= Self.longestTerm {
                tokens.append(from: begin, to: i, position: place, kind: .word)
                place &+= 1
                return i
            }
        }
        return anyCompound(&tokens, from: begin, &place)
    }

    /// Whether a word ends at `i` for sure: with the text, a blank, or a stop or comma and a blank.
    @inline(__always)
    private func isPlainEnd(_ p: UnsafePointer<UInt8>, _ i: Int, _ count: Int) -> Bool {
        if i == count || p[i] <= 0x20 { return true }
        return (p[i] == 0x2C || p[i] == 0x2E) && (i &+ 1 == count || p[i &+ 1] <= 0x20)
    }

    @inline(never)
    private func anyCompound(_ tokens: inout TokenBuffer, from begin: Int, _ place: inout UInt32) -> Int {
        if let end = bookNumber(&tokens, from: begin, &place) { return end }
        if let end = bookPrefix(&tokens, from: begin, &place) { return end }
        if let end = Emoji.keycap(tokens.text.base, from: begin, tokens.textLength) {
            appendPieces(&tokens, from: begin, to: end, kind: .emoji, &place)
            return end
        }
        let end = readParts(&tokens, from: begin)
        let first = place
        let count = tokens.parts.count
        // The s of men's is no word.
        let isPossessive = count > 1 && isEnclitic(tokens, tokens.parts[count - 1])
        for number in 0..<count where !(isPossessive && number == count - 1) {
            let part = tokens.parts[number]
            appendPieces(&tokens, from: part.start, to: part.end, kind: part.isNumber ? .number : .word, &place)
            if number == 0, count > 1 { appendJoined(&tokens, first, isPossessive ? count - 1 : count) }
        }
        return isPossessive ? end : symbol(&tokens, end, place &- 1)
    }

    /// Fills `tokens.parts`; answers where the last part ends.
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

    /// Where the next part begins if a sign at `at` connects it with a part of the kind `before`; else nil.
    private func connection(_ tokens: borrowing TokenBuffer, at: Int, after before: CharacterClass) -> Int? {
        let p = tokens.text.base
        let count = tokens.textLength
        guard at < count else { return nil }
        // ’ ‐ are three bytes long.
        let isWide = at &+ 2 < count && p[at] == 0xE2 && p[at &+ 1] == 0x80
        let sign =
            isWide ? (p[at &+ 2] == 0x99 ? UInt8(ascii: "'") : p[at &+ 2] == 0x90 ? UInt8(ascii: "-") : 0) : p[at]
        let resume = at &+ (isWide ? 3 : 1)
        let (after, _) = character(tokens, resume, count)
        guard after == .letter || after == .digit else { return nil }
        switch sign {
        case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): return resume
        case UInt8(ascii: "'"), UInt8(ascii: "&"): return before == .letter && after == .letter ? resume : nil
        case UInt8(ascii: ","): return before == .digit && isGroupOfThree(tokens, resume) ? resume : nil
        default: return nil
        }
    }

    /// Whether exactly three digits stand at `at`, as in 1,000.
    private func isGroupOfThree(_ tokens: borrowing TokenBuffer, _ at: Int) -> Bool {
        let p = tokens.text.base
        guard at &+ 3 <= tokens.textLength else { return false }
        for i in at..<at &+ 3 where p[i] &- 0x30 >= 10 { return false }
        return character(tokens, at &+ 3, tokens.textLength).0 != .digit
    }

    /// Whether a part is what English appends with an apostrophe: 's, 't, 'd, 'm, 'll, 're, 've.
    private func isEnclitic(_ tokens: borrowing TokenBuffer, _ part: WordPart) -> Bool {
        let p = tokens.text.base
        let before = p[part.start &- 1]
        // The last byte of ’ is 0x99; no other connection ends with it.
        guard before == UInt8(ascii: "'") || before == 0x99 else { return false }
        switch part.end &- part.start {
        case 1: return "stdm".utf8.contains(p[part.start])
        case 2:
            let (a, b) = (p[part.start], p[part.start &+ 1])
            return a == b && a == UInt8(ascii: "l") || b == UInt8(ascii: "e") && "rv".utf8.contains(a)
        default: return false
        }
    }

    /// Appends the parts as one word, at the position of the first.
    private func appendJoined(_ tokens: inout TokenBuffer, _ place: UInt32, _ places: Int) {
        let count = tokens.parts.count
        let first = tokens.parts[0].start
        let last = tokens.parts[count - 1].end
        guard count <= Self.mostJoinedParts, last &- first <= Self.longestTerm else { return }
        let begin = tokens.text.count
        tokens.text.reserve(last - first + 8)
        var isGapless = true
        for number in 0..<count {
            let part = tokens.parts[number]
            if number > 0, part.start != tokens.parts[number - 1].end { isGapless = false }
        }
        if isGapless {
            tokens.append(from: first, to: last, position: place, span: places, kind: .joined)
            return
        }
        for number in 0..<count {
            let part = tokens.parts[number]
            tokens.text.append(from: tokens.text.base + part.start, count: part.end - part.start)
        }
        tokens.appendDerived(from: begin, for: first..<last, position: place, span: places, kind: .joined)
    }

    /// Appends the last part again together with a symbol that belongs to it; answers where that ends.
    private func symbol(_ tokens: inout TokenBuffer, _ end: Int, _ place: UInt32) -> Int {
        let p = tokens.text.base
        let count = tokens.textLength
        let part = tokens.parts[tokens.parts.count - 1]
        guard !part.isNumber, part.end &- part.start < 64 else { return end }
        func byte(_ i: Int) -> UInt8 { i < count ? p[i] : 0 }
        var begin = part.start
        var stop = end
        if byte(end) == UInt8(ascii: "+"), byte(end &+ 1) == UInt8(ascii: "+"), byte(end &+ 2) != UInt8(ascii: "+"),
            character(tokens, end &+ 2, count).0 != .letter
        {
            stop = end &+ 2
        } else if byte(end) == UInt8(ascii: "#") {
            let next = character(tokens, end &+ 1, count).0
            let isKeycap = Emoji.keycap(p, from: end, count) != nil
            if next != .letter, next != .digit, byte(end &+ 1) != UInt8(ascii: "#"), !isKeycap { stop = end &+ 1 }
        } else if part.end &- part.start == 3, part.start > 0, p[part.start &- 1] == UInt8(ascii: "."),
            part.start < 2 || p[part.start &- 2] != UInt8(ascii: "."), p[part.start] == UInt8(ascii: "n"),
            p[part.start &+ 1] == UInt8(ascii: "e"), p[part.start &+ 2] == UInt8(ascii: "t")
        {
            begin = part.start &- 1
        }
        if begin < part.start || stop > end {
            tokens.append(from: begin, to: stop, position: place, kind: .symbol)
        }
        return stop
    }
}
