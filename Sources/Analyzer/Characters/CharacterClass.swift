import CICU

/// What a character is to the segmenter.
enum CharacterClass: UInt8 {
    case separator, letter, digit
    /// Han, kana and the marks that repeat or lengthen them.
    case ideograph
    case hangul
    /// A letter of a script that writes no blanks between words.
    case unspaced
    case pictograph
}

/// The class of every character.
///
/// Shape: a byte for each character of the basic plane; the others are looked up when they come.
final class CharacterClasses: Sendable {
    /// For catalogues: letters, digits and marks of any script; Han with kana make one kind of run, Hangul another.
    static let shared = CharacterClasses(classify: unicodeClass)
    /// `[a-z0-9]` words and CJK runs, nothing else: the alphabet all engines agree on in comparisons.
    static let plain = CharacterClasses(classify: plainClass)

    private nonisolated(unsafe) let plane: UnsafeMutablePointer<CharacterClass>
    private let classify: @Sendable (UInt32) -> CharacterClass

    private init(classify: @escaping @Sendable (UInt32) -> CharacterClass) {
        self.classify = classify
        plane = .allocate(capacity: 0x10000)
        for scalar in 0..<0x10000 { plane[scalar] = classify(UInt32(scalar)) }
    }

    deinit { plane.deallocate() }

    /// The class of a character.
    @inline(__always)
    subscript(scalar: UInt32) -> CharacterClass { scalar < 0x10000 ? plane[Int(scalar)] : classify(scalar) }
}

private func asciiClass(_ scalar: UInt32) -> CharacterClass {
    switch scalar {
    case 0x30...0x39: .digit
    case 0x41...0x5A, 0x61...0x7A: .letter
    default: .separator
    }
}

/// The ranges that the comparison corpora were made with (radicals, 々〆〇, kana, the Han of the basic plane). The middle
/// dot ・ between kana separates, as it does in Lucene's `CJKAnalyzer`.
@Sendable
private func plainClass(_ scalar: UInt32) -> CharacterClass {
    switch scalar {
    case 0..<0x80: asciiClass(scalar)
    case 0x30FB: .separator
    case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x3040...0x30FF, 0x3005...0x3007, 0x2E80...0x2EFF, 0xF900...0xFAFF:
        .ideograph
    default: .separator
    }
}

/// Han of all planes, kana with the long-vowel mark, 々〆〇 are ideographs. The middle dot ・ and the voicing marks are not
/// letters.
@Sendable
private func unicodeClass(_ scalar: UInt32) -> CharacterClass {
    switch scalar {
    case 0..<0x80: return asciiClass(scalar)
    case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x3005...0x3007, 0x2E80...0x2EFF, 0xF900...0xFAFF: return .ideograph
    case 0x3041...0x3096, 0x309D...0x309F, 0x30A1...0x30FA, 0x30FC...0x30FF, 0x31F0...0x31FF: return .ideograph
    case 0x20000...0x3FFFF: return .ideograph
    case 0x3099, 0x309A: return .separator
    case 0xAC00...0xD7A3, 0x1100...0x11FF: return .hangul
    // The two halves of a flag; a keycap's frame.
    case 0x1F1E6...0x1F1FF, 0x20E3: return .pictograph
    default: break
    }
    switch quire_classify(scalar) {
    case Int32(QUIRE_LETTER): return .letter
    case Int32(QUIRE_DIGIT): return .digit
    case Int32(QUIRE_UNSPACED): return .unspaced
    // © ® and the punctuation ‼ ⁉ 〰 〽 are no pictures.
    case Int32(QUIRE_PICTOGRAPH):
        return scalar >= 0x2190 && !(0x3000...0x33FF).contains(scalar) ? .pictograph : .separator
    default: return .separator
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
