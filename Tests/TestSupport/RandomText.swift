/// The characters that random text is made of.
package enum Alphabet: CaseIterable, Sendable {
    /// Lower-case ASCII words.
    case ascii
    /// Runs of Han characters and kana.
    case cjk
    /// Both, with capitals, digits and punctuation between them.
    case mixed
    /// Accents in both normal forms, full-width forms, ligatures, Hangul, emoji and right-to-left scripts.
    case marks
}

/// A generator of text whose word frequencies are skewed as in real text: a few words are everywhere, most are rare.
package struct RandomText: Sendable {
    private let alphabet: Alphabet
    private let words: [String]
    private static let han = Array("的一是不了人我在有他这中大来上国书学红楼梦豈更車金喇龍あいうカタナ々〇𠀀𪚥")
    private static let oddities = [
        "café", "cafe\u{301}", "Straße", "STRASSE", "ﬁn", "ＡＢＣ１２", "한국어", "각", "שלום", "سلام", "नमस्ते", "ไทย",
        "🎉", "👩‍👩‍👧", "🇨🇳", "e\u{301}\u{327}", "ǅ", "İstanbul", "x\u{200B}y", "™", "ﾊﾝｶｸ", "豈\u{F900}", "Ⅷ", "½",
        "か\u{3099}", "が", "\u{FFFD}", "ſ", "µ",
    ]

    /// A generator with a vocabulary of `vocabulary` words of an alphabet.
    package init(_ alphabet: Alphabet, vocabulary: Int, using random: inout SplitMix64) {
        self.alphabet = alphabet
        words = (0..<vocabulary).map { _ in Self.word(alphabet, &random) }
    }

    private static func word(_ alphabet: Alphabet, _ random: inout SplitMix64) -> String {
        switch alphabet {
        case .ascii: return asciiWord(&random)
        case .cjk: return String((0...random.skewed(below: 7)).map { _ in random.pick(han) })
        case .marks: return random.pick(oddities) + (random.chance(30) ? asciiWord(&random) : "")
        case .mixed:
            switch random.below(4) {
            case 0: return String((0...random.skewed(below: 5)).map { _ in random.pick(han) })
            case 1: return asciiWord(&random).uppercased() + String(random.below(100))
            case 2:
                return asciiWord(&random) + random.pick(["-", ", ", "'s ", ".", "/", "\u{A0}"]) + asciiWord(&random)
            default: return random.pick(oddities)
            }
        }
    }

    private static func asciiWord(_ random: inout SplitMix64) -> String {
        // A third of the words share a prefix of eight bytes or more, to test front coding and prefix keys.
        let stem = random.chance(33) ? random.pick(["commonprefix", "commonprefixes", "abcdefgh"]) : ""
        return stem + String((0...random.below(6)).map { _ in random.pick(Array("abcdefghijklmnop")) })
    }

    /// A text of `count` words.
    package func text(_ count: Int, using random: inout SplitMix64) -> String {
        (0..<count).map { _ in words[random.skewed(below: words.count)] }.joined(separator: " ")
    }
}
