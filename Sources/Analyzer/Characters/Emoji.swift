/// Emoji sequences: pictographs with their modifiers and joined pictographs, flags, keycaps.
///
/// Source: Unicode Technical Standard 51, "Unicode Emoji", section 1.4.9 (a superset of its `possible_emoji`).
enum Emoji {
    /// Whether a sequence may begin with the character, by its block alone.
    @inline(__always)
    static func mayBegin(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x2190...0x21FF, 0x2300...0x23FF, 0x25A0...0x27BF, 0x2900...0x297F, 0x2B00...0x2BFF: true
        case 0x1F000...0x1F0FF, 0x1F10D...0x1FAFF: true
        default: false
        }
    }

    /// The end of the sequence that begins at `from` with a character of `mayBegin`; nil when it is none.
    static func sequence(_ p: UnsafePointer<UInt8>, from: Int, _ count: Int) -> Int? {
        let (first, length) = decodeScalar(p + from)
        var end = from + length
        if isRegionalIndicator(first) {
            guard let (second, more) = scalar(p, end, count), isRegionalIndicator(second) else { return nil }
            return end + more
        }
        guard isPictograph(first) else { return nil }
        while true {
            while let (next, more) = scalar(p, end, count), extends(next) { end += more }
            // A joiner counts only with a pictograph behind it.
            guard let (joiner, more) = scalar(p, end, count), joiner == 0x200D,
                let (next, length) = scalar(p, end + more, count), isPictograph(next)
            else { return end }
            end += more + length
        }
    }

    /// The end of a keycap (1️⃣) that begins at `from`.
    static func keycap(_ p: UnsafePointer<UInt8>, from: Int, _ count: Int) -> Int? {
        guard (0x30...0x39).contains(p[from]) || p[from] == 0x23 || p[from] == 0x2A else { return nil }
        var end = from + 1
        if let (next, more) = scalar(p, end, count), isVariationSelector(next) { end += more }
        guard let (next, more) = scalar(p, end, count), next == 0x20E3 else { return nil }
        return end + more
    }

    /// Whether the character only chooses between the coloured and the plain picture.
    static func isVariationSelector(_ scalar: UInt32) -> Bool { scalar == 0xFE0F || scalar == 0xFE0E }

    /// Whether the character only changes how a pictograph looks: its variation selectors and skin tones.
    static func isVariation(_ scalar: UInt32) -> Bool {
        isVariationSelector(scalar) || (0x1F3FB...0x1F3FF).contains(scalar)
    }

    /// Pictographs that folding would turn into letters (Ⓜ, ㊗, 🈁) are text.
    private static func isPictograph(_ scalar: UInt32) -> Bool {
        CharacterClasses.shared[scalar] == .pictograph && !(0x1F100...0x1F2FF).contains(scalar)
    }

    private static func isRegionalIndicator(_ scalar: UInt32) -> Bool { (0x1F1E6...0x1F1FF).contains(scalar) }

    /// Variation selectors, skin tones, tags of subdivision flags.
    private static func extends(_ scalar: UInt32) -> Bool {
        isVariation(scalar) || (0xE0020...0xE007F).contains(scalar)
    }

    private static func scalar(_ p: UnsafePointer<UInt8>, _ at: Int, _ count: Int) -> (UInt32, Int)? {
        guard at < count else { return nil }
        return p[at] < 0x80 ? (UInt32(p[at]), 1) : decodeScalar(p + at)
    }
}
