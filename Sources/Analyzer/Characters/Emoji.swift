/// Recognition of emoji sequences: pictographs with their modifiers and joined pictographs, flags, keycaps.
///
/// All functions read valid UTF-8: `p` is the start of the text, `count` its length in bytes, and offsets are on
/// character boundaries.
/// Source: Unicode Technical Standard 51, "Unicode Emoji", section 1.4.9 (a superset of its `possible_emoji`).
enum Emoji {
    /// True if a sequence may begin with the character, judging by its block alone: a fast check before `sequence`.
    @inline(__always)
    static func mayBegin(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x2190...0x21FF, 0x2300...0x23FF, 0x25A0...0x27BF, 0x2900...0x297F, 0x2B00...0x2BFF: true
        case 0x1F000...0x1F0FF, 0x1F10D...0x1FAFF: true
        default: false
        }
    }

    /// Returns the end of the emoji sequence that begins at `from`, where `mayBegin` holds for the character; nil when
    /// there is no sequence.
    ///
    /// A sequence is a flag of two regional indicators (🇩🇪), or a pictograph with its variation selectors, skin tones
    /// and tags (❤️ 👍🏽), and further ones that U+200D joins to it (👩‍👩‍👧‍👦).
    static func sequence(_ p: UnsafePointer<UInt8>, from: Int, _ count: Int) -> Int? {
        let (first, length) = decodeScalar(p + from)
        var end = from + length
        if isRegionalIndicator(first) {
            guard let (second, secondLength) = scalar(p, end, count), isRegionalIndicator(second) else { return nil }
            return end + secondLength
        }
        guard isPictograph(first) else { return nil }
        while true {
            while let (next, nextLength) = scalar(p, end, count), extends(next) { end += nextLength }
            // A joiner belongs to the sequence only when a pictograph follows it.
            guard let (joiner, joinerLength) = scalar(p, end, count), joiner == 0x200D,
                let (next, nextLength) = scalar(p, end + joinerLength, count), isPictograph(next)
            else { return end }
            end += joinerLength + nextLength
        }
    }

    /// Returns the end of the keycap (1️⃣) that begins at `from`; nil when there is none.
    static func keycap(_ p: UnsafePointer<UInt8>, from: Int, _ count: Int) -> Int? {
        guard (0x30...0x39).contains(p[from]) || p[from] == 0x23 || p[from] == 0x2A else { return nil }
        var end = from + 1
        if let (next, nextLength) = scalar(p, end, count), isVariationSelector(next) { end += nextLength }
        guard let (next, nextLength) = scalar(p, end, count), next == 0x20E3 else { return nil }
        return end + nextLength
    }

    /// True if the character only selects the colored or the monochrome form of a pictograph.
    static func isVariationSelector(_ scalar: UInt32) -> Bool { scalar == 0xFE0F || scalar == 0xFE0E }

    /// True if the character only changes the appearance of a pictograph: a variation selector or a skin tone.
    static func isVariation(_ scalar: UInt32) -> Bool {
        isVariationSelector(scalar) || (0x1F3FB...0x1F3FF).contains(scalar)
    }

    /// True if the character is a pictograph of an emoji. Those that folding turns into letters (Ⓜ, ㊗, 🈁) are text.
    private static func isPictograph(_ scalar: UInt32) -> Bool {
        CharacterClasses.shared[scalar] == .pictograph && !(0x1F100...0x1F2FF).contains(scalar)
    }

    private static func isRegionalIndicator(_ scalar: UInt32) -> Bool { (0x1F1E6...0x1F1FF).contains(scalar) }

    /// True if the character continues the pictograph before it: a variation selector, a skin tone, or a tag of the
    /// flag of a subdivision.
    private static func extends(_ scalar: UInt32) -> Bool {
        isVariation(scalar) || (0xE0020...0xE007F).contains(scalar)
    }

    /// Decodes the character at an offset and its length in bytes; nil at the end of the text.
    private static func scalar(_ p: UnsafePointer<UInt8>, _ offset: Int, _ count: Int) -> (UInt32, Int)? {
        guard offset < count else { return nil }
        return p[offset] < 0x80 ? (UInt32(p[offset]), 1) : decodeScalar(p + offset)
    }
}
