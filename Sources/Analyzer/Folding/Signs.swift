/// A sequence that is kept from folding: a trademark sign, which it would turn into letters, or an emoji, whose joiners
/// it would remove.
///
/// Shape: `start ..< end` are byte offsets in the text.
struct Sign {
    var start: Int
    var end: Int
    var isEmoji: Bool
}

/// Returns the first sign of valid UTF-8 at or after the offset `from`; nil when there is none. `count` is the length
/// of the text in bytes. Complexity: O(bytes).
func nextSign(_ p: UnsafePointer<UInt8>, from: Int, _ count: Int) -> Sign? {
    var i = from
    while i < count {
        let first = p[i]
        if first < 0x80 {
            // A digit, # or * may begin a keycap: only if U+20E3 or a variation selector follows.
            if i &+ 3 < count, p[i &+ 1] == 0xE2 || p[i &+ 1] == 0xEF, let end = Emoji.keycap(p, from: i, count) {
                return Sign(start: i, end: end, isEmoji: true)
            }
            i &+= 1
            continue
        }
        // Signs are U+00AE, in U+2000...U+2FFF, or beyond the basic plane: none begins with one of these bytes.
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
