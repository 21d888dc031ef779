/// Recognition of ISBNs, which become one token of 13 digits however they are written.
extension Segmenter {
    /// Recognizes an ISBN at `begin`, appends its token and returns its end; nil when there is none.
    ///
    /// ```
    /// 978-7-115-42802-8   978 7 115 42802 8   9787115428028   7115428026   7-115-42802-6   →   9787115428028
    /// 0-8044-2957-X   080442957x                                                           →   9780804429573
    /// 9787115428029   (an invalid check digit: a number like any other)
    /// ```
    ///
    /// An ISBN has 10 or 13 digits, in one run or in groups separated by single hyphens or blanks, and a valid check
    /// digit. As groups of digits could be anything, 13 digits must begin with 978 or 979, and 10 digits must be in
    /// four groups or in one run. The longest match wins. `position` is advanced by 1. Complexity: O(1), at most 13
    /// digits.
    func bookNumber(_ tokens: inout TokenBuffer, from begin: Int, _ position: inout UInt32) -> Int? {
        let p = tokens.text.base
        let count = tokens.textLength
        guard p[begin] &- 0x30 < 10 else { return nil }
        var digits: (value: UInt64, count: Int) = (0, 0)
        var checkIsX = false
        var groups = 1
        var i = begin
        var isbn: (end: Int, value: UInt64)?
        while i < count, digits.count < 13 {
            let byte = p[i]
            if byte &- 0x30 < 10 {
                digits = (digits.value &* 10 &+ UInt64(byte &- 0x30), digits.count &+ 1)
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
                if let value = Self.isbn13(ten: digits.value, checkIsX) { isbn = (i, value) }
            } else if digits.count == 13, Self.isISBN13(digits.value) {
                isbn = (i, digits.value)
            }
            if checkIsX { break }
        }
        guard let (end, value) = isbn else { return nil }
        appendDigits(&tokens, value, for: begin..<end, position)
        position &+= 1
        return end
    }

    /// Recognizes the letters `isbn` directly before a digit or hyphen, appends them as a word of their own and returns
    /// their end; nil when they are not there.
    func bookPrefix(_ tokens: inout TokenBuffer, from begin: Int, _ position: inout UInt32) -> Int? {
        let p = tokens.text.base + begin
        guard begin &+ 4 < tokens.textLength, p[0] == UInt8(ascii: "i"), p[1] == UInt8(ascii: "s"),
            p[2] == UInt8(ascii: "b"), p[3] == UInt8(ascii: "n"), p[4] &- 0x30 < 10 || p[4] == UInt8(ascii: "-")
        else { return nil }
        tokens.append(from: begin, to: begin &+ 4, position: position, kind: .word)
        position &+= 1
        return begin &+ 4
    }

    /// True if a number may end at `i`: no letter, digit, or further group of digits follows.
    private func endsNumber(_ tokens: borrowing TokenBuffer, _ i: Int) -> Bool {
        let count = tokens.textLength
        let (next, _) = character(tokens, i, count)
        if next == .letter || next == .digit { return false }
        return i &+ 1 >= count || tokens.text.base[i] != UInt8(ascii: "-") || tokens.text.base[i &+ 1] &- 0x30 >= 10
    }

    /// Appends the token of an ISBN with 13 digits; its term is the text of `range` itself where that has these digits.
    private func appendDigits(_ tokens: inout TokenBuffer, _ isbn: UInt64, for range: Range<Int>, _ position: UInt32) {
        if range.count == 13, !tokens.text.elements[range].contains(where: { $0 &- 0x30 >= 10 }) {
            return tokens.append(from: range.lowerBound, to: range.upperBound, position: position, kind: .isbn)
        }
        let begin = tokens.text.count
        tokens.text.append(repeating: 0, count: 13)
        var remaining = isbn
        for i in (0..<13).reversed() {
            tokens.text[begin + i] = UInt8(0x30 + remaining % 10)
            remaining /= 10
        }
        tokens.appendDerived(from: begin, for: range, position: position, kind: .isbn)
    }

    /// True if a number of 13 digits is an ISBN with a valid check digit (weights 1 and 3, modulo 10).
    static func isISBN13(_ number: UInt64) -> Bool {
        let prefix = number / 10_000_000_000
        return (prefix == 978 || prefix == 979) && checkDigit(number / 10) == number % 10
    }

    /// Converts an ISBN of 10 digits to the one of 13; nil when its checksum (weights 10 to 1, modulo 11) is wrong.
    ///
    /// Shape: `ten` has all ten digits, or the first nine if the check digit is an X.
    static func isbn13(ten: UInt64, _ checkIsX: Bool) -> UInt64? {
        let body = checkIsX ? ten : ten / 10
        var sum = checkIsX ? 10 : ten % 10
        var remaining = body
        for weight in 2...10 as ClosedRange<UInt64> {
            sum += remaining % 10 * weight
            remaining /= 10
        }
        guard sum % 11 == 0, body > 0 else { return nil }
        let twelve = 978_000_000_000 + body
        return twelve * 10 + checkDigit(twelve)
    }

    /// Returns the check digit of the first twelve digits of an ISBN.
    private static func checkDigit(_ twelve: UInt64) -> UInt64 {
        var sum: UInt64 = 0
        var remaining = twelve
        for i in 0..<12 {
            sum += remaining % 10 * (i % 2 == 0 ? 3 : 1)
            remaining /= 10
        }
        return (10 - sum % 10) % 10
    }
}
