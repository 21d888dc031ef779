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
                    start: i - length, end: i, first: readings.first, common: readings.common, count: readings.count))
        }
    }

    /// Narrows the readings of characters that stand in known words: the longest from each place.
    private mutating func decideReadings(_ table: PinyinReadings) {
        var number = 0
        while number < spoken.count {
            let longest = min(PinyinReadings.longestWord, spoken.count - number)
            var size = longest
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
        var seen: Set<UInt16> = []
        for first in 0..<a.count {
            for second in 0..<b.count {
                let begin = text.count
                let one = table.syllableBytes[Int(table.syllable(a.first + first))]
                let two = table.syllableBytes[Int(table.syllable(b.first + second))]
                if initials {
                    guard seen.insert(UInt16(one[0]) << 8 | UInt16(two[0])).inserted else { continue }
                    text.append(one[0])
                    text.append(two[0])
                } else {
                    for byte in one { text.append(byte) }
                    text.append(UInt8(ascii: "'"))
                    for byte in two { text.append(byte) }
                }
                appendDerived(
                    from: begin, for: a.start..<b.end, position: place, span: 2, kind: initials ? .initials : .pinyin)
            }
        }
    }

    private mutating func appendSyllables(_ table: PinyinReadings, _ place: UInt32) {
        let one = spoken[0]
        for reading in 0..<one.count {
            let begin = text.count
            for byte in table.syllableBytes[Int(table.syllable(one.first + reading))] { text.append(byte) }
            appendDerived(from: begin, for: one.start..<one.end, position: place, kind: .pinyin)
        }
    }
}
