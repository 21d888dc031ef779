/// A sign that folding must not see: a trademark sign, which it would make letters of, or an emoji, whose joiners it
/// would drop.
struct Sign {
    var start: Int
    var end: Int
    var isEmoji: Bool
}

/// The first sign of valid UTF-8 at or behind `from`; nil when there is none. Complexity: O(bytes).
func nextSign(_ p: UnsafePointer<UInt8>, from: Int, _ count: Int) -> Sign? {
    var i = from
    while i < count {
        let first = p[i]
        if first < 0x80 {
            // A digit, # or * may begin a keycap; what follows it tells.
            if i &+ 3 < count, p[i &+ 1] == 0xE2 || p[i &+ 1] == 0xEF,
                let end = Emoji.keycap(p, from: i, count)
            {
                return Sign(start: i, end: end, isEmoji: true)
            }
            i &+= 1
            continue
        }
        // No sign begins with another byte: U+00AE, U+2000 to U+2FFF, and beyond the basic plane.
        if first > 0xE2, first < 0xF0 {
            i &+= 3
            continue
        }
        let (scalar, length) = decodeScalar(p + i)
        // ® ™ ℠
        if scalar == 0xAE || scalar == 0x2122 || scalar == 0x2120 {
            return Sign(start: i, end: i &+ length, isEmoji: false)
        }
        if Emoji.mayBegin(scalar), let end = Emoji.sequence(p, from: i, count) {
            return Sign(start: i, end: end, isEmoji: true)
        }
        i &+= length
    }
    return nil
}
