import Kernels

/// Reads one JSON object (RFC 8259) from a line straight into a document, without a tree in between.
///
/// Strict: what is not JSON is an error with the column it begins at. A value of the wrong kind for its member is an
/// error too; `null` is no value.
struct JSONScanner: ~Copyable {
    /// Deepest nesting of what is skipped.
    static let deepest = 128

    let base: UnsafePointer<UInt8>
    let count: Int
    var at = 0

    /// A scanner of valid UTF-8.
    init(_ line: UnsafeBufferPointer<UInt8>) {
        base = line.baseAddress ?? UnsafePointer(bitPattern: 1)!
        count = line.count
    }

    /// Reads the object.
    mutating func read(
        _ assembler: inout RecordAssembler, into document: inout DocumentBuffer
    ) throws(RecordProblem) {
        skipBlanks()
        guard peek == UInt8(ascii: "{") else {
            throw RecordProblem("expected a JSON object on one line, found \(found); write one document a line")
        }
        var guess = 0
        try readObject(Path(), &assembler, &document, &guess)
        skipBlanks()
        guard at == count else { throw expected("the end of the line after the object") }
    }

    /// Where the scanner is inside the document.
    private struct Path {
        /// Names of the objects around, with a dot behind each.
        var prefix: [UInt8] = []
        var depth = 0
        /// Whether one of them stands in an array.
        var isRepeated = false
    }

    /// Reads the members of an object whose brace is next.
    private mutating func readObject(
        _ path: Path, _ assembler: inout RecordAssembler, _ document: inout DocumentBuffer, _ guess: inout Int
    ) throws(RecordProblem) {
        at += 1
        skipBlanks()
        if peek == UInt8(ascii: "}") {
            at += 1
            return
        }
        while true {
            try readMember(path, &assembler, &document, &guess)
            skipBlanks()
            if peek == UInt8(ascii: "}") {
                at += 1
                return
            }
            guard peek == UInt8(ascii: ",") else { throw expected("a comma or the closing brace") }
            at += 1
            skipBlanks()
        }
    }

    /// Reads an object, or an array of objects, that holds what is looked for.
    private mutating func readBranch(
        _ path: Path, _ assembler: inout RecordAssembler, _ document: inout DocumentBuffer
    ) throws(RecordProblem) {
        guard path.depth < Self.deepest else {
            throw RecordProblem("column \(at + 1): nested deeper than \(Self.deepest) levels")
        }
        var guess = 0
        if peek == UInt8(ascii: "{") { return try readObject(path, &assembler, &document, &guess) }
        if peek == UInt8(ascii: "n") { return try readWord("null") }
        guard peek == UInt8(ascii: "[") else {
            let name = path.prefix.dropLast()
            throw RecordProblem(
                "\"\(String(decoding: name, as: UTF8.self))\" expects an object, found \(found); "
                    + "a field of the schema reads what is in it")
        }
        var inner = path
        inner.isRepeated = true
        inner.depth += 1
        at += 1
        skipBlanks()
        if peek == UInt8(ascii: "]") {
            at += 1
            return
        }
        while true {
            try readBranch(inner, &assembler, &document)
            skipBlanks()
            if peek == UInt8(ascii: "]") {
                at += 1
                return
            }
            guard peek == UInt8(ascii: ",") else { throw expected("a comma or the closing bracket") }
            at += 1
            skipBlanks()
        }
    }

    private mutating func readMember(
        _ path: Path, _ assembler: inout RecordAssembler, _ document: inout DocumentBuffer, _ guess: inout Int
    ) throws(RecordProblem) {
        let start = document.bytes.count
        path.prefix.withUnsafeBytes { document.bytes.append(contentsOf: $0) }
        _ = try readString(into: &document.bytes)
        let name = UnsafeBufferPointer(
            start: document.bytes.base + start, count: document.bytes.count - start)
        let number = assembler.plan.find(name, guess: guess)
        guess = (number ?? guess) + 1
        if number == nil, !assembler.plan.branches.isEmpty, assembler.plan.branches.contains(Array(name)) {
            let inner = Path(prefix: name + [UInt8(ascii: ".")], depth: path.depth + 1, isRepeated: path.isRepeated)
            document.bytes.count = start
            try readColon()
            return try readBranch(inner, &assembler, &document)
        }
        if number == nil, assembler.plan.unknown == .refuse {
            throw RecordProblem(
                "no field of the schema reads \(quoted(name)); "
                    + "add a field, or set \"unknown\": \"ignore\" in the schema"
            )
        }
        document.bytes.count = start
        try readColon()
        guard let number else { return try skipValue(depth: 0) }
        let target = assembler.plan.targets[number]
        if target.member == nil, target.variable == nil { return try skipValue(depth: 0) }
        if let member = target.member { try assembler.open(member, again: path.isRepeated) }
        if peek == UInt8(ascii: "["), let member = target.member {
            try readArray(member, target, &assembler, &document)
        } else {
            try readScalar(target, &assembler, &document)
        }
    }

    private mutating func readColon() throws(RecordProblem) {
        skipBlanks()
        guard peek == UInt8(ascii: ":") else { throw expected("a colon") }
        at += 1
        skipBlanks()
    }

    private mutating func readArray(
        _ member: Int, _ target: InputPlan.Target, _ assembler: inout RecordAssembler, _ document: inout DocumentBuffer
    ) throws(RecordProblem) {
        let about = assembler.plan.members.all[member]
        guard about.multiple else {
            throw RecordProblem(
                "\"\(about.name)\" expects one value, found an array; declare the field with \"multiple\": true")
        }
        at += 1
        skipBlanks()
        if peek == UInt8(ascii: "]") {
            at += 1
            return
        }
        while true {
            try readScalar(target, &assembler, &document)
            skipBlanks()
            if peek == UInt8(ascii: "]") {
                at += 1
                return
            }
            guard peek == UInt8(ascii: ",") else { throw expected("a comma or the closing bracket") }
            at += 1
            skipBlanks()
        }
    }

    private mutating func readScalar(
        _ target: InputPlan.Target, _ assembler: inout RecordAssembler, _ document: inout DocumentBuffer
    ) throws(RecordProblem) {
        switch peek {
        case UInt8(ascii: "\""):
            let (start, length) = try readString(into: &document.bytes)
            try assembler.take(text: start, length, target, converts: false, &document)
        case UInt8(ascii: "-"), 0x30...0x39:
            let text = try readNumber()
            try assembler.take(number: text, target, &document)
        case UInt8(ascii: "n"):
            try readWord("null")
            assembler.takeNull(target)
        case UInt8(ascii: "t"):
            try readWord("true")
            try assembler.take(boolean: true, target, &document)
        case UInt8(ascii: "f"):
            try readWord("false")
            try assembler.take(boolean: false, target, &document)
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            let what = peek == UInt8(ascii: "[") ? "an array" : "an object"
            try skipValue(depth: 0)
            if let member = target.member { throw assembler.mismatch(member, found: what) }
            throw RecordProblem(
                "\"\(String(decoding: target.name, as: UTF8.self))\" expects text for a template, found \(what)")
        default: throw expected("a value")
        }
    }

    /// Appends a string's text to `out`; answers where it is.
    mutating func readString(
        into out: inout GrowableBuffer<UInt8>
    ) throws(RecordProblem) -> (start: Int, length: Int) {
        guard peek == UInt8(ascii: "\"") else { throw expected("a quoted name or text") }
        let open = at
        at += 1
        let start = out.count
        var from = at
        while at < count {
            let byte = base[at]
            if byte == UInt8(ascii: "\"") {
                out.append(from: base + from, count: at - from)
                at += 1
                return (start, out.count - start)
            }
            if byte == UInt8(ascii: "\\") {
                out.append(from: base + from, count: at - from)
                try readEscape(into: &out)
                from = at
            } else if byte < 0x20 {
                let digits = (byte < 16 ? "0" : "") + String(byte, radix: 16)
                throw RecordProblem(
                    "column \(at + 1): a control character inside a text; write it as \\u00\(digits)"
                )
            } else {
                at += 1
            }
        }
        throw RecordProblem("column \(open + 1): the text that begins here is not closed; is the line cut off?")
    }

    private mutating func readEscape(into out: inout GrowableBuffer<UInt8>) throws(RecordProblem) {
        at += 1
        let code: UInt8 = at < count ? base[at] : 0
        at += 1
        switch code {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(code)
        case UInt8(ascii: "n"): out.append(10)
        case UInt8(ascii: "t"): out.append(9)
        case UInt8(ascii: "r"): out.append(13)
        case UInt8(ascii: "b"): out.append(8)
        case UInt8(ascii: "f"): out.append(12)
        case UInt8(ascii: "u"):
            var value = try readHex()
            if value & 0xFC00 == 0xD800, at + 1 < count, base[at] == UInt8(ascii: "\\"),
                base[at + 1] == UInt8(ascii: "u")
            {
                let mark = at
                at += 2
                let low = try readHex()
                if low & 0xFC00 == 0xDC00 {
                    value = 0x10000 + (value & 0x3FF) << 10 + low & 0x3FF
                } else {
                    at = mark
                }
            }
            // A lone half of a surrogate pair stands for no character.
            let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
            for byte in String(Character(scalar)).utf8 { out.append(byte) }
        default:
            throw RecordProblem(
                "column \(at - 1): unknown escape in a text; JSON knows \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u")
        }
    }

    private mutating func readHex() throws(RecordProblem) -> UInt32 {
        guard at + 4 <= count,
            let value = UInt32(
                String(decoding: UnsafeBufferPointer(start: base + at, count: 4), as: UTF8.self), radix: 16),
            base[at] != UInt8(ascii: "+"), base[at] != UInt8(ascii: "-")
        else { throw RecordProblem("column \(at + 1): expected four hexadecimal digits after \\u") }
        at += 4
        return value
    }

    mutating func readNumber() throws(RecordProblem) -> UnsafeBufferPointer<UInt8> {
        let start = at
        if peek == UInt8(ascii: "-") { at += 1 }
        let isZero = peek == 0x30
        let whole = skipDigits()
        guard whole == 1 || whole > 1 && !isZero else { throw badNumber(start) }
        if peek == UInt8(ascii: ".") {
            at += 1
            guard skipDigits() > 0 else { throw badNumber(start) }
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            at += 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { at += 1 }
            guard skipDigits() > 0 else { throw badNumber(start) }
        }
        return UnsafeBufferPointer(start: base + start, count: at - start)
    }

    private func badNumber(_ start: Int) -> RecordProblem {
        RecordProblem("column \(start + 1): this is no number in JSON's notation")
    }

    private mutating func skipDigits() -> Int {
        let start = at
        while at < count, base[at] &- 0x30 < 10 { at += 1 }
        return at - start
    }

    mutating func readWord(_ word: StaticString) throws(RecordProblem) {
        guard at + word.utf8CodeUnitCount <= count else { throw expected("a value") }
        for i in 0..<word.utf8CodeUnitCount where base[at + i] != word.utf8Start[i] { throw expected("a value") }
        at += word.utf8CodeUnitCount
    }

    @inline(__always)
    var peek: UInt8 { at < count ? base[at] : 0 }

    @inline(__always)
    mutating func skipBlanks() {
        while at < count, base[at] == 0x20 || base[at] == 9 || base[at] == 13 || base[at] == 10 { at &+= 1 }
    }

    var found: String {
        at < count ? quoted(UnsafeBufferPointer(start: base + at, count: min(12, count - at))) : "the end of the line"
    }

    func expected(_ what: String) -> RecordProblem {
        RecordProblem("column \(at + 1): expected \(what), found \(found)")
    }
}
