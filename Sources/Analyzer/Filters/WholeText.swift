import Kernels

extension TokenBuffer {
    /// Replaces the tokens by the whole text as one term: its words with single blanks, its CJK characters without any.
    ///
    /// A text with brackets, or with a dash or colon and more behind it, gives a second term of what stands outside and
    /// before: 三体（全三册） is 三体 as well. Texts longer than a term can be give none.
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

    private mutating func append(_ term: Range<Int>, for stretch: Range<Int>) {
        guard term.count <= Segmenter.longestTerm else { return }
        derived.append(
            DerivedTerm(
                start: UInt32(term.lowerBound), from: UInt32(stretch.lowerBound), to: UInt32(stretch.upperBound)))
        append(from: term.lowerBound, to: term.upperBound, position: 0, kind: .whole)
    }

    /// Appends the letters of a stretch behind the text; nil when it has none.
    private mutating func appendWhole(_ classes: CharacterClasses, _ stretch: Range<Int>, omitsBrackets: Bool) -> Range<
        Int
    >? {
        let begin = text.count
        text.reserve(stretch.count * 2 + 8)
        let p = text.base
        var depth = 0
        var i = stretch.lowerBound
        // Whether a blank is due before the next word, and whether the last character was one of a word.
        var isApart = false
        var wasWord = false
        while i < stretch.upperBound {
            let (scalar, length) = p[i] < 0x80 ? (UInt32(p[i]), 1) : decodeScalar(p + i)
            let what = classes[scalar]
            if omitsBrackets {
                switch scalar {
                case 0x28, 0x5B, 0x3010, 0x3014, 0x3008: depth += 1
                case 0x29, 0x5D, 0x3011, 0x3015, 0x3009: depth = max(depth - 1, 0)
                case 0x3A, 0x2014, 0x2013: if text.count > begin { i = stretch.upperBound }
                default: break
                }
                if i == stretch.upperBound { break }
            }
            if depth == 0, what != .separator {
                let isWord = what == .letter || what == .digit
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
