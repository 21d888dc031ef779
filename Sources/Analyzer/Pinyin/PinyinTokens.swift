extension TokenBuffer {
    /// Appends tokens of the pinyin of Chinese characters: the syllable of each character with that of the next
    /// (`yin'hang`), and the syllable alone of a character without a neighbor; with `initials`, the first letters of
    /// the two (`yh`).
    ///
    /// ```
    /// 看《紅樓夢》吧     kan 0 · hong'lou 2 · lou'meng 3 · ba 6
    /// 长谷               chang'gu 0 · zhang'gu 0, as 长 has two common readings and no word decides
    /// ```
    ///
    /// Words decide between readings; where none does, there is a token for every pair of common readings. Each
    /// character has a position, and so has the gap after each run. Complexity: O(bytes).
    mutating func makePinyin(_ classes: CharacterClasses, initials: Bool) {
        let table = PinyinReadings.shared
        var position: UInt32 = 0
        var i = 0
        while i < textLength {
            readCharacters(table, &i)
            if spoken.count == 0 { continue }
            decideReadings(table)
            for index in 0..<spoken.count {
                if index + 1 < spoken.count {
                    appendPairs(table, index, position, initials)
                } else if spoken.count == 1, !initials {
                    appendSyllables(table, position)
                }
                position += 1
            }
            // A phrase must not match across the text between two runs.
            position += 1
        }
        endPosition = position
    }

    /// Fills `spoken` with the next run of characters that have readings, from offset `i` on, and advances `i` past the
    /// run and the character that ends it.
    private mutating func readCharacters(_ table: PinyinReadings, _ i: inout Int) {
        spoken.removeAll()
        while i < textLength {
            guard text.base[i] >= 0x80 else {
                i += 1
                return
            }
            let (scalar, length) = decodeScalar(text.base + i)
            i += length
            guard let readings = table.readings(of: scalar) else { return }
            spoken.append(
                SpokenCharacter(
                    scalar: scalar, start: i - length, end: i, first: readings.first, common: readings.common,
                    count: readings.count))
        }
    }

    /// Narrows the readings of the characters in `spoken` to those that known words decide on, by greedy longest match
    /// from left to right, and to the common ones elsewhere.
    private mutating func decideReadings(_ table: PinyinReadings) {
        var index = 0
        while index < spoken.count {
            var size = spoken.count - index
            if size > 1 { size = min(size, table.longestWord(spoken[index].scalar, spoken[index + 1].scalar)) }
            while size > 1 {
                let start = spoken[index].start
                if let packed = table.word(text.base + start, spoken[index + size - 1].end - start) {
                    for i in 0..<size { decide(index + i, Int(packed >> UInt32(i * 3) & 7)) }
                    break
                }
                size -= 1
            }
            if size <= 1 {
                spoken[index].count = spoken[index].common
                size = 1
            }
            index += size
        }
    }

    /// Narrows the readings of a character to one of them, by its index among them.
    private mutating func decide(_ index: Int, _ reading: Int) {
        guard reading < spoken[index].count else { return }
        spoken[index].first += reading
        spoken[index].count = 1
    }

    /// Appends a token for each combination of the readings of a character and of the next one.
    private mutating func appendPairs(_ table: PinyinReadings, _ index: Int, _ position: UInt32, _ initials: Bool) {
        let (a, b) = (spoken[index], spoken[index + 1])
        let firstToken = count
        for first in a.first..<a.first + a.count {
            for second in b.first..<b.first + b.count {
                let begin = text.count
                if initials {
                    text.append(table.initial(first))
                    text.append(table.initial(second))
                    // Several readings may have the same initials, which make one token.
                    if (firstToken..<count).contains(where: { term($0).elementsEqual(text.elements[begin...]) }) {
                        text.count = begin
                        continue
                    }
                } else {
                    appendSyllable(table, first)
                    text.append(UInt8(ascii: "'"))
                    appendSyllable(table, second)
                }
                appendDerived(
                    from: begin, for: a.start..<b.end, position: position, span: 2,
                    kind: initials ? .initials : .pinyin)
            }
        }
    }

    /// Appends the bytes of the syllable of a reading to the text.
    private mutating func appendSyllable(_ table: PinyinReadings, _ reading: Int) {
        table.withSyllable(reading) { letters in
            if let first = letters.baseAddress { text.append(from: first, count: letters.count) }
        }
    }

    /// Appends a token for each reading of the only character of a run.
    private mutating func appendSyllables(_ table: PinyinReadings, _ position: UInt32) {
        let character = spoken[0]
        for reading in character.first..<character.first + character.count {
            let begin = text.count
            appendSyllable(table, reading)
            appendDerived(from: begin, for: character.start..<character.end, position: position, kind: .pinyin)
        }
    }
}
