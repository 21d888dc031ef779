import CICU

/// The class of a character for the segmenter.
enum CharacterClass: UInt8 {
    /// A character that belongs to no token: a blank, punctuation, a control character, most symbols.
    case separator
    /// A letter or mark of a script that writes blanks between words.
    case letter
    /// A number of any kind.
    case digit
    /// Han, kana and the marks that repeat or lengthen them.
    case ideograph
    /// A Hangul syllable or a conjoining jamo.
    case hangul
    /// A letter or mark of a script that writes no blanks between words: Thai, Lao, Khmer, Burmese.
    case unspaced
    /// A character with which an emoji sequence may begin.
    case pictograph
}

/// A table of the classes of all characters.
///
/// Shape: one byte for each character of the basic plane (64 KB); characters of other planes are classified on access.
/// Immutable, so that all threads may share it. Complexity: O(1).
final class CharacterClasses: Sendable {
    /// The classes for catalogs: letters, digits and marks of any script; Han and kana form one kind of run, Hangul
    /// another.
    static let shared = CharacterClasses(classify: unicodeClass)
    /// The classes for comparisons with other engines: `[a-z0-9]` words and CJK runs, nothing else, on which all
    /// engines agree.
    static let plain = CharacterClasses(classify: plainClass)

    /// The classes of the characters below U+10000.
    private nonisolated(unsafe) let plane: UnsafeMutablePointer<CharacterClass>
    /// The definition of the classes, for all characters.
    private let classify: @Sendable (UInt32) -> CharacterClass

    private init(classify: @escaping @Sendable (UInt32) -> CharacterClass) {
        self.classify = classify
        plane = .allocate(capacity: 0x10000)
        for scalar in 0..<0x10000 { plane[scalar] = classify(UInt32(scalar)) }
    }

    deinit { plane.deallocate() }

    /// The class of the character with a scalar value.
    @inline(__always)
    subscript(scalar: UInt32) -> CharacterClass { scalar < 0x10000 ? plane[Int(scalar)] : classify(scalar) }
}

/// Returns the class of an ASCII character; the same in both tables.
private func asciiClass(_ scalar: UInt32) -> CharacterClass {
    switch scalar {
    case 0x30...0x39: .digit
    case 0x41...0x5A, 0x61...0x7A: .letter
    default: .separator
    }
}

/// Returns the class by the ranges with which the comparison corpora were built (radicals, 々〆〇, kana, the Han of the
/// basic plane). The middle dot ・ between kana separates, as it does in Lucene's `CJKAnalyzer`.
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

/// Returns the class by Unicode's properties. Han of all planes, kana with the long-vowel mark and 々〆〇 are ideographs;
/// the middle dot ・ and the voicing marks are separators.
@Sendable
private func unicodeClass(_ scalar: UInt32) -> CharacterClass {
    switch scalar {
    case 0..<0x80: return asciiClass(scalar)
    case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x3005...0x3007, 0x2E80...0x2EFF, 0xF900...0xFAFF: return .ideograph
    case 0x3041...0x3096, 0x309D...0x309F, 0x30A1...0x30FA, 0x30FC...0x30FF, 0x31F0...0x31FF: return .ideograph
    case 0x20000...0x3FFFF: return .ideograph
    case 0x3099, 0x309A: return .separator
    case 0xAC00...0xD7A3, 0x1100...0x11FF: return .hangul
    // Regional indicators, of which two make a flag, and the frame of a keycap.
    case 0x1F1E6...0x1F1FF, 0x20E3: return .pictograph
    default: break
    }
    switch quire_classify(scalar) {
    case Int32(QUIRE_LETTER): return .letter
    case Int32(QUIRE_DIGIT): return .digit
    case Int32(QUIRE_UNSPACED): return .unspaced
    // © and ®, the punctuation ‼ ⁉ and 〰 〽 are Extended_Pictographic, but separate like other punctuation.
    case Int32(QUIRE_PICTOGRAPH):
        return scalar >= 0x2190 && !(0x3000...0x33FF).contains(scalar) ? .pictograph : .separator
    default: return .separator
    }
}

/// Decodes the character at `p`, which must be the start of a valid UTF-8 sequence beyond ASCII.
///
/// Returns its scalar value and its length in bytes (2...4). Nothing is checked. Complexity: O(1).
@inline(__always)
func decodeScalar(_ p: UnsafePointer<UInt8>) -> (scalar: UInt32, length: Int) {
    let first = UInt32(p[0])
    if first < 0xE0 { return ((first & 0x1F) << 6 | UInt32(p[1] & 0x3F), 2) }
    if first < 0xF0 { return ((first & 0x0F) << 12 | UInt32(p[1] & 0x3F) << 6 | UInt32(p[2] & 0x3F), 3) }
    let high = (first & 0x07) << 18 | UInt32(p[1] & 0x3F) << 12
    return (high | UInt32(p[2] & 0x3F) << 6 | UInt32(p[3] & 0x3F), 4)
}
