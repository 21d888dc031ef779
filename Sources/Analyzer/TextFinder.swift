/// Finds a text inside others as texts are compared: case, width, and traditional or simplified characters do not
/// matter. Not thread-safe; reused for many texts without allocations.
///
/// ```swift
/// var finder = TextFinder("樓")
/// "紅楼梦".utf8.withContiguousStorageIfAvailable { finder.occurs(in: $0) }   // true
/// ```
package struct TextFinder: ~Copyable {
    private let part: [UInt8]
    private var tokens = TokenBuffer()

    /// Prepares to find a text. An empty one is in every text.
    package init(_ part: String) { self.part = Array(TextAnalyzer.standard.folded(part).utf8) }

    /// True if the text is in another one, which must be valid UTF-8. Complexity: O(bytes of both), in most cases.
    package mutating func occurs(in text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = part.first else { return true }
        TextAnalyzer.standard.fold(text, into: &tokens)
        let folded = tokens.text.base
        var start = 0
        while start + part.count <= tokens.textLength {
            if folded[start] == first {
                var length = 1
                while length < part.count, folded[start + length] == part[length] { length += 1 }
                if length == part.count { return true }
            }
            start += 1
        }
        return false
    }
}
