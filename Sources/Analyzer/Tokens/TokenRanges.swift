import CICU
import Kernels

extension TokenBuffer {
    /// Returns the byte range of the original text from which a token was made, on character boundaries; for
    /// highlighting.
    ///
    /// A token that begins or ends inside a range that folding replaced as a whole includes all of that range: both
    /// tokens of ½ cover it. Complexity: O(log edits).
    ///
    /// ```swift
    /// let marked = text.utf8[tokens.sourceRange(of: i)]  // of "Straße" the whole word, although its term is "strasse"
    /// ```
    public func sourceRange(of token: Int) -> Range<Int> {
        sourceRange(ofText: textRange(of: token))
    }

    /// Returns the byte range of the original text from which a range of the folded text was made.
    func sourceRange(ofText range: Range<Int>) -> Range<Int> {
        sourceOffset(range.lowerBound, isEnd: false)..<sourceOffset(range.upperBound, isEnd: true)
    }

    /// Returns the folded text that a token stands for: the word of a stem, and for a joined word everything from its
    /// first to its last part. Valid until the buffer is filled again.
    public func foldedText(of token: Int) -> UnsafeBufferPointer<UInt8> {
        let range = textRange(of: token)
        return UnsafeBufferPointer(start: text.base + range.lowerBound, count: range.count)
    }

    /// Returns the byte range of the folded text that a token stands for, by binary search in `derived` when its term
    /// is not part of the text.
    func textRange(of token: Int) -> Range<Int> {
        let termStart = Int(start[token])
        guard derived.count > 0, termStart >= Int(derived[0].start) else {
            return termStart..<termStart + Int(length[token])
        }
        var low = 0
        var high = derived.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if Int(derived[middle].start) <= termStart { low = middle } else { high = middle - 1 }
        }
        return Int(derived[low].from)..<Int(derived[low].to)
    }

    /// Maps an offset in the folded text, the start or the end of a range, to the original text.
    private func sourceOffset(_ offset: Int, isEnd: Bool) -> Int {
        Self.offset(Self.offset(offset, isEnd: isEnd, before: rewrites), isEnd: isEnd, before: edits)
    }

    /// Maps an offset, the start or the end of a range, to the text before the edits, which are in ascending order.
    ///
    /// Between two edits offsets differ by a constant. Inside an edit a start maps to the start of the replaced range
    /// and an end to its end. Complexity: O(log edits).
    private static func offset(_ offset: Int, isEnd: Bool, before edits: borrowing GrowableBuffer<quire_edit>) -> Int {
        var low = 0
        var high = edits.count
        while low < high {
            let middle = (low + high) / 2
            if Int(edits[middle].target) <= offset { low = middle + 1 } else { high = middle }
        }
        // The end of a range that touches the start of an edit lies before the edit.
        while isEnd, low > 0, Int(edits[low - 1].target) == offset, edits[low - 1].target_length > 0 { low -= 1 }
        guard low > 0 else { return offset }
        let edit = edits[low - 1]
        let targetEnd = Int(edit.target + edit.target_length)
        let sourceEnd = Int(edit.source + edit.source_length)
        if offset >= targetEnd { return sourceEnd + offset - targetEnd }
        return isEnd ? (offset == Int(edit.target) ? Int(edit.source) : sourceEnd) : Int(edit.source)
    }
}
