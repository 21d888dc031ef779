import Kernels

/// ISBNs, however they are written, become one token of 13 digits.
extension Segmenter {
    /// Reads an ISBN at `begin`, with 10 or 13 digits, in one run or in groups with single hyphens or blanks between
    /// them; answers where it ends, or nil when there is none. Checksums must be right.
    ///
    /// Numbers in groups could be anything: with 13 digits they begin with 978 or 979, with 10 there are four groups.
    func bookNumber(_ tokens: inout TokenBuffer, from begin: Int, _ place: inout UInt32) -> Int? {
        let p = tokens.text.base
        let count = tokens.textLength
        guard p[begin] &- 0x30 < 10 else { return nil }
        var digits: (UInt64, count: Int) = (0, 0)
        var checkIsX = false
        var groups = 1
        var i = begin
        var found: (end: Int, digits: UInt64)?
        while i < count, digits.count < 13 {
            let byte = p[i]
            if byte &- 0x30 < 10 {
                digits = (digits.0 &* 10 &+ UInt64(byte &- 0x30), digits.count &+ 1)
            } else if byte == UInt8(ascii: "x"), digits.count == 9 {
                checkIsX = true
                digits.count = 10
            } else if byte == UInt8(ascii: "-") || byte == UInt8(ascii: " "), i > begin, p[i &- 1] &- 0x30 < 10,
                i &+ 1 < count, p[i &+ 1] &- 0x30 < 10 || p[i &+ 1] == UInt8(ascii: "x") && digits.count == 9
            {
                groups &+= 1
                i &+= 1
                continue
            } else {
                break
            }
            i &+= 1
            guard digits.count == 10 || digits.count == 13, endsNumber(tokens, i) else {
                if checkIsX { break }
                continue
            }
            if digits.count == 10, groups == 1 || groups == 4 {
                if let whole = Self.isbn13(ten: digits.0, checkIsX) { found = (i, whole) }
            } else if digits.count == 13, Self.isISBN13(digits.0) {
                found = (i, digits.0)
            }
            if checkIsX { break }
        }
        guard let (end, number) = found else { return nil }
        appendDigits(&tokens, number, for: begin..<end, place)
        place &+= 1
        return end
    }

    /// The word `isbn` right before a digit, which is no part of it; answers where it ends.
    func bookPrefix(_ tokens: inout TokenBuffer, from begin: Int, _ place: inout UInt32) -> Int? {
        let p = tokens.text.base + begin
        guard begin &+ 4 < tokens.textLength, p[0] == UInt8(ascii: "i"), p[1] == UInt8(ascii: "s"),
            p[2] == UInt8(ascii: "b"), p[3] == UInt8(ascii: "n"), p[4] &- 0x30 < 10 || p[4] == UInt8(ascii: "-")
        else { return nil }
        tokens.append(from: begin, to: begin &+ 4, position: place, kind: .word)
        place &+= 1
        return begin &+ 4
    }

    /// Whether no letter or digit, and no further group, follows.
    private func endsNumber(_ tokens: borrowing TokenBuffer, _ i: Int) -> Bool {
        let count = tokens.textLength
        let (next, _) = character(tokens, i, count)
        if next == .letter || next == .digit { return false }
        return i &+ 1 >= count || tokens.text.base[i] != UInt8(ascii: "-") || tokens.text.base[i &+ 1] &- 0x30 >= 10
    }

    private func appendDigits(_ tokens: inout TokenBuffer, _ number: UInt64, for stretch: Range<Int>, _ place: UInt32) {
        if stretch.count == 13,
            !tokens.text.elements[stretch].contains(where: { $0 &- 0x30 >= 10 })
        {
            return tokens.append(from: stretch.lowerBound, to: stretch.upperBound, position: place, kind: .isbn)
        }
        let begin = tokens.text.count
        tokens.text.append(repeating: 0, count: 13)
        var rest = number
        for i in (0..<13).reversed() {
            tokens.text[begin + i] = UInt8(0x30 + rest % 10)
            rest /= 10
        }
        tokens.appendDerived(from: begin, for: stretch, position: place, kind: .isbn)
    }

    /// Whether 13 digits are an ISBN with the right check digit (weights 1 and 3, modulo 10).
    static func isISBN13(_ number: UInt64) -> Bool {
        let prefix = number / 10_000_000_000
        return (prefix == 978 || prefix == 979) && checkDigit(number / 10) == number % 10
    }

    /// The 13 digits of an ISBN with 10, of which the last may be an X; nil when the checksum (weights 10 to 1, modulo
    /// 11) is wrong. `ten` has nine digits if the last is an X.
    static func isbn13(ten: UInt64, _ checkIsX: Bool) -> UInt64? {
        let body = checkIsX ? ten : ten / 10
        var sum = checkIsX ? 10 : ten % 10
        var rest = body
        for weight in 2...10 as ClosedRange<UInt64> {
            sum += rest % 10 * weight
            rest /= 10
        }
        guard sum % 11 == 0, body > 0 else { return nil }
        let twelve = 978_000_000_000 + body
        return twelve * 10 + checkDigit(twelve)
    }

    private static func checkDigit(_ twelve: UInt64) -> UInt64 {
        var sum: UInt64 = 0
        var rest = twelve
        for i in 0..<12 {
            sum += rest % 10 * (i % 2 == 0 ? 3 : 1)
            rest /= 10
        }
        return (10 - sum % 10) % 10
    }
}
