import CICU
import Kernels

extension TokenBuffer {
    /// Where a token stands in the original text, in bytes.
    ///
    /// A token that begins or ends inside a stretch that folding replaced as a whole takes in all of that stretch.
    /// Complexity: O(log changes).
    public func sourceRange(of token: Int) -> Range<Int> {
        let stretch = textRange(of: token)
        return sourceOffset(stretch.lowerBound, isEnd: false)..<sourceOffset(stretch.upperBound, isEnd: true)
    }

    /// The folded text that a token stands for: of a stem the word, of a joined word all that stands between its ends.
    public func foldedText(of token: Int) -> UnsafeBufferPointer<UInt8> {
        let stretch = textRange(of: token)
        return UnsafeBufferPointer(start: text.base + stretch.lowerBound, count: stretch.count)
    }

    /// The stretch of folded text that a token stands for.
    func textRange(of token: Int) -> Range<Int> {
        let from = Int(start[token])
        guard derived.count > 0, from >= Int(derived[0].start) else { return from..<from + Int(length[token]) }
        var low = 0
        var high = derived.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if Int(derived[middle].start) <= from { low = middle } else { high = middle - 1 }
        }
        return Int(derived[low].from)..<Int(derived[low].to)
    }

    private func sourceOffset(_ offset: Int, isEnd: Bool) -> Int {
        Self.offset(Self.offset(offset, isEnd: isEnd, before: rewrites), isEnd: isEnd, before: edits)
    }

    /// Where an offset was before some changes.
    private static func offset(_ offset: Int, isEnd: Bool, before edits: borrowing GrowableBuffer<quire_edit>) -> Int {
        var low = 0
        var high = edits.count
        while low < high {
            let middle = (low + high) / 2
            if Int(edits[middle].target) <= offset { low = middle + 1 } else { high = middle }
        }
        // An end that touches the beginning of an edit lies before it.
        while isEnd, low > 0, Int(edits[low - 1].target) == offset, edits[low - 1].target_length > 0 { low -= 1 }
        guard low > 0 else { return offset }
        let edit = edits[low - 1]
        let targetEnd = Int(edit.target + edit.target_length)
        let sourceEnd = Int(edit.source + edit.source_length)
        if offset >= targetEnd { return sourceEnd + offset - targetEnd }
        return isEnd ? (offset == Int(edit.target) ? Int(edit.source) : sourceEnd) : Int(edit.source)
    }
}
