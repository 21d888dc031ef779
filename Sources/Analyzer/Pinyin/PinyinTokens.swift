import Kernels

extension TokenBuffer {
    /// Makes tokens of how Chinese characters are read: each character's syllable with the next one's (`yin'hang`), a
    /// character's alone where it has no neighbour; with `initials`, the first letters of the two (`yh`).
    ///
    /// Words decide between readings; where none does, there is a token for every pair of common readings. Complexity:
    /// O(bytes).
    mutating func makePinyin(_ classes: CharacterClasses, initials: Bool) {
        let table = PinyinReadings.shared
        var place: UInt32 = 0
        var i = 0
        while i < textLength {
            readCharacters(table, &i)
            if spoken.count == 0 { continue }
            decideReadings(table)
            for number in 0..<spoken.count {
                if number + 1 < spoken.count {
                    appendPairs(table, number, place, initials)
                } else if spoken.count == 1, !initials {
                    appendSyllables(table, place)
                }
                place += 1
            }
            // A pair must not reach over what stands between two runs.
            place += 1
        }
        endPosition = place
    }

    /// Fills `spoken` with the next run of characters that have readings.
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

    /// Narrows the readings of characters that stand in known words: the longest from each place.
    private mutating func decideReadings(_ table: PinyinReadings) {
        var number = 0
        while number < spoken.count {
            var size = spoken.count - number
            if size > 1 { size = min(size, table.longestWord(spoken[number].scalar, spoken[number + 1].scalar)) }
            while size > 1 {
                let start = spoken[number].start
                if let packed = table.word(text.base + start, spoken[number + size - 1].end - start) {
                    for place in 0..<size { decide(number + place, Int(packed >> UInt32(place * 3) & 7)) }
                    break
                }
                size -= 1
            }
            if size <= 1 {
                spoken[number].count = spoken[number].common
                size = 1
            }
            number += size
        }
    }

    private mutating func decide(_ number: Int, _ reading: Int) {
        guard reading < spoken[number].count else { return }
        spoken[number].first += reading
        spoken[number].count = 1
    }

    private mutating func appendPairs(_ table: PinyinReadings, _ number: Int, _ place: UInt32, _ initials: Bool) {
        let (a, b) = (spoken[number], spoken[number + 1])
        let known = count
        for first in a.first..<a.first + a.count {
            for second in b.first..<b.first + b.count {
                let begin = text.count
                if initials {
                    text.append(table.initial(first))
                    text.append(table.initial(second))
                    // Other readings may begin alike.
                    if (known..<count).contains(where: { term($0).elementsEqual(text.elements[begin...]) }) {
                        text.count = begin
                        continue
                    }
                } else {
                    appendSyllable(table, first)
                    text.append(UInt8(ascii: "'"))
                    appendSyllable(table, second)
                }
                appendDerived(
                    from: begin, for: a.start..<b.end, position: place, span: 2, kind: initials ? .initials : .pinyin)
            }
        }
    }

    private mutating func appendSyllable(_ table: PinyinReadings, _ reading: Int) {
        table.withSyllable(reading) { letters in
            if let first = letters.baseAddress { text.append(from: first, count: letters.count) }
        }
    }

    private mutating func appendSyllables(_ table: PinyinReadings, _ place: UInt32) {
        let one = spoken[0]
        for reading in one.first..<one.first + one.count {
            let begin = text.count
            appendSyllable(table, reading)
            appendDerived(from: begin, for: one.start..<one.end, position: place, kind: .pinyin)
        }
    }
}
