import CICU

extension Segmenter {
    /// Fills `tokens.breaks` with the ends of the words in a range of the text, in bytes relative to its start,
    /// ascending.
    ///
    /// The words are those of ICU's dictionaries. A range of more than `maxBreakLength` bytes is cut, at a character
    /// boundary, which keeps the work of the dictionaries proportional to the text. Complexity: O(bytes).
    func breakWords(_ tokens: inout TokenBuffer, from: Int, to: Int) {
        tokens.breaks.removeAll()
        var begin = from
        while begin < to {
            var end = min(begin + Self.maxBreakLength, to)
            while end < to, tokens.text.base[end] & 0xC0 == 0x80 { end -= 1 }
            breakPiece(&tokens, from: begin, to: end, offset: begin - from)
            begin = end
        }
    }

    /// The maximum number of bytes that ICU segments at once.
    private static let maxBreakLength = 4096

    /// Appends the ends of the words in a short range, plus `offset`. Traps when ICU's data is missing.
    private func breakPiece(_ tokens: inout TokenBuffer, from: Int, to: Int, offset: Int) {
        let breakStart = tokens.breaks.count
        while true {
            let room = tokens.breaks.capacity - breakStart
            let pieces = UnsafeRawPointer(tokens.text.base + from).withMemoryRebound(
                to: CChar.self, capacity: to - from
            ) {
                quire_break_words($0, Int32(to - from), tokens.breaks.base + breakStart, Int32(room))
            }
            precondition(pieces >= 0, "ICU's word-breaking data is missing; reinstall the ICU library")
            if Int(pieces) <= room {
                for i in breakStart..<breakStart + Int(pieces) { tokens.breaks.base[i] += Int32(offset) }
                tokens.breaks.count = breakStart + Int(pieces)
                return
            }
            tokens.breaks.reserve(Int(pieces))
        }
    }
}
