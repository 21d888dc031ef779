/// Whole numbers from 1 to 99 in the writings that volumes have: 3, 03, 三, 叁, Ⅲ, III.
enum Numeral {
    /// The numbers that are recognized.
    static let range = 1...99

    private static let digits = Array("零一二三四五六七八九")
    private static let formal = Array("零壹贰叁肆伍陆柒捌玖")
    /// The values of Chinese digits in all their writings; 10 for ten.
    private static let values: [Character: Int] = {
        var values: [Character: Int] = [
            "十": 10, "拾": 10, "两": 2, "兩": 2, "貳": 2, "參": 3, "叄": 3, "陸": 6, "〇": 0,
        ]
        for value in 0...9 {
            values[digits[value]] = value
            values[formal[value]] = value
        }
        return values
    }()

    /// True for a character of Chinese numerals.
    static func isChinese(_ character: Character) -> Bool { values[character] != nil }

    /// True for a digit or a character that is a Roman numeral by itself (Ⅲ).
    static func isDigit(_ character: Character) -> Bool {
        character.isASCII ? character.isNumber : "０"..."９" ~= character
    }

    /// The number that a numeral stands for; nil if it is none, or not in `range`.
    static func value(of numeral: some StringProtocol) -> Int? {
        guard let first = numeral.first else { return nil }
        let value: Int?
        if isDigit(first) {
            value = numeral.count <= 3 ? Int(String(numeral.compactMap(\.wholeNumberValue).map(String.init).joined())) : nil
            guard numeral.allSatisfy(isDigit) else { return nil }
        } else if isChinese(first) {
            value = chinese(Array(numeral))
        } else {
            value = roman(numeral)
        }
        return value.flatMap { range.contains($0) ? $0 : nil }
    }

    /// The value of a Chinese numeral such as 三, 十二 or 二十; nil if it is none.
    private static func chinese(_ characters: [Character]) -> Int? {
        var digits: [Int] = []
        for character in characters {
            guard let value = values[character] else { return nil }
            digits.append(value)
        }
        switch (digits.count, digits.firstIndex(of: 10)) {
        case (1, _): return digits[0]
        case (2, 0): return 10 + digits[1]
        case (2, 1): return digits[0] * 10
        case (3, 1): return digits[0] * 10 + digits[2]
        default: return nil
        }
    }

    /// The value of a Roman numeral up to 39, as letters of either case or as one character (Ⅲ); nil if it is none.
    private static func roman(_ numeral: some StringProtocol) -> Int? {
        let letters = String(numeral).uppercased()
        if let scalar = letters.unicodeScalars.first, letters.unicodeScalars.count == 1, 0x2160...0x216B ~= scalar.value {
            return Int(scalar.value - 0x215F)
        }
        return (1...39).first { romanLetters($0) == letters }
    }

    /// The Roman numeral of a number up to 39, in capital letters.
    private static func romanLetters(_ number: Int) -> String {
        let ones = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"]
        return String(repeating: "X", count: number / 10) + ones[number % 10]
    }

    /// The Chinese numeral of a number below 100.
    private static func chinese(_ number: Int, _ digits: [Character], ten: Character) -> String {
        var text = ""
        if number >= 20 { text.append(digits[number / 10]) }
        if number >= 10 { text.append(ten) }
        if number % 10 > 0 || number == 0 { text.append(digits[number % 10]) }
        return text
    }

    /// The writings of a number without what may stand around it: 3, 03, iii, 三, 叁.
    static func writings(of number: Int) -> [String] {
        var writings = [String(number)]
        if number < 10 { writings.append("0\(number)") }
        if number < 40 { writings.append(romanLetters(number).lowercased()) }
        return writings + chineseWritings(of: number)
    }

    /// The Chinese writings of a number: 三, 叁.
    static func chineseWritings(of number: Int) -> [String] {
        [chinese(number, digits, ten: "十"), chinese(number, formal, ten: "拾")]
    }
}
