import CICU
import Kernels

extension Segmenter {
    /// Fills `tokens.breaks` with where the words of a stretch end, relative to its beginning.
    ///
    /// ICU takes at most so many bytes at a time that its dictionaries' work stays proportional to the text.
    func breakWords(_ tokens: inout TokenBuffer, from: Int, to: Int) {
        tokens.breaks.removeAll()
        var begin = from
        while begin < to {
            var end = min(begin + Self.longestBreak, to)
            while end < to, tokens.text.base[end] & 0xC0 == 0x80 { end -= 1 }
            breakPiece(&tokens, from: begin, to: end, offset: begin - from)
            begin = end
        }
    }

    private static let longestBreak = 4096

    private func breakPiece(_ tokens: inout TokenBuffer, from: Int, to: Int, offset: Int) {
        let known = tokens.breaks.count
        while true {
            let room = tokens.breaks.capacity - known
            let pieces = UnsafeRawPointer(tokens.text.base + from).withMemoryRebound(
                to: CChar.self, capacity: to - from
            ) {
                quire_break_words($0, Int32(to - from), tokens.breaks.base + known, Int32(room))
            }
            precondition(pieces >= 0, "ICU's word-breaking data is missing; reinstall the ICU library")
            if Int(pieces) <= room {
                for i in known..<known + Int(pieces) { tokens.breaks.base[i] += Int32(offset) }
                tokens.breaks.count = known + Int(pieces)
                return
            }
            tokens.breaks.reserve(Int(pieces))
        }
    }
}
