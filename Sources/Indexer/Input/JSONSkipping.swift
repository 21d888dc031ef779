import Kernels

extension JSONScanner {
    /// Where the elements of an array are, or the one value that is none.
    mutating func elements() throws(RecordProblem) -> [Range<Int>] {
        skipBlanks()
        var found: [Range<Int>] = []
        func take(_ scanner: inout JSONScanner) throws(RecordProblem) {
            let start = scanner.at
            try scanner.skipValue(depth: 0)
            found.append(start..<scanner.at)
            scanner.skipBlanks()
        }
        if peek == UInt8(ascii: "[") {
            at += 1
            skipBlanks()
            if peek != UInt8(ascii: "]") {
                try take(&self)
                while peek == UInt8(ascii: ",") {
                    at += 1
                    skipBlanks()
                    try take(&self)
                }
            }
            guard peek == UInt8(ascii: "]") else { throw expected("a comma or the closing bracket") }
            at += 1
            skipBlanks()
        } else {
            try take(&self)
        }
        guard at == count else { throw expected("the end of the text") }
        return found
    }

    /// Steps over a value, whatever it is.
    mutating func skipValue(depth: Int) throws(RecordProblem) {
        guard depth < Self.deepest else {
            throw RecordProblem("column \(at + 1): nested deeper than \(Self.deepest) levels")
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

    private mutating func skipItems(closing: UInt8, named: Bool, _ depth: Int) throws(RecordProblem) {
        at += 1
        skipBlanks()
        if peek == closing {
            at += 1
            return
        }
        while true {
            if named {
                guard peek == UInt8(ascii: "\"") else { throw expected("a quoted name") }
                try skipValue(depth: depth + 1)
                skipBlanks()
                guard peek == UInt8(ascii: ":") else { throw expected("a colon") }
                at += 1
                skipBlanks()
            }
            try skipValue(depth: depth + 1)
            skipBlanks()
            if peek == closing {
                at += 1
                return
            }
            guard peek == UInt8(ascii: ",") else { throw expected("a comma or the closing bracket") }
            at += 1
            skipBlanks()
        }
    }
}
