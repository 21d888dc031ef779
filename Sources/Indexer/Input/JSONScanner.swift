import Kernels
import Segments

/// A parser of one JSON object (RFC 8259), from a line straight into a document, without a tree in between.
///
/// Strict: text that is not JSON is an error with the column where it starts. A value of the wrong kind for its member
/// is an error as well; `null` is no value. Names, escapes and nesting are arbitrary input: no text makes the parser
/// crash or recurse without bound.
struct JSONScanner: ~Copyable {
    /// The maximum nesting of values.
    static let maxDepth = 128

    /// The bytes of the line.
    let base: UnsafePointer<UInt8>
    let count: Int
    /// The offset of the next byte.
    var position = 0
    /// The number of halves of surrogate pairs that were replaced by U+FFFD so far.
    private(set) var repairs = 0

    /// Creates a parser of valid UTF-8, which must outlive it.
    init(_ line: UnsafeBufferPointer<UInt8>) {
        base = line.baseAddress ?? UnsafePointer(bitPattern: 1)!
        count = line.count
    }

    /// Parses the object and stores its members through the assembler.
    ///
    /// Complexity: O(bytes). Errors: text that is not JSON, and values that the plan refuses.
    mutating func read(_ assembler: inout RecordAssembler, into document: inout DocumentBuffer) throws(RecordProblem) {
        skipBlanks()
        guard peek == UInt8(ascii: "{") else {
            throw RecordProblem("expected a JSON object on one line, found \(found); write one document a line")
        }
        var guess = 0
        try readObject(Path(), &assembler, &document, &guess)
        skipBlanks()
        guard position == count else { throw expected("the end of the line after the object") }
    }

    /// The path of the object that is being parsed.
    private struct Path {
        /// The names of the enclosing objects, with a dot after each.
        var prefix: [UInt8] = []
        /// The number of enclosing objects and arrays.
        var depth = 0
        /// True if one of them is in an array.
        var isRepeated = false
    }

    /// Parses the members of an object whose brace is next.
    private mutating func readObject(
        _ path: Path, _ assembler: inout RecordAssembler, _ document: inout DocumentBuffer, _ guess: inout Int
    ) throws(RecordProblem) {
        guard enterItems(closing: UInt8(ascii: "}")) else { return }
        repeat {
            try readMember(path, &assembler, &document, &guess)
        } while try nextItem(closing: UInt8(ascii: "}"), "brace")
    }

    /// Parses an object, or an array of objects, that contains members of the schema.
    private mutating func readBranch(
        _ path: Path, _ assembler: inout RecordAssembler, _ document: inout DocumentBuffer
    ) throws(RecordProblem) {
        guard path.depth < Self.maxDepth else {
            throw RecordProblem("column \(position + 1): nested deeper than \(Self.maxDepth) levels")
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
        guard enterItems(closing: UInt8(ascii: "]")) else { return }
        repeat {
            try readBranch(inner, &assembler, &document)
        } while try nextItem(closing: UInt8(ascii: "]"))
    }

    /// Parses a name and its value: skips it, descends into it, or adds it to the name's target.
    ///
    /// `guess` is the index of the target that the name probably has: one more than that of the member before. Errors:
    /// an unknown member when the plan refuses them, a member that is given twice.
    private mutating func readMember(
        _ path: Path, _ assembler: inout RecordAssembler, _ document: inout DocumentBuffer, _ guess: inout Int
    ) throws(RecordProblem) {
        let start = document.bytes.count
        path.prefix.withUnsafeBytes { document.bytes.append(contentsOf: $0) }
        _ = try readString(into: &document.bytes)
        let name = UnsafeBufferPointer(start: document.bytes.base + start, count: document.bytes.count - start)
        let targetIndex = assembler.plan.find(name, guess: guess)
        guess = (targetIndex ?? guess) + 1
        if targetIndex == nil, !assembler.plan.branches.isEmpty, assembler.plan.branches.contains(Array(name)) {
            let inner = Path(prefix: name + [UInt8(ascii: ".")], depth: path.depth + 1, isRepeated: path.isRepeated)
            document.bytes.count = start
            try readColon()
            return try readBranch(inner, &assembler, &document)
        }
        if targetIndex == nil, assembler.plan.unknown == .refuse {
            throw RecordProblem(
                "no field of the schema reads \(quoted(name)); "
                    + "add a field, or set \"unknown\": \"ignore\" in the schema")
        }
        document.bytes.count = start
        try readColon()
        guard let targetIndex else { return try skipValue(depth: 0) }
        let target = assembler.plan.targets[targetIndex]
        if target.member == nil, target.variable == nil { return try skipValue(depth: 0) }
        if let member = target.member { try assembler.open(member, again: path.isRepeated) }
        if peek == UInt8(ascii: "["), let member = target.member {
            try readArray(member, target, &assembler, &document)
        } else {
            try readScalar(target, &assembler, &document)
        }
    }

    /// Parses the colon after a name, with the blanks around it.
    mutating func readColon() throws(RecordProblem) {
        skipBlanks()
        guard peek == UInt8(ascii: ":") else { throw expected("a colon") }
        position += 1
        skipBlanks()
    }

    /// Parses an array of scalars for a member that may have several values.
    private mutating func readArray(
        _ member: Int, _ target: InputPlan.Target, _ assembler: inout RecordAssembler, _ document: inout DocumentBuffer
    ) throws(RecordProblem) {
        let info = assembler.plan.members.all[member]
        guard info.multiple else {
            throw RecordProblem(
                "\"\(info.name)\" expects one value, found an array; declare the field with \"multiple\": true")
        }
        guard enterItems(closing: UInt8(ascii: "]")) else { return }
        repeat {
            try readScalar(target, &assembler, &document)
        } while try nextItem(closing: UInt8(ascii: "]"))
    }

    /// Parses a text, number, boolean or null for a target.
    private mutating func readScalar(
        _ target: InputPlan.Target, _ assembler: inout RecordAssembler, _ document: inout DocumentBuffer
    ) throws(RecordProblem) {
        switch peek {
        case UInt8(ascii: "\""):
            let (start, length) = try readString(into: &document.bytes)
            try assembler.add(text: start, length, target, converts: false, &document)
        case UInt8(ascii: "-"), 0x30...0x39:
            let text = try readNumber()
            try assembler.add(number: text, target, &document)
        case UInt8(ascii: "n"):
            try readWord("null")
            assembler.addNull(target)
        case UInt8(ascii: "t"):
            try readWord("true")
            try assembler.add(boolean: true, target, &document)
        case UInt8(ascii: "f"):
            try readWord("false")
            try assembler.add(boolean: false, target, &document)
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            let what = peek == UInt8(ascii: "[") ? "an array" : "an object"
            try skipValue(depth: 0)
            if let member = target.member { throw assembler.mismatch(member, found: what) }
            throw RecordProblem(
                "\"\(String(decoding: target.name, as: UTF8.self))\" expects text for a template, found \(what)")
        default: throw expected("a value")
        }
    }

    /// Appends a string's text to `out`, escapes resolved; returns its range there.
    ///
    /// Half of a surrogate pair becomes U+FFFD. Errors: control characters, unknown escapes, and a string that is not
    /// closed.
    mutating func readString(into out: inout GrowableBuffer<UInt8>) throws(RecordProblem) -> (start: Int, length: Int) {
        guard peek == UInt8(ascii: "\"") else { throw expected("a quoted name or text") }
        let open = position
        position += 1
        let start = out.count
        var from = position
        while position < count {
            let byte = base[position]
            if byte == UInt8(ascii: "\"") {
                out.append(from: base + from, count: position - from)
                position += 1
                return (start, out.count - start)
            }
            if byte == UInt8(ascii: "\\") {
                out.append(from: base + from, count: position - from)
                try readEscape(into: &out)
                from = position
            } else if byte < 0x20 {
                let digits = (byte < 16 ? "0" : "") + String(byte, radix: 16)
                throw RecordProblem(
                    "column \(position + 1): a control character inside a text; write it as \\u00\(digits)")
            } else {
                position += 1
            }
        }
        throw RecordProblem("column \(open + 1): the text that begins here is not closed; is the line cut off?")
    }

    /// Appends the character of an escape sequence.
    private mutating func readEscape(into out: inout GrowableBuffer<UInt8>) throws(RecordProblem) {
        position += 1
        let code: UInt8 = position < count ? base[position] : 0
        position += 1
        switch code {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(code)
        case UInt8(ascii: "n"): out.append(10)
        case UInt8(ascii: "t"): out.append(9)
        case UInt8(ascii: "r"): out.append(13)
        case UInt8(ascii: "b"): out.append(8)
        case UInt8(ascii: "f"): out.append(12)
        case UInt8(ascii: "u"):
            var value = try readHex()
            if value & 0xFC00 == 0xD800, position + 1 < count, base[position] == UInt8(ascii: "\\"),
                base[position + 1] == UInt8(ascii: "u")
            {
                let mark = position
                position += 2
                let low = try readHex()
                if low & 0xFC00 == 0xDC00 {
                    value = 0x10000 + (value & 0x3FF) << 10 + low & 0x3FF
                } else {
                    position = mark
                }
            }
            let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
            // A lone half of a surrogate pair is no character.
            if scalar.value != value { repairs += 1 }
            for byte in String(Character(scalar)).utf8 { out.append(byte) }
        default:
            throw RecordProblem(
                "column \(position - 1): unknown escape in a text; JSON has \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u")
        }
    }

    /// Parses four hexadecimal digits.
    private mutating func readHex() throws(RecordProblem) -> UInt32 {
        guard position + 4 <= count,
            let value = UInt32(
                String(decoding: UnsafeBufferPointer(start: base + position, count: 4), as: UTF8.self), radix: 16),
            base[position] != UInt8(ascii: "+"), base[position] != UInt8(ascii: "-")
        else { throw RecordProblem("column \(position + 1): expected four hexadecimal digits after \\u") }
        position += 4
        return value
    }

    /// Returns the bytes of a number in JSON's notation, which alias the line. Errors: a number in another notation.
    mutating func readNumber() throws(RecordProblem) -> UnsafeBufferPointer<UInt8> {
        let start = position
        if peek == UInt8(ascii: "-") { position += 1 }
        let isZero = peek == 0x30
        let whole = skipDigits()
        guard whole == 1 || whole > 1 && !isZero else { throw badNumber(start) }
        if peek == UInt8(ascii: ".") {
            position += 1
            guard skipDigits() > 0 else { throw badNumber(start) }
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            position += 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { position += 1 }
            guard skipDigits() > 0 else { throw badNumber(start) }
        }
        return UnsafeBufferPointer(start: base + start, count: position - start)
    }

    /// Returns the error for a number in another notation.
    private func badNumber(_ start: Int) -> RecordProblem {
        RecordProblem("column \(start + 1): this is no number in JSON's notation")
    }

    /// Skips digits and returns how many there were.
    private mutating func skipDigits() -> Int {
        let start = position
        while position < count, base[position] &- 0x30 < 10 { position += 1 }
        return position - start
    }

    /// Parses `null`, `true` or `false`.
    mutating func readWord(_ word: StaticString) throws(RecordProblem) {
        guard position + word.utf8CodeUnitCount <= count else { throw expected("a value") }
        for i in 0..<word.utf8CodeUnitCount where base[position + i] != word.utf8Start[i] { throw expected("a value") }
        position += word.utf8CodeUnitCount
    }

    /// The next byte; 0 at the end.
    @inline(__always)
    var peek: UInt8 { position < count ? base[position] : 0 }

    /// Skips spaces, tabs and line breaks.
    @inline(__always)
    mutating func skipBlanks() {
        while position < count,
            base[position] == 0x20 || base[position] == 9 || base[position] == 13 || base[position] == 10
        {
            position &+= 1
        }
    }

    /// Steps into an array or object. False if it is empty, and then steps over its end.
    @inline(__always)
    mutating func enterItems(closing: UInt8) -> Bool {
        position += 1
        skipBlanks()
        if peek != closing { return true }
        position += 1
        return false
    }

    /// Steps over the comma after an item, to the next item. False if there is none, and then steps over the end of the
    /// array or object; `bracket` is what messages call its sign.
    @inline(__always)
    mutating func nextItem(closing: UInt8, _ bracket: StaticString = "bracket") throws(RecordProblem) -> Bool {
        skipBlanks()
        let isComma = peek == UInt8(ascii: ",")
        guard isComma || peek == closing else { throw expected("a comma or the closing \(bracket)") }
        position += 1
        if isComma { skipBlanks() }
        return isComma
    }

    /// The next few characters, for messages.
    var found: String {
        position < count
            ? quoted(UnsafeBufferPointer(start: base + position, count: min(12, count - position)))
            : "the end of the line"
    }

    /// Returns the error for unexpected input at the current position.
    func expected(_ what: String) -> RecordProblem {
        RecordProblem("column \(position + 1): expected \(what), found \(found)")
    }
}
