import TestSupport

/// Random text of many scripts, with the characters that are difficult for folding and offsets.
struct RandomText {
    var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    /// Ranges of scalars from which characters are drawn; each pool is one kind of text.
    private static let pools: [[ClosedRange<UInt32>]] = [
        [0x61...0x7A], [0x41...0x5A], [0x30...0x39], [0x20...0x2F, 0x3A...0x40, 0x0A...0x0A],
        // Latin with diacritics, Greek, Cyrillic; upper and lower case.
        [0xC0...0xFF, 0x130...0x131, 0x1E00...0x1EFF], [0x370...0x3FF, 0x1F00...0x1FFF], [0x400...0x45F],
        // Combining marks, among them some that reorder or compose.
        [0x300...0x36F, 0x3099...0x309A, 0x20D0...0x20DC, 0x338...0x338],
        // Han, kana, half-width kana, radicals, compatibility ideographs, the supplementary plane.
        [0x4E00...0x4E40, 0x6570...0x6580], [0x3041...0x3096, 0x30A1...0x30FF], [0xFF66...0xFF9F],
        [0x2F00...0x2FD5, 0x2E80...0x2E99, 0xF900...0xFA0D], [0x20BB0...0x20BC0, 0x2F800...0x2F810],
        // Hangul as syllables, conjoining, compatibility and half-width jamo.
        [0xAC00...0xAC40], [0x1100...0x1112, 0x1161...0x1175, 0x11A8...0x11C2], [0x3131...0x318E, 0xFFA1...0xFFDC],
        // Compatibility forms: full width, ligatures, circled, squared words, fractions, superscripts.
        [0xFF01...0xFF5E, 0x3000...0x3000], [0xFB00...0xFB06, 0xFDFA...0xFDFB], [0x2460...0x24FF, 0x3300...0x3357],
        [0xBC...0xBE, 0xB2...0xB3, 0x2120...0x2122, 0x210A...0x2138, 0x1D400...0x1D420],
        // Ignorable and zero-width characters, variation selectors, fillers.
        [0x200B...0x200F, 0xAD...0xAD, 0xFE00...0xFE0F, 0x34F...0x34F, 0x115F...0x1160, 0x3164...0x3164],
        [0x2060...0x2064, 0xFEFF...0xFEFF, 0xE0100...0xE0105, 0x180B...0x180E],
        // Thai, Devanagari, Arabic, Khmer, emoji, musical symbols that decompose.
        [0xE01...0xE3A, 0xE40...0xE4E], [0x900...0x97F], [0x621...0x652], [0x1780...0x17D2],
        [0x1F600...0x1F64F, 0x1F3FB...0x1F3FF, 0x1F1E6...0x1F1FF], [0x1D157...0x1D169],
        // Any character.
        [0x80...0xD7FF, 0xE000...0x2FFFF, 0xE0000...0x10FFFF],
    ]

    /// A random character of a pool.
    private mutating func scalar(_ pool: [ClosedRange<UInt32>]) -> Unicode.Scalar {
        let range = pool[random.below(pool.count)]
        let value = range.lowerBound + UInt32(random.below(range.count))
        return Unicode.Scalar(value) ?? "?"
    }

    /// Text of about `length` characters at most: short sequences from a few pools, so that runs form.
    mutating func next(atMost length: Int) -> [UInt8] {
        var text = String.UnicodeScalarView()
        let minimumCount = random.below(length + 1)
        let palette = (0..<1 + random.below(4)).map { _ in Self.pools[random.below(Self.pools.count)] }
        while text.count < minimumCount {
            let pool = palette[random.below(palette.count)]
            for _ in 0...random.below(4) { text.append(scalar(pool)) }
        }
        return Array(String(text).utf8)
    }

    /// Text of any of the 128 ASCII characters, mostly letters and blanks.
    mutating func nextASCII(atMost length: Int) -> [UInt8] {
        (0..<random.below(length + 1)).map { _ in
            switch random.below(6) {
            case 0: UInt8(random.below(128))
            case 1: 0x20
            case 2, 3: UInt8(0x41 + random.below(26))
            default: UInt8(0x61 + random.below(26))
            }
        }
    }
}
