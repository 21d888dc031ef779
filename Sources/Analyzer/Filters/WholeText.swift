extension TokenBuffer {
    /// Replaces the tokens by the whole text as one term: words separated by single blanks, CJK characters by nothing.
    ///
    /// A text with brackets, a dash or a colon gives a second term, of the text outside the brackets and before the
    /// dash or colon: 三体（全三册） is 三体 as well. A form that exceeds `Segmenter.longestTerm` gives no term. All tokens are
    /// at position 0 and stand for the whole text. Complexity: O(bytes).
    ///
    /// ```
    /// Harry  Potter!            harry potter
    /// Node.js: The Book         node js the book · node js
    /// Python编程 第2版          python编程第2版
    /// 三体（全三册）            三体全三册 · 三体
    /// ```
    mutating func makeWhole(_ classes: CharacterClasses) {
        remove { _, _ in true }
        endPosition = 0
        let end = textLength
        guard let first = appendWhole(classes, 0..<end, omitsBrackets: false) else { return }
        endPosition = 1
        append(first, for: 0..<end)
        if let short = appendWhole(classes, 0..<end, omitsBrackets: true), short.count < first.count {
            append(short, for: 0..<end)
        }
    }

    /// Appends a token for a term after the text, unless it is too long; `range` is the folded text it stands for.
    private mutating func append(_ term: Range<Int>, for range: Range<Int>) {
        guard term.count <= Segmenter.longestTerm else { return }
        derived.append(
            DerivedTerm(start: UInt32(term.lowerBound), from: UInt32(range.lowerBound), to: UInt32(range.upperBound)))
        append(from: term.lowerBound, to: term.upperBound, position: 0, kind: .whole)
    }

    /// Appends the characters of a range that are not separators after the text and returns their range there; nil when
    /// there are none.
    ///
    /// With `omitsBrackets`, ends at the first colon or dash after a word, and leaves out the text in brackets.
    private mutating func appendWhole(_ classes: CharacterClasses, _ range: Range<Int>, omitsBrackets: Bool) -> Range<
        Int
    >? {
        let begin = text.count
        text.reserve(range.count * 2 + 8)
        let p = text.base
        var depth = 0
        var i = range.lowerBound
        // True after a separator, and true if the character appended last belongs to a word: words get a blank between.
        var isApart = false
        var wasWord = false
        while i < range.upperBound {
            let (scalar, length) = p[i] < 0x80 ? (UInt32(p[i]), 1) : decodeScalar(p + i)
            let characterClass = classes[scalar]
            if omitsBrackets {
                switch scalar {
                case 0x28, 0x5B, 0x3010, 0x3014, 0x3008: depth += 1
                case 0x29, 0x5D, 0x3011, 0x3015, 0x3009: depth = max(depth - 1, 0)
                case 0x3A, 0x2014, 0x2013: if text.count > begin { i = range.upperBound }
                default: break
                }
                if i == range.upperBound { break }
            }
            if depth == 0, characterClass != .separator {
                let isWord = characterClass == .letter || characterClass == .digit
                if isApart, isWord, wasWord { text.append(0x20) }
                text.append(from: p + i, count: length)
                isApart = false
                wasWord = isWord
            } else {
                isApart = true
            }
            i += length
        }
        return text.count > begin ? begin..<text.count : nil
    }
}
