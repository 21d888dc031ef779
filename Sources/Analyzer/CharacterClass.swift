import CICU

/// What a character is to the segmenter.
enum CharacterClass: UInt8 {
    case separator, word, ideograph, hangul
}

/// Which characters make words, and which make runs that are cut into bigrams.
enum CharacterRules: UInt8, Sendable {
    /// `[a-z0-9]` words and CJK runs, nothing else: the alphabet all engines agree on in comparisons.
    case plain
    /// Letters, digits and marks of any script make words; Han with kana make one kind of run, Hangul another.
    case unicode

    /// The class of a character beyond ASCII.
    func classify(_ scalar: UInt32) -> CharacterClass {
        switch self {
        case .plain:
            return Self.isPlainIdeograph(scalar) ? .ideograph : .separator
        case .unicode:
            if Self.isIdeograph(scalar) { return .ideograph }
            if scalar == 0x3099 || scalar == 0x309A { return .separator }
            if (0xAC00...0xD7A3).contains(scalar) || (0x1100...0x11FF).contains(scalar) { return .hangul }
            return quire_is_word_character(scalar) != 0 ? .word : .separator
        }
    }

    /// The ranges that the comparison corpora were made with (radicals, 々〆〇, kana, the Han of the basic plane). The
    /// middle dot ・ between kana separates, as it does in Lucene's `CJKAnalyzer`.
    private static func isPlainIdeograph(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x30FB: false
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x3040...0x30FF, 0x3005...0x3007, 0x2E80...0x2EFF, 0xF900...0xFAFF: true
        default: false
        }
    }

    /// Han of all planes, kana with the long-vowel mark, 々〆〇. The middle dot ・ and the voicing marks are not letters.
    private static func isIdeograph(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x3005...0x3007, 0x2E80...0x2EFF, 0xF900...0xFAFF: true
        case 0x3041...0x3096, 0x309D...0x309F, 0x30A1...0x30FA, 0x30FC...0x30FF, 0x31F0...0x31FF: true
        case 0x20000...0x3FFFF: true
        default: false
        }
    }
}

/// Reads one character of valid UTF-8 beyond ASCII at `p`: its value and how many bytes it takes (2...4).
@inline(__always)
func decodeScalar(_ p: UnsafePointer<UInt8>) -> (scalar: UInt32, length: Int) {
    let first = UInt32(p[0])
    if first < 0xE0 { return ((first & 0x1F) << 6 | UInt32(p[1] & 0x3F), 2) }
    if first < 0xF0 { return ((first & 0x0F) << 12 | UInt32(p[1] & 0x3F) << 6 | UInt32(p[2] & 0x3F), 3) }
    let high = (first & 0x07) << 18 | UInt32(p[1] & 0x3F) << 12
    return (high | UInt32(p[2] & 0x3F) << 6 | UInt32(p[3] & 0x3F), 4)
}
