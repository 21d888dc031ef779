/// The scripts of texts, counted to choose an analyzer.
struct ScriptStatistics: Sendable {
    /// The number of Latin letters.
    var latin = 0
    /// The number of letters, ideographs and syllables of all scripts.
    var letters = 0
    /// The number of words of Latin letters.
    var words = 0
    /// The number of these that are English and no other language's common words.
    var stopWords = 0
    /// The number of texts with letters.
    var texts = 0
    /// The number of texts with Han characters and without kana.
    var hanTexts = 0
    /// The number of texts with kana.
    var kanaTexts = 0

    /// The number of characters of a text that are counted at most: the beginning tells its language.
    private static let maxScalars = 1000
    /// Frequent English words that are rare in other languages.
    private static let english: Set<String> = [
        "the", "and", "of", "with", "for", "from", "this", "that", "by", "your", "how",
    ]

    /// Counts a text.
    mutating func add(_ text: String) {
        var hasLetters = false
        var hasHan = false
        var hasKana = false
        var word = ""
        for scalar in text.unicodeScalars.prefix(Self.maxScalars) {
            switch scalar.value {
            case 0x41...0x5A, 0x61...0x7A, 0xC0...0x24F:
                latin += 1
                if word.utf8.count < 16 { word.unicodeScalars.append(scalar) }
                hasLetters = true
                letters += 1
                continue
            case 0x3041...0x3096, 0x30A1...0x30FA, 0xFF66...0xFF9D:
                hasKana = true
                letters += 1
            case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x3FFFF:
                hasHan = true
                letters += 1
            default:
                if scalar.value > 0x24F, scalar.properties.isAlphabetic {
                    hasLetters = true
                    letters += 1
                }
            }
            end(&word)
        }
        end(&word)
        if hasLetters || hasHan || hasKana { texts += 1 }
        if hasKana { kanaTexts += 1 } else if hasHan { hanTexts += 1 }
    }

    /// Counts a word, and empties it.
    private mutating func end(_ word: inout String) {
        if word.isEmpty { return }
        words += 1
        if Self.english.contains(word.lowercased()) { stopWords += 1 }
        word = ""
    }

    /// Adds the counts of other texts.
    mutating func add(_ other: ScriptStatistics) {
        latin += other.latin
        letters += other.letters
        words += other.words
        stopWords += other.stopWords
        texts += other.texts
        hanTexts += other.hanTexts
        kanaTexts += other.kanaTexts
    }

    /// The name of the analyzer that fits the texts of a catalog: `japanese` when most are CJK and an eighth of these
    /// have kana (names and headings often have none); `english` for Latin text of which a fiftieth are frequent
    /// English words, and for Chinese mixed with Latin letters, of which it makes pairs of characters as `default`
    /// does; otherwise `default`.
    var analyzer: String {
        let cjkTexts = hanTexts + kanaTexts
        if kanaTexts > 0, cjkTexts * 2 >= texts, kanaTexts * 8 >= cjkTexts { return "japanese" }
        if latin * 2 >= letters, stopWords * 50 >= words, stopWords > 0 { return "english" }
        return hanTexts > 0 && latin * 100 >= letters ? "english" : "default"
    }

    /// True if one member's texts are Japanese, whatever the others are: most are CJK, and half of these have kana.
    var isJapanese: Bool {
        let cjkTexts = hanTexts + kanaTexts
        return kanaTexts > 0 && cjkTexts * 2 >= texts && kanaTexts * 2 >= cjkTexts
    }

    /// True if single characters are worth a field: a fiftieth of the texts is Chinese or Japanese.
    var hasCharacters: Bool { hanTexts + kanaTexts > 0 && (hanTexts + kanaTexts) * 50 >= texts }

    /// True if pinyin is worth a field: a fiftieth of the texts is Chinese.
    var hasPinyin: Bool { hanTexts > 0 && hanTexts * 50 >= texts }
}
