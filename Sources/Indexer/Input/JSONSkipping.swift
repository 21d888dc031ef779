import Kernels

extension JSONScanner {
    /// Returns the ranges of the elements of an array, or of the single value when it is not an array. Errors: text
    /// that is not JSON.
    mutating func elements() throws(RecordProblem) -> [Range<Int>] {
        skipBlanks()
        var ranges: [Range<Int>] = []
        func appendElement(_ scanner: inout JSONScanner) throws(RecordProblem) {
            let start = scanner.position
            try scanner.skipValue(depth: 0)
            ranges.append(start..<scanner.position)
            scanner.skipBlanks()
        }
        if peek == UInt8(ascii: "[") {
            if enterItems(closing: UInt8(ascii: "]")) {
                repeat {
                    try appendElement(&self)
                } while try nextItem(closing: UInt8(ascii: "]"))
            }
            skipBlanks()
        } else {
            try appendElement(&self)
        }
        guard position == count else { throw expected("the end of the text") }
        return ranges
    }

    /// Skips a value of any kind, nested at most `maxDepth` levels; what is skipped must be JSON as well.
    ///
    /// Recursive: `depth` bounds the stack. Errors: text that is not JSON, and deeper nesting.
    mutating func skipValue(depth: Int) throws(RecordProblem) {
        guard depth < Self.maxDepth else {
            throw RecordProblem("column \(position + 1): nested deeper than \(Self.maxDepth) levels")
        }
        switch peek {
        case UInt8(ascii: "\""):
            var ignored = GrowableBuffer<UInt8>(capacity: 64)
            _ = try readString(into: &ignored)
        case UInt8(ascii: "-"), 0x30...0x39: _ = try readNumber()
        case UInt8(ascii: "t"): try readWord("true")
        case UInt8(ascii: "f"): try readWord("false")
        case UInt8(ascii: "n"): try readWord("null")
        case UInt8(ascii: "["): try skipItems(closing: UInt8(ascii: "]"), named: false, depth)
        case UInt8(ascii: "{"): try skipItems(closing: UInt8(ascii: "}"), named: true, depth)
        default: throw expected("a value")
        }
    }

    /// Skips the rest of an array or, with `named`, an object.
    private mutating func skipItems(closing: UInt8, named: Bool, _ depth: Int) throws(RecordProblem) {
        guard enterItems(closing: closing) else { return }
        repeat {
            if named {
                guard peek == UInt8(ascii: "\"") else { throw expected("a quoted name") }
                try skipValue(depth: depth + 1)
                try readColon()
            }
            try skipValue(depth: depth + 1)
        } while try nextItem(closing: closing)
    }
}
