/// A volume that a query names after a series: 盗墓笔记 3, 盗墓笔记第三册, 盗墓笔记（三）, Dune vol. 3.
///
/// ```swift
/// let mention = VolumeMention("盗墓笔记 第三册")
/// mention?.series   // "盗墓笔记"
/// mention?.number   // 3
/// ```
struct VolumeMention: Equatable {
    /// The text before the volume.
    let series: String
    /// The number of the volume.
    let number: Int
    /// The range of the volume with the words and signs around its number, in bytes of the query.
    let range: Range<Int>

    /// The characters after the number of a volume, and before it.
    private static let units = Set("册冊卷部集辑輯季本回")
    private static let prefixes = Set("卷第部册之")
    /// The words before the number of a volume.
    private static let words: Set<String> = ["vol", "volume", "book", "part", "no", "number", "v", "band", "tome"]
    private static let brackets = Set("（）()【】[]〔〕「」#＃.．,，:：·・•-—")

    /// The last volume that a query names; nil if it names none.
    ///
    /// A Chinese numeral is a volume after 第 or 卷, in brackets or after a blank, and at the end of a word of at least
    /// two characters; a number or a Roman numeral after any text. Complexity: O(characters).
    init?(_ query: String) {
        let characters = Array(query)
        guard let firstLetter = characters.firstIndex(where: \.isLetter) else { return nil }
        var offsets = [0]
        for character in characters { offsets.append(offsets[offsets.count - 1] + character.utf8.count) }
        var end = characters.count
        while end > 0 {
            guard let numeral = Self.lastNumeral(characters, before: end), numeral.range.lowerBound > firstLetter
            else { return nil }
            let text = String(characters[numeral.range])
            if let number = Numeral.value(of: text), let range = Self.extended(numeral, in: characters),
                range.lowerBound > firstLetter
            {
                series = String(characters[..<range.lowerBound]).trimmed
                self.number = number
                self.range = offsets[range.lowerBound]..<offsets[range.upperBound]
                return
            }
            end = numeral.range.lowerBound
        }
        return nil
    }

    /// A run of characters that may be a numeral.
    private struct Run {
        enum Kind { case number, chinese, roman }
        var range: Range<Int>
        var kind: Kind
    }

    private static func kind(_ character: Character) -> Run.Kind? {
        if Numeral.isDigit(character) { return .number }
        if Numeral.isChinese(character) { return .chinese }
        if character.unicodeScalars.first.map({ 0x2160...0x216B ~= $0.value }) ?? false { return .roman }
        return "IVXivx".contains(character) ? .roman : nil
    }

    /// The last run of characters of one kind that ends at or before `end`.
    private static func lastNumeral(_ characters: [Character], before end: Int) -> Run? {
        var last = end
        while last > 0 {
            guard let kind = kind(characters[last - 1]) else {
                last -= 1
                continue
            }
            var first = last - 1
            while first > 0, self.kind(characters[first - 1]) == kind { first -= 1 }
            return Run(range: first..<last, kind: kind)
        }
        return nil
    }

    /// The Latin word that ends at an index, in lower case.
    private static func word(_ characters: [Character], before end: Int) -> String {
        var first = end
        while first > 0, characters[first - 1].isASCII, characters[first - 1].isLetter { first -= 1 }
        return String(characters[first..<end]).lowercased()
    }

    /// The range of a numeral with the words and signs around it; nil if these do not make it a volume.
    private static func extended(_ run: Run, in characters: [Character]) -> Range<Int>? {
        var first = run.range.lowerBound
        var last = run.range.upperBound
        func isLetter(_ index: Int) -> Bool {
            characters.indices.contains(index) && characters[index].isASCII && characters[index].isLetter
        }
        func isDigit(_ index: Int) -> Bool { characters.indices.contains(index) && Numeral.isDigit(characters[index]) }
        if run.kind != .chinese, isLetter(last) || isDigit(last) { return nil }
        var isMarked = false
        if last < characters.count, units.contains(characters[last]) {
            last += 1
            isMarked = true
        }
        if first > 0, prefixes.contains(characters[first - 1]) {
            first -= 1
            isMarked = true
        }
        if last < characters.count, characters[last].isLetter, run.kind == .chinese || isMarked == false { return nil }
        if isLetter(first - 1) {
            // A letter before: iPhone15 is a name, and a Roman numeral a part of a word.
            guard run.kind == .number, words.contains(Self.word(characters, before: first)) else { return nil }
        } else if !isMarked, run.kind == .chinese, first > 0, characters[first - 1].isLetter {
            // At the end of a word: 盗墓笔记三, but not 张三.
            guard first > 1, characters[first - 2].isLetter, !Numeral.isChinese(characters[first - 1]) else {
                return nil
            }
        }
        // Signs and blanks before, such as a bracket, and a word such as vol.
        func isSign(_ character: Character) -> Bool { brackets.contains(character) || character.isWhitespace }
        var before = first
        while before > 0, isSign(characters[before - 1]) { before -= 1 }
        if run.kind == .roman, !isMarked, before == first, first > 0, run.range.count > 0,
            characters[run.range.lowerBound].isASCII, !characters[first - 1].isLetter
        {
            return nil
        }
        let word = Self.word(characters, before: before)
        if words.contains(word) {
            before -= word.count
            while before > 0, isSign(characters[before - 1]) { before -= 1 }
        }
        while last < characters.count, brackets.contains(characters[last]) { last += 1 }
        return before..<last
    }
}
